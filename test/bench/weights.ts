import { ModelEma } from 'rx-ema';
import { nativeTfjs } from '../support/need.js';
import { BACKENDS, tf, use, type Backend } from '../support/backends.js';
import { curve, type Contest, type Size } from './harness.js';

const DECAY = 0.999;

/** A model's weights, as tensors against `tf.movingAverage` on each backend, as typed arrays against memcpy. */
export async function weights(size: Size): Promise<Contest[]> {
  const backends = BACKENDS.filter((backend) => backend !== 'tensorflow' || nativeTfjs.find() !== null);
  const contests = [typedArrays(shapesOf(size))];
  for (const backend of backends) {
    await use(backend);
    contests.push(onBackend(backend, shapesOf(size)));
  }
  return contests;
}

/** Some dense layers: about a million weights, or a few. */
function shapesOf({ smoke }: Size): Readonly<Record<string, [number, number]>> {
  const wide = smoke ? 16 : 512;
  const kernels = Array.from({ length: 4 }, (_, i) => [`dense${i}/kernel`, [wide, wide]]);
  const biases = Array.from({ length: 4 }, (_, i) => [`dense${i}/bias`, [1, wide]]);
  return Object.fromEntries([...kernels, ...biases]) as Record<string, [number, number]>;
}

type Shapes = ReturnType<typeof shapesOf>;
/** Updates after the first weights, which `ours` has to copy and the peer has not: many, so that this weighs little. */
const TURNS = 12;

const sizeOf = (shapes: Shapes): number => Object.values(shapes).reduce((sum, [a, b]) => sum + a * b, 0);

const valuesOf = (shapes: Shapes, seed: number): Record<string, Float32Array> =>
  Object.fromEntries(
    Object.entries(shapes).map(([name, [a, b]], i) => [name, Float32Array.from(curve(a * b, seed + i))]),
  );

function onBackend(backend: Backend, shapes: Shapes): Contest {
  const make = (seed: number): Record<string, tf.Tensor> =>
    Object.fromEntries(
      Object.entries(valuesOf(shapes, seed)).map(([name, values]) => [name, tf.keep(tf.tensor(values, shapes[name]))]),
    );
  const [first, next] = [make(5), make(50)];
  const decay = tf.keep(tf.scalar(DECAY));
  return {
    name: `weights: ModelEma of tensors, ${backend}`,
    unit: 'element',
    count: TURNS * sizeOf(shapes),
    peerName: 'tf.movingAverage',
    ours: () => {
      const ema = new ModelEma<tf.Tensor>({ decay: DECAY });
      ema.update(first);
      for (let i = 0; i < TURNS; i++) ema.update(next);
      const total = totalOf(ema.shadow);
      ema.dispose();
      return total;
    },
    peer: () => {
      const shadow: Record<string, tf.Tensor> = { ...first };
      for (let i = 0; i < TURNS; i++) {
        for (const name of Object.keys(shadow)) {
          const before = shadow[name]!;
          shadow[name] = tf.movingAverage(before, next[name]!, decay, undefined, false);
          if (i > 0) before.dispose();
        }
      }
      const total = totalOf(shadow);
      tf.dispose(shadow);
      return total;
    },
    tolerance: 1e-6,
  };
}

/** The first elements only: enough to wait for the backend and to see that the numbers are right. */
function totalOf(shadow: Readonly<Record<string, tf.Tensor>>): number {
  return Object.values(shadow).reduce(
    (sum, one) => sum + tf.tidy(() => tf.slice(one, [0, 0], [1, 1]).dataSync()[0]!),
    0,
  );
}

function typedArrays(shapes: Shapes): Contest {
  const [first, next] = [valuesOf(shapes, 5), valuesOf(shapes, 50)];
  const copies = valuesOf(shapes, 5);
  const ema = new ModelEma<Float32Array>({ decay: DECAY });
  return {
    name: 'weights: ModelEma of Float32Array',
    unit: 'element',
    count: TURNS * sizeOf(shapes),
    peerName: 'memcpy',
    ours: () => {
      ema.reset();
      ema.update(first);
      for (let i = 0; i < TURNS; i++) ema.update(next);
      return Object.values(ema.shadow).reduce((sum, one) => sum + one[0]!, 0);
    },
    peer: () => {
      for (let i = 0; i < TURNS; i++) for (const name of Object.keys(shapes)) copies[name]!.set(next[name]!);
      return Object.values(copies).reduce((sum, one) => sum + one[0]!, 0);
    },
    expected: Object.keys(shapes).reduce((sum, name) => {
      const [start, end] = [first[name]![0]!, next[name]![0]!];
      return sum + end + (start - end) * DECAY ** TURNS;
    }, 0),
    tolerance: 1e-6,
  };
}
