import { ModelEma, weightsOf, type ModelEmaOptions, type WeightMap } from 'rx-ema';
import { describe, expect, it } from 'vitest';
import { refusal } from '../refusal.js';
import { BACKENDS, tf, withBackends } from '../support/backends.js';

type Rule = NonNullable<ModelEmaOptions<unknown>['rule']>;

/** What the rule does with each weight: told by a first value of 4 and a second of 8. */
function done(rule: Rule, weights: (x: number) => WeightMap<unknown>): Record<string, string> {
  const ema = new ModelEma<unknown>({ decay: 0.5, rule });
  ema.update(weights(4));
  const shadow = ema.update(weights(8));
  const found = Object.keys(weights(4)).map((name): [string, string] => {
    const value = shadow[name] as tf.Tensor | ArrayLike<number> | undefined;
    if (value === undefined) return [name, 'ignore'];
    const [first] = value instanceof tf.Tensor ? value.dataSync() : Array.from(value);
    return [name, Number(first) === 6 ? 'average' : Number(first) === 8 ? 'copy' : `${first}`];
  });
  ema.dispose();
  return Object.fromEntries(found);
}

/** As a PyTorch state_dict has them. */
const stateDict = (x: number): WeightMap<unknown> => ({
  'fc.weight': Float32Array.of(x),
  'fc.scale': Float64Array.of(x),
  'bn.running_mean': Float32Array.of(x),
  'bn.running_var': Float32Array.of(x),
  'bn.num_batches_tracked': BigInt64Array.of(BigInt(x)),
  position_ids: Int32Array.of(x),
  running_mean: Float32Array.of(x),
  'fc.running_mean_scale': Float32Array.of(x),
  'running_var.weight': Float32Array.of(x),
});

/** As tfjs names them. */
const tfjsWeights = (x: number): WeightMap<unknown> => ({
  'norm/gamma': tf.tensor1d([x]),
  'norm/moving_mean': tf.tensor1d([x]),
  'norm/moving_variance_2': tf.tensor1d([x]),
  'norm/moving_mean_scale': tf.tensor1d([x]),
  steps: tf.tensor1d([x], 'int32'),
});

const dense = (name: string, trainable?: boolean) =>
  tf.layers.dense({ name, units: 1, inputShape: [1], useBias: false, ...(trainable === false && { trainable }) });

/** What is done with a model of such layers, each frozen in its own way. */
const layersOf = (rest: string) => ({
  'trained/kernel': 'average',
  'norm/gamma': 'average',
  'norm/beta': 'average',
  'made/kernel': rest,
  'late/kernel': rest,
  'built/kernel': rest,
  'inner/kernel': rest,
  'norm/moving_mean': rest,
  'norm/moving_variance': rest,
});

describe('a rule by name', () => {
  const floats = ['fc.weight', 'fc.scale', 'bn.running_mean', 'bn.running_var', 'running_mean'];
  const parameters = ['fc.weight', 'fc.scale', 'fc.running_mean_scale', 'running_var.weight'];
  it.each([
    ['yolov5', [...floats, ...parameters], 'ignore'],
    ['timm', [...floats, ...parameters], 'copy'],
    ['keras', parameters, 'ignore'],
    ['torch', parameters, 'copy'],
  ] as const)(
    '%s averages what it should of a state_dict, and of the rest it does as the library',
    (rule, averaged, rest) => {
      const wanted = Object.keys(stateDict(0)).map((name) => [
        name,
        (averaged as readonly string[]).includes(name) ? 'average' : rest,
      ]);
      expect(done(rule, stateDict)).toEqual(Object.fromEntries(wanted));
    },
  );

  it('that is of no library is refused, with those there are', () => {
    for (const [rule, got] of [
      ['ema', "'ema'"],
      ['toString', "'toString'"],
      [['timm'], "['timm']"],
      [null, 'null'],
    ] as const) {
      expect(refusal(() => new ModelEma({ decay: 0.5, rule: rule as never }))).toEqual({
        code: 'OPTION_VALUE',
        message: `rule must be a function to 'average', 'copy' or 'ignore', or one of 'yolov5', 'timm', 'keras', 'torch', got ${got}`,
      });
    }
  });

  it('is noted in snapshots, which another rule does not fit', () => {
    const ema = new ModelEma<Float32Array>({ decay: 0.5, rule: 'torch' });
    ema.update({ w: Float32Array.of(1) });
    const snapshot = ema.snapshot();
    expect(JSON.parse(snapshot.plan)).toMatchObject({ rule: 'torch' });
    const { code, message } = refusal(() => new ModelEma<Float32Array>({ decay: 0.5, rule: 'keras' }, snapshot));
    expect(code).toBe('SNAPSHOT_OPTIONS');
    expect(message).toContain('rule: torch where these have rule: keras');
    expect(
      new ModelEma<Float32Array>({ decay: 0.5, rule: 'torch' }, snapshot).update({ w: Float32Array.of(2) }),
    ).toEqual({
      w: Float32Array.of(1.5),
    });
  });

  it.each(['yolov5', 'timm', 'keras', 'torch'] as const)(
    '%s refuses what is no weight, and does not ignore it',
    (rule) => {
      for (const stranger of [3, null, [1, 2], 'x']) {
        const ema = new ModelEma<unknown>({ decay: 0.5, rule });
        expect(refusal(() => ema.update({ w: Float32Array.of(1), stranger })).code).toBe('VALUE_KIND');
        ema.update({ w: Float32Array.of(1) });
        expect(refusal(() => ema.update({ w: Float32Array.of(1), stranger })).code).toBe('NAMES_MISMATCH');
      }
    },
  );
});

withBackends(BACKENDS, 'a rule by name of tensors', () => {
  it('goes by the names that tfjs gives, in plain tensors', () => {
    tf.engine().startScope();
    for (const [rule, rest] of [
      ['keras', 'ignore'],
      ['torch', 'copy'],
    ] as const) {
      expect(done(rule, tfjsWeights)).toEqual({
        'norm/gamma': 'average',
        'norm/moving_mean': rest,
        'norm/moving_variance_2': rest,
        'norm/moving_mean_scale': 'average',
        steps: rest,
      });
    }
    tf.engine().endScope();
  });

  it('goes by what variables say, whatever their names', () => {
    tf.engine().startScope();
    const moving_mean = tf.variable(tf.tensor1d([4]));
    const kernel = tf.variable(tf.tensor1d([4]), false);
    const weights = (x: number) => {
      for (const variable of [moving_mean, kernel]) variable.assign(tf.tensor1d([x]));
      return weightsOf({ moving_mean, kernel });
    };
    expect(done('keras', weights)).toEqual({ moving_mean: 'average', kernel: 'ignore' });
    tf.engine().endScope();
  });

  it('knows what a layers model trains, however its layers were frozen', () => {
    const late = dense('late');
    late.trainable = false; // before it has weights
    const frozen = tf.sequential({ layers: [dense('inner')] });
    frozen.trainable = false;
    const built = dense('built');
    const layers = [
      dense('trained'),
      dense('made', false),
      late,
      built,
      frozen,
      tf.layers.batchNormalization({ name: 'norm' }),
    ];
    const model = tf.sequential({ layers });
    built.trainable = false; // when it has
    const weights = (x: number) => {
      model.setWeights(model.getWeights().map((one) => tf.fill(one.shape, x)));
      return weightsOf(model);
    };
    expect(done('keras', weights)).toEqual(layersOf('ignore'));
    expect(done('torch', weights)).toEqual(layersOf('copy'));
    model.layers[1]!.trainable = true;
    expect(done('keras', weights)).toEqual({ ...layersOf('ignore'), 'made/kernel': 'average' });
    model.layers[1]!.trainable = false;
    const listed = (x: number) => weightsOf(Object.assign(weights(x), { weights: model.weights })); // says nothing of training
    expect(done('keras', listed)).toEqual(layersOf('ignore'));
    model.dispose();
  });
});
