// Runs in a browser: the test beside it calls these by name, and what they return travels as JSON.
import * as tf from '@tensorflow/tfjs';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { Subject } from 'rxjs';
import { biasCorrected, ModelEma, modelEma, withEmaWeights, type ModelEmaOptions, type WeightMap } from 'rx-ema';
import { crawlsBeside, movesOtherwise, propagatesOtherwise, WAYS } from '../averages/twin.js';

type Tensors = WeightMap<tf.Tensor>;
/** What the ways to run differ in. */
type Chosen = Pick<ModelEmaOptions<tf.Tensor>, 'compensated' | 'emit'>;
type WayName = keyof typeof WAYS;

tf.env().set('IS_TEST', true);
setWasmPaths('/');
setThreadsCount(1);

/** @param forwarding - tfjs's webgl runs small tensors on the CPU unless told not to */
export async function use(backend: string, forwarding = true): Promise<Record<string, unknown>> {
  if (!(await tf.setBackend(backend))) throw new Error(`tfjs could not start its backend ${backend}`);
  await tf.ready();
  if (backend !== 'webgl') return {};
  tf.env().set('WEBGL_CPU_FORWARD', forwarding);
  return { version: tf.env().get('WEBGL_VERSION'), float32: tf.env().get('WEBGL_RENDER_FLOAT32_CAPABLE') };
}

export const moves = (name: WayName, compensated: boolean, relative: number, runs: number): string | null =>
  movesOtherwise(WAYS[name], compensated, relative, runs);

export const propagates = (name: WayName, relative: number): string[] => propagatesOtherwise(WAYS[name], relative);

export const crawls = (name: WayName, compensated: boolean, updates: number): number =>
  crawlsBeside(WAYS[name], compensated, updates);

/** A large weight and small ones of every dtype, as the backend has them. */
function weights(x: number, hole = x): Tensors {
  return {
    kernel: tf.tensor2d(
      Float32Array.from({ length: 3000 }, (_, i) => (i === 1 ? hole : x)),
      [30, 100],
    ),
    bias: tf.tensor1d([x, hole]),
    scale: tf.scalar(x),
    deep: tf.tensor(new Float32Array(64).fill(x), [1, 2, 2, 2, 2, 4]),
    nothing: tf.tensor2d([], [0, 3]),
    count: tf.scalar(x, 'int32'),
    total: tf.tensor1d(new Int32Array(300).fill(x)),
    mask: tf.tensor1d([true, x > 4], 'bool'),
  };
}

/** Of each its dtype, shape, first two elements and last one. */
function read(map: Tensors): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(map).map(([name, one]) => {
      const values = Array.from(one.dataSync());
      return [name, [one.dtype, one.shape, ...values.slice(0, 2), ...values.slice(2).slice(-1)]];
    }),
  );
}

const free = (map: Tensors): void => tf.dispose(map);

function updated(ema: ModelEma<tf.Tensor>, given: Tensors): Tensors {
  const out = ema.update(given);
  free(given);
  return out;
}

const rule = (name: string): 'average' | 'copy' => (name === 'count' || name === 'mask' ? 'copy' : 'average');

/** Guard and empty elements, integers averaged and copied; the map that a resumed one goes on with. */
export function averaged(options: Chosen) {
  const all = { decay: 0.5, rule, ...options };
  const ema = new ModelEma<tf.Tensor>(all);
  updated(ema, weights(4, NaN));
  updated(ema, weights(8, -Infinity));
  updated(ema, weights(2, 6));
  updated(ema, weights(2, NaN));
  const snapshot = ema.snapshot();
  const out = read(updated(ema, weights(2, 2)));
  const resumed = new ModelEma<tf.Tensor>(all, snapshot);
  const again = read(updated(resumed, weights(2, 2)));
  const { refused, updates } = ema;
  for (const one of [ema, resumed]) one.dispose();
  return { out, again, refused, updates };
}

/** Runs `work` and counts how often data is read back meanwhile, by whatever way. */
function readsDuring(work: () => void): number {
  let reads = 0;
  const backend = tf.backend() as unknown as Record<'readSync' | 'read', (...given: unknown[]) => unknown>;
  const own = { readSync: backend.readSync, read: backend.read };
  for (const way of ['readSync', 'read'] as const) {
    backend[way] = (...given) => {
      reads++;
      return own[way].apply(backend, given);
    };
  }
  try {
    work();
  } finally {
    Object.assign(backend, own);
  }
  return reads;
}

/** How often updates read, NaN and all, and how often asking for the count does. */
export function reads(options: Chosen): {
  updates: number;
  refused: number;
  count: number;
} {
  const ema = new ModelEma<tf.Tensor>({ decay: 0.9, ...options });
  const updates = readsDuring(() => {
    for (const [x, hole] of [
      [4, 4],
      [8, NaN],
      [NaN, Infinity],
      [3, 3],
    ] as const) {
      const out = updated(ema, weights(x, hole));
      if (options.emit === 'copy') free(out);
    }
  });
  let count = 0;
  const refused = readsDuring(() => (count = ema.refused));
  ema.dispose();
  return { updates, refused, count };
}

interface Held {
  readonly tensors: number;
  readonly bytes: number;
  readonly gpuBytes: number;
}
function held(): Held {
  const { numTensors, numBytes, numBytesInGPU = 0 } = tf.memory() as tf.MemoryInfo & { numBytesInGPU?: number };
  return { tensors: numTensors, bytes: numBytes, gpuBytes: numBytesInGPU };
}

/** What is held after 20 and after 220 updates, and when a stream has ended, against before. */
export function memory(options: Chosen, corrected: boolean, failing: boolean) {
  const before = held();
  const source = new Subject<Tensors>();
  const raw = source.pipe(modelEma<tf.Tensor>({ decay: 0.9, ...options }));
  let last: Tensors = {};
  (corrected ? raw.pipe(biasCorrected()) : raw).subscribe({
    next: (out) => {
      if (options.emit === 'copy') free(last);
      last = out;
    },
    error: () => {},
  });
  let early: Held | undefined;
  for (let n = 0; n < 220; n++) {
    if (n === 20) early = held();
    const given = weights(n % 7, n % 5 === 0 ? NaN : 1);
    source.next(given);
    free(given);
  }
  const late = held();
  if (failing) source.error(new Error('no more'));
  else source.complete();
  if (!failing || options.emit === 'copy') free(last);
  return { before, early: early!, late, after: held() };
}

/** The model's weights before, during and after a swap, and what was held before and after it. */
export function swapped() {
  const value = weights(4);
  const entries = Object.entries(value).filter(([name]) => name !== 'nothing');
  const model = Object.fromEntries(entries.map(([name, one]) => [name, tf.variable(one)]));
  free(value);
  const ema = new ModelEma<tf.Tensor>({ decay: 0.5 });
  ema.update(model);
  for (const [name, one] of Object.entries(weights(8))) {
    model[name]?.assign(one);
    one.dispose();
  }
  ema.update(model);
  const before = held();
  const own = read(model);
  const inside = withEmaWeights(model, ema.shadow, () => read(model));
  const restored = read(model);
  const after = held();
  const next = read(ema.update(model));
  ema.dispose();
  free(model);
  return { own, inside, restored, next, before, after };
}

/** 12 after 4, half the way, where the backend was another in between. */
export async function moved(first: string, second: string) {
  await use(first);
  const before = held();
  const ema = new ModelEma<tf.Tensor>({ decay: 0.5 });
  updated(ema, weights(4));
  updated(ema, weights(8, NaN));
  await use(second);
  const out = read(updated(ema, weights(8)));
  const { refused } = ema;
  ema.dispose();
  return { out, refused, left: held().tensors - before.tensors };
}
