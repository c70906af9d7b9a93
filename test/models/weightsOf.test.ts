import { ModelEma, weightsOf } from 'rx-ema';
import { describe, expect, it } from 'vitest';
import { refusal } from '../refusal.js';
import { BACKENDS, tf, use, withBackends } from '../support/backends.js';
import { graphModel } from '../support/graphModel.js';

const line = () => tf.sequential({ layers: [tf.layers.dense({ name: 'd', units: 1, inputShape: [2] })] });

withBackends(BACKENDS, 'weightsOf', () => {
  it('names the live variables of a layers model by layer, batch-norm statistics too, and allocates nothing', () => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ name: 'in', units: 3, inputShape: [2] }),
        tf.layers.batchNormalization({ name: 'norm' }),
        tf.layers.dense({ name: 'out', units: 1 }),
      ],
    });
    const before = tf.memory().numTensors;
    const weights = weightsOf(model);
    expect(tf.memory().numTensors).toBe(before);
    expect(Object.fromEntries(Object.entries(weights).map(([name, { shape }]) => [name, shape]))).toEqual({
      'in/kernel': [2, 3],
      'in/bias': [3],
      'norm/gamma': [3],
      'norm/beta': [3],
      'norm/moving_mean': [3],
      'norm/moving_variance': [3],
      'out/kernel': [3, 1],
      'out/bias': [1],
    });
    expect(weights['in/kernel']).toBe(model.layers[0]!.weights[0]!.read());
    model.dispose();
  });

  it('gives two models of one making the same names, so that one’s snapshot fits the other', () => {
    const [a, b] = [line(), line()];
    expect(Object.keys(weightsOf(a))).toEqual(Object.keys(weightsOf(b)));
    const ema = new ModelEma({ decay: 0.5 });
    ema.update(weightsOf(a));
    expect(new ModelEma({ decay: 0.5 }, ema.snapshot()).update(weightsOf(b))).toHaveProperty('d/kernel');
    for (const model of [a, b]) model.dispose();
    ema.dispose();
  });

  it('takes variables by name as they are', () => {
    const model = { w: tf.variable(tf.tensor1d([1])), constructor: tf.variable(tf.tensor1d([2])) };
    const weights = weightsOf(model);
    expect(weights['w']).toBe(model.w);
    expect(Object.keys(weights)).toEqual(['w', 'constructor']);
    tf.dispose(model);
  });

  it('takes a list of variables, or a part of a layers model’s weights, under the names they were made with', () => {
    const list = ['b', 'a'].map((name) => tf.variable(tf.scalar(1), true, name));
    expect(Object.entries(weightsOf(list))).toEqual([
      ['b', list[0]],
      ['a', list[1]],
    ]);
    const model = line();
    expect(Object.keys(weightsOf(model.trainableWeights))).toEqual(['d/kernel', 'd/bias']);
    expect(refusal(() => weightsOf([...list, list[0]!])).code).toBe('NAMES_MISMATCH');
    model.dispose();
    tf.dispose(list);
  });
});

it('weightsOf gives typed arrays by name back as they are, beside variables too', async () => {
  await use('cpu');
  const model = {
    w: Float32Array.of(1),
    weights: Float64Array.of(2),
    steps: Int32Array.of(3),
    b: tf.variable(tf.scalar(1)),
  };
  const weights: Readonly<Record<string, unknown>> = weightsOf(model);
  expect(Object.keys(weights)).toEqual(['w', 'weights', 'steps', 'b']);
  for (const [name, weight] of Object.entries(model)) expect(weights[name]).toBe(weight);
  model.b.dispose();
});

describe('weightsOf refuses', () => {
  it.each<[string, object]>([
    ['an empty object', {}],
    ['a model that is not built', { weights: [] }],
    ['numbers by name', { w: 3 }],
    ['arrays of numbers by name', { w: [1, 2] }],
    ['64-bit integers by name', { w: new BigInt64Array(1) }],
    ['an empty list', []],
    ['a list of something else', [null, 3]],
    ['weights that are none', { weights: [{ name: 'w' }] }],
    ['tensors that are no variables', { w: { shape: [1], dtype: 'float32', dataSync: () => [], dispose: () => {} } }],
  ])('%s', (_, model) => {
    expect(refusal(() => weightsOf(model)).code).toBe('VALUE_KIND');
  });

  it('a graph model, and says that it is one', async () => {
    await use('cpu');
    const model = await graphModel();
    expect(refusal(() => weightsOf(model))).toMatchObject({
      code: 'VALUE_KIND',
      message: expect.stringContaining('got a graph model') as string,
    });
    model.dispose();
  });

  it('two weights of one name', () => {
    const variable = { shape: [1], dtype: 'float32', dataSync: () => [], dispose: () => {}, assign: () => {} };
    const weight = { name: 'w_1', originalName: 'w', read: () => variable };
    expect(refusal(() => weightsOf({ weights: [weight, weight] })).code).toBe('NAMES_MISMATCH');
    const other = { ...weight, name: 'w_2' };
    expect(Object.keys(weightsOf({ weights: [weight, other] }))).toEqual(['w_1', 'w_2']);
  });
});
