// A process of its own, whose memory is that of model weights and little else; the last line it prints is what it measured.
import { ModelEma, type WeightMap } from 'rx-ema';
import { tf, use, type Backend } from './backends.js';
import { bytesHeld } from './bytesHeld.js';

export interface Held {
  /** Resident memory of the process. */
  readonly rss: number;
  /** JavaScript's heap and array buffers after a collection. */
  readonly heap: number;
  readonly tensors: number;
  readonly tensorBytes: number;
}
/** `begun` is before the first update, `most` the largest resident memory while the early updates ran. */
export interface LongRun {
  readonly shadowBytes: number;
  readonly largestBytes: number;
  readonly begun: Held;
  readonly most: number;
  readonly early: Held;
  readonly late: Held;
}

const [where, emit, sizes, early, late] = JSON.parse(process.argv[2]!) as [
  Backend | 'arrays',
  'live' | 'copy',
  readonly number[],
  number,
  number,
];

type Weight = tf.Tensor | Float32Array;
type Made = WeightMap<Weight>;

/** @param hole - the second element of the first weight */
function weights(x: number, hole = x): Made {
  return Object.fromEntries(
    sizes.map((size, i) => {
      const values = new Float32Array(size).fill(x);
      if (i === 0) values[1] = hole;
      return [`w${i}`, where === 'arrays' ? values : uploaded(tf.tensor1d(values))];
    }),
  );
}

/** In the backend's own memory: tfjs-node leaves a tensor in the array it was made of until an op wants it. */
function uploaded(tensor: tf.Tensor): tf.Tensor {
  const own = tf.mul(tensor, 1);
  tensor.dispose();
  return own;
}
const free = (map: Made): void => {
  if (where !== 'arrays') tf.dispose(map);
};

function held(): Held {
  const heap = bytesHeld();
  const { rss } = process.memoryUsage();
  if (where === 'arrays') return { rss, heap, tensors: 0, tensorBytes: 0 };
  const { numTensors, numBytes } = tf.memory();
  return { rss, heap, tensors: numTensors, tensorBytes: numBytes };
}

if (where !== 'arrays') await use(where);
// what comes in is there before and stays: of three maps one is torn
const maps = [weights(1), weights(2), weights(3, NaN)];
const begun = held();
const ema = new ModelEma<Weight>({ decay: 0.999, emit });

let most = begun.rss;
let last: Made = {};
function run(updates: number): Held {
  for (let n = 0; n < updates; n++) {
    // mostly ordinary ones, now and then a torn one
    const out = ema.update(maps[n % 50 === 49 ? 2 : n % 2]!);
    if (emit === 'copy') {
      free(last); // the receiver keeps one until the next is there
      last = out;
    }
    if (n < 20) most = Math.max(most, process.memoryUsage.rss());
  }
  return held();
}

const bytes = sizes.map((size) => 4 * size);
const measured: LongRun = {
  shadowBytes: bytes.reduce((a, b) => a + b, 0),
  largestBytes: Math.max(...bytes),
  begun,
  early: run(early),
  late: run(late - early),
  most,
};
console.log(JSON.stringify(measured));
