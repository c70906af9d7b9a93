import { ModelEma, weightsOf, withEmaWeights, type WeightMap } from 'rx-ema';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { refusal, refusalFrom } from '../refusal.js';
import { BACKENDS, tf, withBackends } from '../support/backends.js';

withBackends(BACKENDS, 'withEmaWeights', () => {
  type Model = { kernel: tf.Variable; bias: tf.Variable };
  let model: Model;
  let ema: ModelEma;
  let before: number;

  beforeEach(() => {
    before = tf.memory().numTensors;
    model = { kernel: variable([1, 2]), bias: variable([0.1]) };
    ema = new ModelEma({ decay: 0.5 });
    ema.update(weightsOf(model));
    assign(model.kernel, [3, 6]);
    ema.update(weightsOf(model));
  });
  afterEach(() => {
    tf.dispose([model.kernel, model.bias]);
    ema.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
  const kernel = (): number[] => Array.from(model.kernel.dataSync());
  const bits = (): Uint32Array => new Uint32Array(Float32Array.from([...kernel(), ...model.bias.dataSync()]).buffer);

  it('shows the averages inside and the model’s own weights, bit for bit, after', () => {
    const own = bits();
    const count = tf.memory().numTensors;
    expect(withEmaWeights(model, ema.shadow, kernel)).toEqual([2, 4]);
    expect(bits()).toEqual(own);
    expect(Array.from((ema.shadow['kernel'] as tf.Tensor).dataSync())).toEqual([2, 4]);
    expect(tf.memory().numTensors).toBe(count);
  });

  it('restores when the function throws', () => {
    const own = bits();
    expect(() =>
      withEmaWeights(model, ema.shadow, () => {
        throw new Error('inside');
      }),
    ).toThrow('inside');
    expect(bits()).toEqual(own);
    expect(withEmaWeights(model, ema.shadow, kernel)).toEqual([2, 4]);
  });

  it.each([true, false])('restores when a promise settles (resolved: %s), not before', async (resolves) => {
    const own = bits();
    let inside: number[] = [];
    const promise = withEmaWeights(model, ema.shadow, async () => {
      await new Promise((done) => setTimeout(done, 1));
      inside = kernel();
      if (!resolves) throw new Error('inside');
      return 7;
    });
    expect(kernel()).toEqual([2, 4]);
    expect(await promise.catch((error: Error) => error.message)).toBe(resolves ? 7 : 'inside');
    expect(inside).toEqual([2, 4]);
    expect(bits()).toEqual(own);
  });

  it('refuses a second swap of the same model or shadow while one is active', async () => {
    const other = { kernel: variable([5, 5]), bias: variable([5]) };
    const shadow = { kernel: Float32Array.of(9, 9) };
    withEmaWeights(model, ema.shadow, () => {
      expect(refusal(() => withEmaWeights(model, shadow, kernel)).code).toBe('SWAP_ACTIVE');
      expect(refusal(() => withEmaWeights({ ...model }, shadow, kernel)).code).toBe('SWAP_ACTIVE');
      expect(refusal(() => withEmaWeights(other, ema.shadow, kernel)).code).toBe('SWAP_ACTIVE');
      expect(withEmaWeights(other, shadow, () => Array.from(other.kernel.dataSync()))).toEqual([9, 9]);
      expect(kernel()).toEqual([2, 4]);
    });
    const pending = withEmaWeights(model, ema.shadow, async () => {});
    expect(refusal(() => withEmaWeights(model, shadow, kernel)).code).toBe('SWAP_ACTIVE');
    await pending;
    expect(withEmaWeights(model, shadow, kernel)).toEqual([9, 9]);
    tf.dispose([other.kernel, other.bias]);
  });

  it('refuses updates meanwhile: of the shadow, and from the model, also of another, the first and later', async () => {
    const snapshot = ema.snapshot();
    const another = new ModelEma({ decay: 0.5 });
    const begun = new ModelEma({ decay: 0.5 });
    begun.update(weightsOf(model));
    const update = async (one: ModelEma) => one.update(weightsOf(model));
    for (const one of [ema, another, begun]) {
      expect((await refusalFrom(withEmaWeights(model, ema.shadow, () => update(one)))).code).toBe('SWAP_ACTIVE');
    }
    expect(ema.snapshot()).toEqual(snapshot);
    expect([another.shadow, begun.updates]).toEqual([{}, 0]);
    begun.dispose();
    ema.update(weightsOf(model));
    expect(ema.updates).toBe(2);
  });

  it('takes averages in typed arrays, and leaves names alone that the shadow lacks', () => {
    const own = bits();
    const seen = withEmaWeights(model, { kernel: Float64Array.of(0.5, 0.25) }, () => [
      ...kernel(),
      ...model.bias.dataSync(),
    ]);
    expect(seen).toEqual([0.5, 0.25, Math.fround(0.1)]);
    expect(bits()).toEqual(own);
  });

  it.each<[string, () => WeightMap, string]>([
    [
      'a name that the model lacks',
      () => ({ kernel: Float32Array.of(1, 1), scale: Float32Array.of(1) }),
      'NAMES_MISMATCH',
    ],
    ['another length', () => ({ bias: Float32Array.of(1), kernel: Float32Array.of(1, 1, 1) }), 'SHAPE_MISMATCH'],
    ['another shape', () => ({ bias: Float32Array.of(1), kernel: tf.ones([2, 1]) }), 'SHAPE_MISMATCH'],
    ['another dtype', () => ({ bias: Float32Array.of(1), kernel: tf.ones([2], 'int32') }), 'DTYPE_MISMATCH'],
    ['a disposed tensor', () => ({ bias: Float32Array.of(1), kernel: disposed() }), 'TENSOR_DISPOSED'],
  ])('refuses %s before anything is swapped', (_, shadow, code) => {
    const own = bits();
    const given = shadow();
    let ran = false;
    expect(refusal(() => withEmaWeights(model, given, () => (ran = true))).code).toBe(code);
    expect(ran).toBe(false);
    expect(bits()).toEqual(own);
    tf.dispose(Object.values(given).filter((one) => one instanceof tf.Tensor));
    expect(withEmaWeights(model, ema.shadow, kernel)).toEqual([2, 4]);
  });

  it('works inside somebody’s tidy', () => {
    const own = bits();
    expect(tf.tidy(() => withEmaWeights(model, ema.shadow, kernel))).toEqual([2, 4]);
    expect(bits()).toEqual(own);
  });

  it('evaluates a layers model with its averages, and training goes on from its own', async () => {
    const layers = tf.sequential({
      layers: [tf.layers.dense({ name: 'line', units: 1, inputShape: [1], useBias: false })],
    });
    const count = tf.memory().numTensors;
    const shadow = { 'line/kernel': Float32Array.of(3) };
    const predict = (): number => tf.tidy(() => (layers.predict(tf.ones([1, 1])) as tf.Tensor).dataSync()[0]!);
    const own = predict();
    expect(withEmaWeights(layers, shadow, predict)).toBe(3);
    expect(predict()).toBe(own);
    expect(tf.memory().numTensors).toBe(count);
    layers.dispose();
  });
});

function variable(values: number[]): tf.Variable {
  const initial = tf.tensor1d(values);
  const made = tf.variable(initial);
  initial.dispose();
  return made;
}

function assign(to: tf.Variable, values: number[]): void {
  const value = tf.tensor1d(values);
  to.assign(value);
  value.dispose();
}

function disposed(): tf.Tensor {
  const tensor = tf.zeros([2]);
  tensor.dispose();
  return tensor;
}

it('puts the own weights back when what evaluate returned throws as it is awaited', async () => {
  const w = tf.variable(tf.tensor1d([5]));
  // oxlint-disable-next-line unicorn/no-thenable -- a broken one is what this is about
  const broken = { then: () => raise('boom') };
  await expect(withEmaWeights({ w }, { w: Float32Array.of(1) }, () => broken)).rejects.toThrow('boom');
  expect([...w.dataSync()]).toEqual([5]);
  expect(withEmaWeights({ w }, { w: Float32Array.of(1) }, () => w.dataSync()[0])).toBe(1);
  w.dispose();
});

it('refuses a shadow of no names, which would evaluate the own weights', () => {
  const w = tf.variable(tf.tensor1d([5]));
  expect(() => withEmaWeights({ w }, {}, () => 0)).toThrow('at least one name');
  w.dispose();
});

function raise(message: string): never {
  throw new Error(message);
}
