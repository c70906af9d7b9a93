import { ModelEma, weightsOf, withEmaWeights, type WeightMap } from 'rx-ema';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refusal, refusalFrom } from '../refusal.js';
import { BACKENDS, tf, use, withBackends } from '../support/backends.js';
import { graphModel } from '../support/graphModel.js';

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

  it('restores every weight, also one that the shadow lacks and that the function writes to, whatever the bits', () => {
    const odd = [NaN, Infinity, -Infinity, -0, 1e-42, 3];
    assign(model.kernel, odd.slice(0, 2));
    assign(model.bias, odd.slice(3, 4));
    const [own, count] = [bits(), tf.memory().numTensors];
    withEmaWeights(model, { kernel: Float32Array.of(1, 2) }, () => {
      assign(model.kernel, [7, 7]);
      assign(model.bias, [8]);
    });
    expect(bits()).toEqual(own);
    expect(tf.memory().numTensors).toBe(count);
  });

  it('takes a list of variables', () => {
    const list = [variable([1, 2], 'first'), variable([3], 'second')];
    const read = () => list.map((one) => [...one.dataSync()]);
    expect(withEmaWeights(list, { second: Float32Array.of(5) }, read)).toEqual([[1, 2], [5]]);
    expect(read()).toEqual([[1, 2], [3]]);
    tf.dispose(list);
  });

  it('takes arrays beside variables, each with averages of either', () => {
    const mixed = { kernel: model.kernel, scale: Float32Array.of(1.5) };
    const own = bits();
    const scale = tf.tensor1d([9]);
    const seen = withEmaWeights(mixed, { kernel: Float32Array.of(4, 5), scale }, () => [...kernel(), ...mixed.scale]);
    expect(seen).toEqual([4, 5, 9]);
    expect([...mixed.scale]).toEqual([1.5]);
    expect(bits()).toEqual(own);
    scale.dispose();
  });

  it('restores what was swapped so far when a variable cannot be assigned to', () => {
    const own = bits();
    const count = tf.memory().numTensors;
    Object.assign(model.bias, { assign: () => raise('read only') });
    let ran = false;
    expect(() => withEmaWeights(model, ema.shadow, () => (ran = true))).toThrow('read only');
    expect(ran).toBe(false);
    Reflect.deleteProperty(model.bias, 'assign');
    expect(bits()).toEqual(own);
    expect(tf.memory().numTensors).toBe(count);
    expect(withEmaWeights(model, ema.shadow, kernel)).toEqual([2, 4]);
  });

  it('restores the rest when the function disposes a variable, and refuses the model from then on', () => {
    const [own, count] = [kernel(), tf.memory().numTensors];
    withEmaWeights(model, ema.shadow, () => model.bias.dispose());
    expect(kernel()).toEqual(own);
    expect(tf.memory().numTensors).toBe(count - 1);
    expect([...(ema.shadow['bias'] as tf.Tensor).dataSync()]).toEqual([Math.fround(0.1)]);
    expect(refusal(() => withEmaWeights(model, ema.shadow, kernel)).code).toBe('TENSOR_DISPOSED');
  });

  it('refuses a swap of another model that shares a variable, and leaves both as they were', () => {
    const other = { kernel: model.kernel, bias: variable([5]) };
    const own = bits();
    withEmaWeights(model, ema.shadow, () => {
      const shadow = { bias: Float32Array.of(6) };
      expect(refusal(() => withEmaWeights(other, shadow, kernel)).code).toBe('SWAP_ACTIVE');
      expect([...other.bias.dataSync()]).toEqual([5]);
    });
    expect(bits()).toEqual(own);
    other.bias.dispose();
  });

  it('leaves an optimizer’s slots alone: a training step after a swap is the step without one', () => {
    expect(trained(ema.shadow)).toEqual(trained(null));
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

/** Two steps of Adam, with a swap in between if there is a shadow: the bits that come out. */
function trained(shadow: WeightMap | null): Uint32Array {
  const own = { kernel: variable([1, 2]), bias: variable([0.1]) };
  const adam = tf.train.adam(0.1);
  const step = (): void => {
    const gradients = { [own.kernel.name]: tf.tensor1d([1, -3]), [own.bias.name]: tf.tensor1d([0.5]) };
    adam.applyGradients(gradients as never); // declared for variables; tfjs documents tensors
    tf.dispose(gradients);
  };
  step();
  if (shadow !== null) withEmaWeights(own, shadow, () => own.kernel.dataSync());
  step();
  const after = Float32Array.from([...own.kernel.dataSync(), ...own.bias.dataSync()]);
  adam.dispose();
  tf.dispose([own.kernel, own.bias]);
  return new Uint32Array(after.buffer);
}

function variable(values: number[], name?: string): tf.Variable {
  const initial = tf.tensor1d(values);
  const made = tf.variable(initial, true, name);
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

describe('withEmaWeights of typed arrays', () => {
  /** A NaN with a payload, infinities, a negative zero, a subnormal. */
  const ODD = [0x7fc12345, 0x7f800000, 0xff800000, 0x80000000, 0x00000003];
  type Model = { w: Float32Array; b: Float64Array; steps: Int32Array };
  let model: Model;
  beforeEach(() => {
    model = { w: new Float32Array(Uint32Array.from(ODD).buffer), b: Float64Array.of(-0, NaN), steps: Int32Array.of(7) };
  });
  const SHADOW = { w: Float64Array.of(1, 2, 3, 4, 0.1), b: Float32Array.of(5, 6) };
  const seen = (): number[][] => [[...model.w], [...model.b], [...model.steps]];
  const AVERAGED = [[1, 2, 3, 4, Math.fround(0.1)], [5, 6], [7]];
  const bytes = (): number[] => Object.values(model).flatMap(({ buffer }) => [...new Uint8Array(buffer)]);

  it('copies averages in and the own contents back, bit for bit, and keeps the arrays', () => {
    const [own, arrays] = [bytes(), { ...model }];
    expect(withEmaWeights(model, SHADOW, seen)).toEqual(AVERAGED);
    expect(bytes()).toEqual(own);
    for (const [name, array] of Object.entries(arrays)) expect(model[name as keyof Model]).toBe(array);
    expect(() => withEmaWeights(model, SHADOW, () => raise('inside'))).toThrow('inside');
    expect(bytes()).toEqual(own);
    withEmaWeights(model, SHADOW, () => Object.values(model).forEach((array) => array.fill(9)));
    expect(bytes()).toEqual(own);
  });

  it.each([true, false])('restores when a promise settles (resolved: %s), not before', async (resolves) => {
    const own = bytes();
    const promise = withEmaWeights(model, SHADOW, async () => {
      await new Promise((done) => setTimeout(done, 1));
      return resolves ? seen() : raise('inside');
    });
    expect(seen()).toEqual(AVERAGED);
    expect(await promise.catch((error: Error) => error.message)).toEqual(resolves ? AVERAGED : 'inside');
    expect(bytes()).toEqual(own);
  });

  it('refuses a second swap and updates meanwhile', async () => {
    const ema = new ModelEma<Float32Array>({ decay: 0.5 });
    const weights = { w: Float32Array.of(0) };
    ema.update(weights);
    weights.w[0] = 4;
    ema.update(weights);
    const another = new ModelEma<Float32Array>({ decay: 0.5 });
    await withEmaWeights(weights, ema.shadow, async () => {
      expect(refusal(() => withEmaWeights({ v: weights.w }, { v: Float32Array.of(1) }, () => 0)).code).toBe(
        'SWAP_ACTIVE',
      );
      expect(refusal(() => ema.update({ w: Float32Array.of(1) })).code).toBe('SWAP_ACTIVE');
      expect(refusal(() => another.update(weightsOf(weights))).code).toBe('SWAP_ACTIVE');
      expect(weights.w[0]).toBe(2);
    });
    expect([weights.w[0], ema.updates]).toEqual([4, 1]);
    expect(ema.update(weights)['w']![0]).toBe(3);
  });

  it.each<[string, WeightMap, string]>([
    ['another length', { b: Float32Array.of(1, 2), w: Float32Array.of(1) }, 'SHAPE_MISMATCH'],
    ['a name that the model lacks', { b: Float32Array.of(1, 2), v: Float32Array.of(1) }, 'NAMES_MISMATCH'],
    ['no names', {}, 'NAMES_MISMATCH'],
    ['averages that are none', { b: [1, 2] as never }, 'VALUE_KIND'],
  ])('refuses %s before anything is swapped', (_, shadow, code) => {
    const own = bytes();
    expect(refusal(() => withEmaWeights(model, shadow, seen)).code).toBe(code);
    expect(bytes()).toEqual(own);
    expect(withEmaWeights(model, SHADOW, seen)).toEqual(AVERAGED);
  });
});

it('withEmaWeights refuses a graph model', async () => {
  await use('cpu');
  const model = await graphModel();
  expect(refusal(() => withEmaWeights(model, { w: Float32Array.of(1) }, () => 0)).code).toBe('VALUE_KIND');
  model.dispose();
});

function raise(message: string): never {
  throw new Error(message);
}

withBackends(BACKENDS, 'a layers model under averages that move', () => {
  it('predicts with them as they are at each swap, whatever the backend keeps of weights that it has multiplied', () => {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 64, inputShape: [64], activation: 'relu' })] });
    const x = tf.ones([3, 64]);
    const predicted = (): number => (model.predict(x) as tf.Tensor).dataSync()[0]!;
    const ema = new ModelEma({ decay: 0.5 });
    const seen = tf.tidy(() =>
      [64, 0, 0].map((value) => {
        for (const weight of model.weights) weight.write(tf.fill(weight.shape as number[], value / 64));
        ema.update(weightsOf(model));
        return [predicted(), withEmaWeights(model, ema.shadow, predicted), predicted()];
      }),
    );
    expect(seen).toEqual([
      [65, 65, 65],
      [0, 32.5, 0],
      [0, 16.25, 0],
    ]);
    ema.dispose();
    model.dispose();
    x.dispose();
  });
});
