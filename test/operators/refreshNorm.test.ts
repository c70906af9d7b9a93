import { decodeSafetensors, encodeSafetensors, ModelEma, refreshNorm, weightsOf, withEmaWeights } from 'rx-ema';
import { concat, EMPTY, from, lastValueFrom, NEVER, Observable, of, Subject, tap, throwError, toArray } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refusal, refusalFrom, refusalOf } from '../refusal.js';
import { BACKENDS, tf, use, withBackends } from '../support/backends.js';
import { graphModel } from '../support/graphModel.js';

/** Of `toBeCloseTo`: within 5e-6, some twenty float32 roundings of values of up to about 5. */
const DIGITS = 5;
const EPSILON = 1e-3;

type Rows = readonly (readonly number[])[];

/** Three batches of uneven size: the mean over batches is not the mean over rows. */
const BATCHES: readonly Rows[] = [
  [
    [1, 2],
    [3, -1],
    [0.5, 4],
    [-2, 0],
  ],
  [
    [2, 2],
    [-1, 5],
  ],
  [
    [0, 1],
    [4, -3],
    [1.5, 0.25],
  ],
];

withBackends(BACKENDS, 'refreshNorm', () => {
  let model: tf.Sequential;
  let batches: tf.Tensor[];
  let before: number;

  beforeEach(() => {
    before = tf.memory().numTensors;
    model = deepModel();
    batches = BATCHES.map((rows) => tf.tensor2d(rows.map((row) => [...row])));
  });
  afterEach(() => {
    model.dispose();
    tf.dispose(batches);
    expect(tf.memory().numTensors).toBe(before);
  });
  const statisticsOf = (name: string): Moments => ({
    mean: valuesOf(model, `${name}/moving_mean`),
    variance: valuesOf(model, `${name}/moving_variance`),
  });

  it('takes a dataset of tf.data as it takes batches, and disposes what comes from it', async () => {
    await lastValueFrom(refreshNorm(model, from(batches)));
    const expected = statisticsOf('norm2');
    const again = deepModel();
    again.setWeights(model.getWeights());
    const live = tf.memory().numTensors;
    const dataset = tf.data.generator(function* () {
      for (const rows of BATCHES) yield { xs: tf.tensor2d(rows.map((row) => [...row])), ys: tf.scalar(0) };
    });
    expect(await lastValueFrom(refreshNorm(again, dataset))).toBe(3);
    expect(tf.memory().numTensors).toBe(live);
    expect(valuesOf(again, 'norm2/moving_mean')).toEqual(expected.mean);
    const wrong = tf.data.generator(function* () {
      yield { xs: tf.zeros([2, 3]) };
    });
    await expect(lastValueFrom(refreshNorm(again, wrong))).rejects.toThrow(/shape/);
    expect(tf.memory().numTensors).toBe(live);
    again.dispose();
  });

  it('refuses what has no batches when the pipe is built', () => {
    for (const data of [3, null, undefined, batches[0], { xs: batches[0] }]) {
      expect(refusal(() => refreshNorm(model, data as never))).toMatchObject({
        code: 'VALUE_KIND',
        message: expect.stringMatching(
          /^data\$ must be an Observable of batches, an iterable of them or a tf.data/,
        ) as string,
      });
    }
  });

  it('makes the statistics the means over the batches of each batch’s mean and biased variance, layer upon layer', async () => {
    expect(await lastValueFrom(refreshNorm(model, from(batches)))).toBe(3);
    const first = BATCHES.map((rows) => dense(model, 'in', rows));
    expectMoments(statisticsOf('norm'), meanOf(first.map(momentsOf)));
    const second = first.map((rows) => dense(model, 'mid', normalized(model, 'norm', rows)));
    expectMoments(statisticsOf('norm2'), meanOf(second.map(momentsOf)));
  });

  it('divides the squares by n, as tfjs trains; torch’s running_var would be n / (n − 1) times as much', async () => {
    const one = tf.sequential({ layers: [tf.layers.batchNormalization({ name: 'n', inputShape: [1] })] });
    const x = tf.tensor2d([[1], [3]]);
    await lastValueFrom(refreshNorm(one, of(x)));
    expect(valuesOf(one, 'n/moving_mean')).toEqual([2]);
    expect(valuesOf(one, 'n/moving_variance')).toEqual([1]); // torch: 2
    one.dispose();
    x.dispose();
  });

  it('starts anew, whatever the statistics were, and gives the same again', async () => {
    for (const name of ['norm', 'norm2']) {
      write(model, `${name}/moving_mean`, [NaN, Infinity, 5].slice(0, name === 'norm' ? 3 : 2));
    }
    await lastValueFrom(refreshNorm(model, batches));
    const first = bitsOf(model);
    expect(statisticsOf('norm').mean.every(Number.isFinite)).toBe(true);
    await lastValueFrom(refreshNorm(model, batches));
    expect(bitsOf(model)).toEqual(first);
  });

  it('changes no other weight, no momentum, no optimizer, and leaves nothing on the layers', async () => {
    const optimizer = tf.train.adam(0.01);
    const kernel = weightOf(model, 'in/kernel');
    const gradient = tf.onesLike(kernel);
    optimizer.applyGradients({ [kernel.name]: gradient });
    const slots = async () => {
      const [iterations, ...all] = await optimizer.getWeights();
      iterations!.tensor.dispose(); // made for the caller
      return all.map(({ name, tensor }) => [name, [...tensor.dataSync()]]);
    };
    const own = model.layers.map((layer) => Object.getOwnPropertyNames(layer));
    const others = Object.keys(weightsOf(model)).filter((name) => !name.includes('moving'));
    const [slotsBefore, weightsBefore] = [await slots(), others.map((name) => valuesOf(model, name))];
    await lastValueFrom(refreshNorm(model, batches));
    expect(await slots()).toEqual(slotsBefore);
    expect(others.map((name) => valuesOf(model, name))).toEqual(weightsBefore);
    expect(model.layers.map((layer) => Object.getOwnPropertyNames(layer))).toEqual(own);
    expect(model.layers[1]).toMatchObject({ momentum: 0.9 });
    optimizer.dispose();
    gradient.dispose();
  });

  it('keeps as many tensors after every batch, and makes none that outlive it', async () => {
    const start = tf.memory().numTensors;
    const counts: number[] = [];
    const seen = concat(...Array.from({ length: 20 }, () => batches)).pipe(
      tap(() => counts.push(tf.memory().numTensors)),
    );
    expect(await lastValueFrom(refreshNorm(model, seen))).toBe(60);
    expect(new Set(counts)).toEqual(new Set([start + 4])); // the means of two layers' two statistics
    expect(tf.memory().numTensors).toBe(start);
  });

  it('works inside somebody’s tidy, and disposes none of the inputs', () => {
    const start = tf.memory().numTensors;
    tf.tidy(() => void refreshNorm(model, batches).subscribe());
    expect(statisticsOf('norm').mean).not.toEqual([0, 0, 0]);
    expect(batches.some((batch) => batch.isDisposed)).toBe(false);
    expect(tf.memory().numTensors).toBe(start);
  });

  it('leaves the model as it is between batches, and where the stream fails or is left before its end', async () => {
    const own = bitsOf(model);
    const data$ = new Subject<tf.Tensor>();
    const subscription = refreshNorm(model, data$).subscribe();
    data$.next(batches[0]!);
    expect(bitsOf(model)).toEqual(own);
    data$.next(batches[1]!);
    subscription.unsubscribe();
    expect(bitsOf(model)).toEqual(own);
    const failing = concat(
      batches,
      throwError(() => new Error('no more')),
    );
    await expect(lastValueFrom(refreshNorm(model, failing))).rejects.toThrow('no more');
    expect(bitsOf(model)).toEqual(own);
    refreshNorm(model, concat(batches, NEVER)).subscribe().unsubscribe();
    expect(bitsOf(model)).toEqual(own);
  });

  it('leaves the model as it is where inputs do not fit, also behind a layer that had its turn', async () => {
    const inputs = [tf.input({ shape: [2] }), tf.input({ shape: [null] })];
    const norm = tf.layers.batchNormalization({ name: 'n' }).apply(inputs[0]!) as tf.SymbolicTensor;
    const two = tf.model({ inputs, outputs: tf.layers.add().apply([norm, inputs[1]!]) as tf.SymbolicTensor });
    const own = bitsOf(two);
    const [x, wrong] = [tf.ones([3, 2]), tf.ones([3, 5])];
    const count = tf.memory().numTensors;
    await expect(lastValueFrom(refreshNorm(two, of([x, x], [x, wrong])))).rejects.toThrow(/broadcast|Incompatible/);
    await expect(lastValueFrom(refreshNorm(model, of(batches[0]!, wrong)))).rejects.toThrow(/shape/i);
    expect(bitsOf(two)).toEqual(own);
    expect(two.layers.some((layer) => Object.hasOwn(layer, 'call'))).toBe(false);
    expect(tf.memory().numTensors).toBe(count);
    two.dispose();
    tf.dispose([x, wrong]);
  });

  it('ends with tfjs’s error where the model is disposed before the stream ends, and keeps nothing', async () => {
    const one = tf.sequential({ layers: [tf.layers.batchNormalization({ inputShape: [2] })] });
    const data$ = new Subject<tf.Tensor>();
    const done = lastValueFrom(refreshNorm(one, data$));
    data$.next(batches[0]!);
    one.dispose();
    data$.complete();
    await expect(done).rejects.toThrow('disposed');
  });

  it('refuses a stream without a batch, a batch that is none, and a disposed one, with nothing changed', async () => {
    const own = bitsOf(model);
    const gone = tf.ones([1, 2]);
    gone.dispose();
    expect((await refusalOf(refreshNorm(model, EMPTY))).code).toBe('MISSING_VALUE');
    for (const wrong of [null, undefined, 3, {}, { xs: 3 }, [3], []]) {
      expect((await refusalOf(refreshNorm(model, of(batches[0]!, wrong as never)))).code).toBe('VALUE_KIND');
    }
    expect((await refusalOf(refreshNorm(model, of(gone)))).code).toBe('TENSOR_DISPOSED');
    expect(bitsOf(model)).toEqual(own);
  });

  it('takes several inputs, and records of tf.data', async () => {
    const inputs = [tf.input({ shape: [2] }), tf.input({ shape: [2] })];
    const sum = tf.layers.add().apply(inputs) as tf.SymbolicTensor;
    const two = tf.model({
      inputs,
      outputs: tf.layers.batchNormalization({ name: 'n' }).apply(sum) as tf.SymbolicTensor,
    });
    const [x, y] = [batches[0]!, batches[0]!];
    await lastValueFrom(refreshNorm(two, of([x, y])));
    const twice = momentsOf(BATCHES[0]!.map((row) => row.map((one) => 2 * one)));
    expectMoments({ mean: valuesOf(two, 'n/moving_mean'), variance: valuesOf(two, 'n/moving_variance') }, twice);
    const bits = bitsOf(two);
    expect(await lastValueFrom(refreshNorm(two, of({ xs: [x, y] }, { xs: [x, y] })))).toBe(2);
    expect(bitsOf(two)).toEqual(bits);
    two.dispose();
    await lastValueFrom(refreshNorm(model, of({ xs: x, ys: y })));
    expectMoments(statisticsOf('norm'), momentsOf(dense(model, 'in', BATCHES[0]!)));
  });

  it('finds layers in models inside the model and in wrappers, and counts each call of a layer', async () => {
    const inner = tf.sequential({ layers: [tf.layers.batchNormalization({ name: 'inner', inputShape: [2] })] });
    const shared = tf.layers.batchNormalization({ name: 'shared' });
    const steps = tf.layers.batchNormalization();
    const x = tf.input({ shape: [2] });
    const once = shared.apply(inner.apply(x)) as tf.SymbolicTensor;
    const twice = shared.apply(tf.layers.add().apply([once, once])) as tf.SymbolicTensor;
    const inTime = tf.layers
      .timeDistributed({ name: 'steps', layer: steps })
      .apply(tf.layers.reshape({ targetShape: [2, 1] }).apply(x));
    const outputs = [twice, inTime as tf.SymbolicTensor];
    const nested = tf.model({ inputs: x, outputs });
    await lastValueFrom(refreshNorm(nested, of(batches[0]!)));
    const moments = (name: string): Moments => ({
      mean: valuesOf(nested, `${name}/moving_mean`),
      variance: valuesOf(nested, `${name}/moving_variance`),
    });
    const [rows] = BATCHES as [Rows];
    expectMoments(moments('inner'), momentsOf(rows));
    const inside = normalizedBy(momentsOf(rows), rows);
    const again = normalizedBy(momentsOf(inside), inside).map((row) => row.map((one) => 2 * one));
    expectMoments(moments('shared'), meanOf([momentsOf(inside), momentsOf(again)]));
    const columns = [0, 1].map((at) => momentsOf(rows.map((row) => [row[at]!])));
    expectMoments(moments('steps'), meanOf(columns));
    tf.dispose(Object.values(weightsOf(nested)) as tf.Tensor[]); // nested.dispose() leaves those of the wrapped layer
  });

  it('refreshes layers without gamma or beta, which tfjs cannot train', async () => {
    const plain = tf.sequential({
      layers: [tf.layers.batchNormalization({ name: 'n', inputShape: [2], scale: false, center: false })],
    });
    await lastValueFrom(refreshNorm(plain, batches.slice(0, 1)));
    expectMoments(
      { mean: valuesOf(plain, 'n/moving_mean'), variance: valuesOf(plain, 'n/moving_variance') },
      momentsOf(BATCHES[0]!),
    );
    expect(plain.layers[0]).not.toHaveProperty('gamma');
    plain.dispose();
  });

  it('refreshes layers that normalize another axis', async () => {
    const first = tf.sequential({ layers: [tf.layers.batchNormalization({ name: 'n', axis: 1, inputShape: [2, 3] })] });
    const x = tf.tensor3d([[[1, 2, 3], [4, 4, 4]], [[3, 2, 1], [4, 4, 7]]]); // prettier-ignore
    await lastValueFrom(refreshNorm(first, of(x)));
    const rows = [[1, 4], [2, 4], [3, 4], [3, 4], [2, 4], [1, 7]]; // prettier-ignore
    expectMoments(
      { mean: valuesOf(first, 'n/moving_mean'), variance: valuesOf(first, 'n/moving_variance') },
      momentsOf(rows),
    );
    first.dispose();
    x.dispose();
  });

  it('has dropout active, as torch’s update_bn: a constant behind it varies', async () => {
    const dropping = tf.sequential({
      layers: [tf.layers.dropout({ rate: 0.5, inputShape: [1], seed: 3 }), tf.layers.batchNormalization({ name: 'n' })],
    });
    const ones = tf.ones([1000, 1]);
    await lastValueFrom(refreshNorm(dropping, of(ones)));
    expect(valuesOf(dropping, 'n/moving_variance')[0]).toBeCloseTo(1, 1); // half are 0, half 2
    dropping.dispose();
    ones.dispose();
  });

  it('is cold, and not even that for a model without batch normalization: that one completes at once', async () => {
    let subscribed = 0;
    const data$ = new Observable<tf.Tensor>((subscriber) => {
      subscribed++;
      return from(batches).subscribe(subscriber);
    });
    const refresh$ = refreshNorm(model, data$);
    expect(subscribed).toBe(0);
    expect(await lastValueFrom(refresh$.pipe(toArray()))).toEqual([3]);
    expect(subscribed).toBe(1);
    const plain = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
    expect(await lastValueFrom(refreshNorm(plain, data$).pipe(toArray()))).toEqual([0]);
    expect(subscribed).toBe(1);
    plain.dispose();
  });

  it('refreshes the averaged weights’ statistics inside withEmaWeights, and all of the model’s own come back', async () => {
    const ema = new ModelEma({ decay: 0.5, rule: (name) => (name.includes('moving') ? 'ignore' : 'average') });
    ema.update(weightsOf(model));
    write(model, 'in/kernel', [3, -1, 2, 0.5, 1, -2]);
    ema.update(weightsOf(model));
    await lastValueFrom(refreshNorm(model, batches));
    const own = bitsOf(model);
    const [x] = batches as [tf.Tensor];
    const predict = () => tf.tidy(() => [...(model.predict(x) as tf.Tensor).dataSync()]);
    const ownOutput = predict();

    const averaged = { stale: [] as number[], fresh: [] as number[], file: new Uint8Array() };
    await withEmaWeights(model, ema.shadow, async () => {
      averaged.stale = predict();
      expect(await lastValueFrom(refreshNorm(model, batches))).toBe(3);
      averaged.fresh = predict();
      averaged.file = encodeSafetensors(weightsOf(model));
      expectMoments(statisticsOf('norm'), meanOf(BATCHES.map((rows) => momentsOf(dense(model, 'in', rows)))));
    });
    expect(averaged.stale).not.toEqual(ownOutput);
    expect(averaged.fresh).not.toEqual(averaged.stale);
    expect(bitsOf(model)).toEqual(own);
    expect(predict()).toEqual(ownOutput);

    const { weights } = decodeSafetensors(averaged.file); // for keeps
    expect(withEmaWeights(model, weights as Record<string, Float32Array>, predict)).toEqual(averaged.fresh);
    ema.dispose();
  });

  it('brings a model back whose averages are its weights times 4: the layer behind it sees what it saw', async () => {
    const net = tf.sequential({
      layers: [
        tf.layers.dense({ name: 'in', units: 3, inputShape: [2], kernelInitializer: tf.initializers.ones() }),
        tf.layers.batchNormalization({ name: 'norm', epsilon: 1e-6 }),
        tf.layers.dense({ name: 'out', units: 1, kernelInitializer: tf.initializers.ones() }),
      ],
    });
    net.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const [x] = batches as [tf.Tensor];
    const ys = tf.zeros([4, 1]);
    const loss = () => tf.tidy(() => (net.evaluate(x, ys) as tf.Scalar).dataSync()[0]!);
    await lastValueFrom(refreshNorm(net, batches));
    const own = loss();
    const shadow = { 'in/kernel': Float32Array.from(valuesOf(net, 'in/kernel'), (w) => 4 * w) };
    await withEmaWeights(net, shadow, async () => {
      expect(loss()).toBeGreaterThan(4 * own); // statistics of other weights
      await lastValueFrom(refreshNorm(net, batches));
      expect(Math.abs(loss() / own - 1)).toBeLessThan(1e-5);
    });
    expect(loss()).toBe(own);
    net.optimizer.dispose();
    net.dispose();
    ys.dispose();
  });

  it('refuses to go on when a swap begins or ends meanwhile, and writes nothing into the weights that came back', async () => {
    const own = bitsOf(model);
    const shadow = { 'in/kernel': new Float32Array(6) };
    const data$ = new Subject<tf.Tensor>();
    const forgotten = withEmaWeights(model, shadow, () => [lastValueFrom(refreshNorm(model, data$))])[0]!;
    const refused = refusalFrom(forgotten);
    data$.complete();
    expect((await refused).code).toBe('MISSING_VALUE');

    const endless$ = new Subject<tf.Tensor>();
    const [over] = withEmaWeights(model, shadow, () => {
      const result = [lastValueFrom(refreshNorm(model, endless$))] as const;
      endless$.next(batches[0]!);
      return result;
    });
    const ended = refusalFrom(over);
    endless$.complete();
    expect((await ended).code).toBe('SWAP_ACTIVE');

    const outside$ = new Subject<tf.Tensor>();
    const began = refusalOf(refreshNorm(model, outside$));
    withEmaWeights(model, shadow, () => outside$.next(batches[0]!));
    expect((await began).code).toBe('SWAP_ACTIVE');
    expect(bitsOf(model)).toEqual(own);
  });
});

describe('refreshNorm takes layers models only:', () => {
  it.each<[string, object]>([
    ['variables by name', { w: new Float32Array(1) }],
    ['a list', []],
    ['layers that cannot run', { layers: [] }],
    ['null', null as never],
  ])('%s is refused when the pipe is built', (_, model) => {
    expect(refusal(() => refreshNorm(model, EMPTY)).code).toBe('VALUE_KIND');
  });

  it('a graph model is refused when the pipe is built', async () => {
    await use('cpu');
    const model = await graphModel();
    expect(refusal(() => refreshNorm(model, EMPTY)).code).toBe('VALUE_KIND');
    model.dispose();
  });
});

function deepModel(): tf.Sequential {
  const kernel = tf.initializers.glorotUniform({ seed: 7 });
  return tf.sequential({
    layers: [
      tf.layers.dense({ name: 'in', units: 3, inputShape: [2], kernelInitializer: kernel }),
      tf.layers.batchNormalization({
        name: 'norm',
        momentum: 0.9,
        gammaInitializer: 'glorotUniform',
        betaInitializer: 'ones',
      }),
      tf.layers.dense({ name: 'mid', units: 2, kernelInitializer: kernel }),
      tf.layers.batchNormalization({ name: 'norm2' }),
      tf.layers.dense({ name: 'out', units: 1, kernelInitializer: kernel }),
    ],
  });
}

// ---- the same in doubles, written out -----------------------------------------------------------------------------------

interface Moments {
  readonly mean: readonly number[];
  readonly variance: readonly number[];
}

const average = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const columnsOf = (rows: Rows): number[][] => rows[0]!.map((_, j) => rows.map((row) => row[j]!));

function momentsOf(rows: Rows): Moments {
  const mean = columnsOf(rows).map(average);
  const variance = columnsOf(rows).map((column, j) => average(column.map((x) => (x - mean[j]!) ** 2)));
  return { mean, variance };
}

function meanOf(all: readonly Moments[]): Moments {
  return {
    mean: columnsOf(all.map(({ mean }) => mean)).map(average),
    variance: columnsOf(all.map(({ variance }) => variance)).map(average),
  };
}

function dense(model: tf.LayersModel, name: string, rows: Rows): Rows {
  const [kernel, bias] = [valuesOf(model, `${name}/kernel`), valuesOf(model, `${name}/bias`)];
  return rows.map((row) => bias.map((b, j) => row.reduce((sum, x, i) => sum + x * kernel[i * bias.length + j]!, b)));
}

function normalizedBy({ mean, variance }: Moments, rows: Rows): Rows {
  return rows.map((row) => row.map((x, j) => (x - mean[j]!) / Math.sqrt(variance[j]! + EPSILON)));
}

function normalized(model: tf.LayersModel, name: string, rows: Rows): Rows {
  const [gamma, beta] = [valuesOf(model, `${name}/gamma`), valuesOf(model, `${name}/beta`)];
  return normalizedBy(momentsOf(rows), rows).map((row) => row.map((x, j) => x * gamma[j]! + beta[j]!));
}

function expectMoments(found: Moments, expected: Moments): void {
  for (const statistic of ['mean', 'variance'] as const) {
    expect(found[statistic]).toHaveLength(expected[statistic].length);
    found[statistic].forEach((value, j) => expect(value).toBeCloseTo(expected[statistic][j]!, DIGITS));
  }
}

const weightOf = (model: tf.LayersModel, name: string): tf.Variable => weightsOf(model)[name] as unknown as tf.Variable;
const valuesOf = (model: tf.LayersModel, name: string): number[] => [...weightOf(model, name).dataSync()];

function write(model: tf.LayersModel, name: string, values: number[]): void {
  const variable = weightOf(model, name);
  const value = tf.tensor(values, variable.shape);
  variable.assign(value);
  value.dispose();
}

function bitsOf(model: tf.LayersModel): Record<string, Uint32Array> {
  const names = Object.keys(weightsOf(model));
  return Object.fromEntries(
    names.map((name) => [name, new Uint32Array(Float32Array.from(valuesOf(model, name)).buffer)]),
  );
}
