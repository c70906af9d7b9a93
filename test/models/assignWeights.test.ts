import { assignWeights, ModelEma, weightsOf, withEmaWeights } from 'rx-ema';
import { describe, expect, it } from 'vitest';
import { refusal } from '../refusal.js';
import { BACKENDS, tf, withBackends } from '../support/backends.js';

const layers = (): tf.Sequential =>
  tf.sequential({ layers: [tf.layers.dense({ name: 'out', units: 2, inputShape: [2] })] });
const valuesOf = (model: tf.Sequential): number[][] => model.getWeights().map((one) => Array.from(one.dataSync()));

withBackends(BACKENDS, 'assignWeights', () => {
  it('puts arrays and tensors into a layers model for good, and leaves the names that are lacking alone', () => {
    const before = tf.memory().numTensors;
    const model = layers();
    const [, bias] = valuesOf(model);
    const count = tf.memory().numTensors;
    assignWeights(model, { 'out/kernel': Float32Array.of(1, 2, 3, 4) });
    expect(valuesOf(model)).toEqual([[1, 2, 3, 4], bias]);
    const given = tf.tensor1d([5, 6]);
    assignWeights(model, { 'out/bias': given });
    expect(Array.from(given.dataSync())).toEqual([5, 6]);
    given.dispose();
    expect(valuesOf(model)).toEqual([
      [1, 2, 3, 4],
      [5, 6],
    ]);
    expect(tf.memory().numTensors).toBe(count);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('of a live shadow is a copy: the shadow goes on, the model does not', () => {
    const model = layers();
    const ema = new ModelEma({ decay: 0.5 });
    assignWeights(model, { 'out/kernel': Float32Array.of(8, 8, 8, 8), 'out/bias': Float32Array.of(0, 0) });
    ema.update(weightsOf(model));
    assignWeights(model, ema.shadow);
    const zeros = { 'out/kernel': tf.zeros([2, 2]), 'out/bias': tf.zeros([2]) };
    ema.update(zeros);
    expect(valuesOf(model)).toEqual([
      [8, 8, 8, 8],
      [0, 0],
    ]);
    expect(Array.from((ema.shadow['out/kernel'] as tf.Tensor).dataSync())).toEqual([4, 4, 4, 4]);
    tf.dispose(zeros);
    ema.dispose();
    model.dispose();
  });
});

describe('assignWeights of typed arrays', () => {
  const model = { w: Float32Array.of(1, 2), b: Float64Array.of(3) };

  it('copies into the model’s own arrays', () => {
    const own = { w: model.w.slice(), b: model.b.slice() };
    const { w } = own;
    assignWeights(own, { w: Float32Array.of(5, 6) });
    expect(own).toEqual({ w: Float32Array.of(5, 6), b: Float64Array.of(3) });
    expect(own.w).toBe(w);
  });

  it.each<[string, object, string, string]>([
    [
      'a name that the model lacks',
      { w: Float32Array.of(5, 6), c: Float32Array.of(1) },
      'NAMES_MISMATCH',
      "the weights must have names of the model only, got 'c'",
    ],
    ['no name', {}, 'NAMES_MISMATCH', 'the weights must have at least one name of the model, got none'],
    [
      'another length',
      { w: Float32Array.of(5, 6), b: Float64Array.of(1, 2) },
      'SHAPE_MISMATCH',
      "the value of 'b' must have shape [1], got [2]",
    ],
    [
      'a list',
      { w: [5, 6] },
      'VALUE_KIND',
      "the value must be tensors or typed arrays by name; the value of 'w' must be one, got [5, 6]",
    ],
    [
      '64-bit integers',
      { b: BigInt64Array.of(1n) },
      'VALUE_KIND',
      "the value must be tensors or typed arrays by name; the value of 'b' must be one, got BigInt64Array",
    ],
    [
      'a ModelEma',
      new ModelEma({ decay: 0.5 }),
      'VALUE_KIND',
      'the weights must be weights by name, as ModelEma.shadow is, got ModelEma',
    ],
    ['nothing', null as never, 'VALUE_KIND', 'the weights must be weights by name, as ModelEma.shadow is, got null'],
  ])('refuses %s before anything is written', (_, weights, code, message) => {
    expect(refusal(() => assignWeights(model, weights as Record<string, Float32Array>))).toEqual({ code, message });
    expect(model).toEqual({ w: Float32Array.of(1, 2), b: Float64Array.of(3) });
  });

  it('is refused inside a swap', () => {
    const swapped = (): void => assignWeights(model, { w: Float32Array.of(9, 9) });
    expect(refusal(() => withEmaWeights(model, { b: Float64Array.of(4) }, swapped)).code).toBe('SWAP_ACTIVE');
    expect(model).toEqual({ w: Float32Array.of(1, 2), b: Float64Array.of(3) });
  });
});
