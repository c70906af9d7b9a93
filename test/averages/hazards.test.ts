import {
  assignWeights,
  decodeSafetensors,
  encodeSafetensors,
  ModelEma,
  withEmaWeights,
  type ModelEmaOptions,
  type Snapshot,
  type WeightMap,
} from 'rx-ema';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, vi } from 'vitest';
import { BACKENDS, tf, use, withBackends } from '../support/backends.js';

/** On both sides of every threshold: tensors of the two sizes are kept in different memory. */
const SIZES = [4, 5000];
const filled = (size: number, x: number): tf.Tensor => tf.tensor1d(Float32Array.from({ length: size }, () => x));
const first = (tensor: tf.Tensor): number => tensor.dataSync()[0]!;

/** Each by itself: one that keeps the shadow's data in use would hide what another does. */
const MADE: Readonly<Record<string, (w: tf.Tensor) => tf.Tensor>> = {
  slice: (w) => w.slice([0], [2]),
  'strided slice': (w) => tf.stridedSlice(w, [0], [2], [1]),
  split: (w) => tf.split(w, 2)[0]!,
  clone: (w) => w.clone(),
  reshape: (w) => w.reshape([2, w.size / 2]),
  variable: (w) => tf.variable(w),
  'variable of a slice': (w) => tf.variable(w.slice([0], [2])),
};

withBackends(BACKENDS, 'what was made of a live shadow', () => {
  const rows = Object.keys(MADE).flatMap((name) => SIZES.map((size) => [name, size] as const));
  it.each(rows)('(a %s) stays what it is as the shadow of %i elements moves on', (name, size) => {
    const ema = new ModelEma<tf.Tensor>({ decay: 0.5 });
    ema.update({ w: filled(size, 8) });
    const made = MADE[name]!(ema.shadow['w']!);
    for (const x of [0, 0, 0]) ema.update({ w: filled(size, x) });
    expect(first(made)).toBe(8);
    expect(first(ema.shadow['w']!)).toBe(1);
    ema.dispose();
  });
});

const averaged = (Model: typeof ModelEma, value: number): ModelEma<tf.Tensor> => {
  const ema = new Model<tf.Tensor>({ decay: 0.5 });
  ema.update(Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`w${i}`, filled(5000, value)])));
  return ema;
};

const values = (ema: ModelEma<tf.Tensor>): number[] => Object.values(ema.shadow).map(first);

withBackends(['tensorflow'], 'two copies of the package', () => {
  it('have averages of their own', async () => {
    const one = averaged(ModelEma, 8);
    vi.resetModules();
    const { ModelEma: Other } = (await import('rx-ema')) as { ModelEma: typeof ModelEma };
    expect(Other).not.toBe(ModelEma);
    const other = averaged(Other, 100);
    one.update(Object.fromEntries(Object.keys(one.shadow).map((name) => [name, filled(5000, 0)])));
    expect(values(one)).toEqual(Array.from({ length: 100 }, () => 4));
    expect(values(other)).toEqual(Array.from({ length: 100 }, () => 100));
    other.dispose();
    one.update(Object.fromEntries(Object.keys(one.shadow).map((name) => [name, filled(5000, 0)])));
    expect(values(one)).toEqual(Array.from({ length: 100 }, () => 2));
    one.dispose();
  });
});

/** A map whose `w` is another one each time it is asked for. */
const changing = (...weights: tf.Tensor[]): WeightMap<tf.Tensor> =>
  Object.defineProperty({}, 'w', { enumerable: true, get: () => weights.shift() });

const failing = (): WeightMap<tf.Tensor> => {
  let asked = 0;
  const w = filled(5000, 1);
  return Object.defineProperty({ a: w, b: w }, 'b', {
    enumerable: true,
    get: () => {
      if (++asked > 1) throw new Error('the file is gone');
      return w;
    },
  });
};

withBackends(BACKENDS, 'a getter', () => {
  it.each(SIZES)('that gives another length the second time is refused before memory of %i elements moves', (size) => {
    const ema = new ModelEma<tf.Tensor>({ decay: 0.5 });
    ema.update({ w: filled(size, 1) });
    expect(() => ema.update(changing(filled(size, 3), filled(2 * size, 3)))).toThrow(`must have shape [${size}]`);
    expect(() => ema.update({ w: filled(size, 1) })).toThrow('must be live'); // half moved, as far as it knows
  });

  type Options = Pick<ModelEmaOptions<tf.Tensor>, 'compensated'>;
  it.each<Options>([{}, { compensated: true }])(
    'that fails when its turn comes leaves no tensor, under %o',
    (options) => {
      tf.engine().startScope();
      const before = tf.memory().numTensors;
      const ema = new ModelEma<tf.Tensor>({ decay: 0.5, ...options });
      expect(() => ema.update(failing())).toThrow('the file is gone');
      const corrected = new ModelEma<tf.Tensor>({ decay: 0.5, ...options });
      const leave = corrected.acquire('corrected');
      expect(() => corrected.update(failing())).toThrow('the file is gone');
      leave();
      ema.dispose();
      corrected.dispose();
      expect(tf.memory().numTensors).toBe(before + 2); // what `failing` made
      tf.engine().endScope();
    },
  );

  it.each<Options>([{}, { compensated: true }])('so does a snapshot that lacks an array, under %o', (options) => {
    const ema = new ModelEma<tf.Tensor>({ decay: 0.5, ...options });
    ema.update({ a: filled(5000, 1), b: filled(5000, 1) });
    const { 'weight b': _, ...shadows } = ema.snapshot().shadows;
    const lacking: Snapshot = { ...ema.snapshot(), shadows };
    const before = tf.memory().numTensors;
    expect(() => new ModelEma<tf.Tensor>({ decay: 0.5, ...options }, lacking)).toThrow("no elements of weight 'b'");
    expect(tf.memory().numTensors).toBe(before);
    ema.dispose();
  });
});

const foreign = (x: number): Float32Array => runInNewContext(`Float32Array.of(${x})`) as Float32Array;

const oddlyNamed = (x: number): WeightMap<Float32Array> =>
  Object.fromEntries([
    ['__proto__', Float32Array.of(x)],
    ['constructor', Float32Array.of(x)],
  ]);

describe('arrays', () => {
  it('of another realm are averaged as one’s own', () => {
    const ema = new ModelEma<Float32Array>({ decay: 0.5 });
    ema.update({ w: foreign(0) });
    expect(ema.update({ w: foreign(1) })['w']![0]).toBe(0.5);
  });

  it('beside one that grew keep their values', () => {
    const [a, b] = [new Float32Array(10_000).fill(1), new Float32Array(10_000).fill(2)];
    const ema = new ModelEma<Float32Array>({ decay: 0.5 });
    ema.update({ a, b });
    const shadow = ema.shadow['b']!;
    const grown = [a, new Float32Array(15_000).fill(99)];
    const map = Object.defineProperty({ b }, 'a', { enumerable: true, get: () => grown.shift() });
    expect(() => ema.update(map as unknown as WeightMap<Float32Array>)).toThrow('must have shape [10000], got [15000]');
    expect(shadow.every((value) => value === 2)).toBe(true);
  });

  it('may have any name', () => {
    const ema = new ModelEma<Float32Array>({ decay: 0.5 });
    for (const x of [0, 4]) ema.update(oddlyNamed(x));
    const resumed = new ModelEma<Float32Array>({ decay: 0.5 }, ema.snapshot());
    expect(Object.entries(resumed.update(oddlyNamed(4)))).toEqual([
      ['__proto__', Float32Array.of(3)],
      ['constructor', Float32Array.of(3)],
    ]);
  });

  it('are told from models and engines by what these are, not by their names', () => {
    const names = ['layers', 'apply', 'shadow', 'updates', 'saved', 'weights'];
    const map = (x: number): WeightMap<Float32Array> =>
      Object.fromEntries(names.map((name) => [name, Float32Array.of(x)]));
    const ema = new ModelEma<Float32Array>({ decay: 0.5 });
    for (const x of [0, 4]) ema.update(map(x));
    const model = map(9);
    expect(withEmaWeights(model, ema.shadow, () => names.map((name) => model[name]![0]))).toEqual([2, 2, 2, 2, 2, 2]);
    assignWeights(model, ema.shadow);
    expect(model).toEqual(map(2));
    expect(decodeSafetensors(encodeSafetensors(ema.shadow)).weights).toEqual(map(2));
  });

  it.each([BigInt64Array, BigUint64Array])('of 64-bit integers are copied, and saved (%o)', (Type) => {
    const ema = new ModelEma<Float32Array | BigInt64Array | BigUint64Array>({ decay: 0.5 });
    for (const n of [1n, 2n]) ema.update({ w: Float32Array.of(Number(n)), n: Type.of(n) });
    const resumed = new ModelEma({ decay: 0.5 }, ema.snapshot());
    expect(resumed.shadow['n']).toEqual(Type.of(2n));
  });
});

it('an alpha schedule keeps its digits over several steps', async () => {
  await use('cpu');
  const ema = new ModelEma<Float64Array>({ alpha: () => 1e-12, stepsPerUpdate: 2 });
  ema.update({ w: Float64Array.of(0) });
  expect(ema.update({ w: Float64Array.of(1) })['w']![0]).toBe(2e-12 - 1e-24);
});
