import {
  biasCorrected,
  fromBytes,
  ModelEma,
  modelEma,
  powerDecay,
  rampDecay,
  type ModelEmaOptions,
  toBytes,
  type Snapshot,
  type WeightMap,
} from 'rx-ema';
import { from, lastValueFrom, map, type Observable, toArray } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { closeTo } from './operators/marbles.js';
import { refusal } from './refusal.js';
import { BACKENDS, tf, use, withBackends } from './support/backends.js';

type Floats = Float32Array | Float64Array;
type Options = ModelEmaOptions<Float64Array>;

const w = (...xs: number[]): WeightMap<Float64Array> => ({ w: Float64Array.from(xs) });

/** The one weight's first element after each of these updates. */
function run(
  options: Options,
  xs: readonly number[],
  from?: ConstructorParameters<typeof ModelEma<Float64Array>>[1],
): number[] {
  const ema = new ModelEma<Float64Array>(options, from);
  return xs.map((x) => ema.update(w(x))['w']![0]!);
}

/** The shadow with biasCorrected() behind, started empty. */
function corrected(options: Options, rows: readonly WeightMap<Float64Array>[]): Promise<number[][]> {
  const stream = from(rows).pipe(
    modelEma(options),
    biasCorrected(),
    map((shadow) => Array.from(shadow['w']!)),
    toArray(),
  );
  return lastValueFrom(stream);
}

const mixed = (x: number): Record<string, Floats | Int32Array> => ({
  kernel: Float32Array.of(x),
  count: Int32Array.of(x),
  frozen: Float32Array.of(x),
});

function shadow(rule?: ModelEmaOptions<unknown>['rule']): Record<string, unknown> {
  const ema = new ModelEma<unknown>(rule === undefined ? { decay: 0.5 } : { decay: 0.5, rule });
  for (const x of [4, 8]) ema.update(mixed(x));
  return ema.shadow;
}

const counted = (x: number, count: bigint) => ({ kernel: Float32Array.of(x), count: BigInt64Array.of(count) });

const byName = (name: string) => (name === 'kernel' ? 'average' : name === 'count' ? 'copy' : 'ignore');

describe('ModelEma', () => {
  it('copies the first weights, which are no step, and moves by 1 − d(n) at update n', () => {
    const ema = new ModelEma<Float64Array>({ decay: rampDecay({ decay: 0.9, tau: 2 }) });
    const [d1, d2] = [1, 2].map((n) => 0.9 * (1 - Math.exp(-n / 2))) as [number, number];
    expect([ema.updates, ema.shadow]).toEqual([0, {}]);
    expect([ema.update(w(4))['w']![0], ema.updates]).toEqual([4, 0]);
    const first = d1 * 4 + (1 - d1) * 8;
    expect(ema.update(w(8))['w']![0]).toBeCloseTo(first, 14);
    expect(ema.update(w(1))['w']![0]).toBeCloseTo(d2 * first + (1 - d2) * 1, 14);
    expect(ema.updates).toBe(2);
  });

  it('as an operator: two steps by hand, raw from a copy and corrected from nothing', () => {
    new TestScheduler(closeTo({ rtol: 1e-15 })).run(({ cold, expectObservable }) => {
      const source = (): Observable<WeightMap<Float64Array>> => cold('-a-b-|', { a: w(4), b: w(8) });
      const first = map((shadow: WeightMap<Float64Array>) => shadow['w']![0]!);
      expectObservable(source().pipe(modelEma({ decay: 0.75 }), first)).toBe('-x-y-|', { x: 4, y: 5 });
      expectObservable(source().pipe(modelEma({ decay: 0.75 }), biasCorrected(), first)).toBe('-x-y-|', {
        x: 4,
        y: 4 + (0.25 / 0.4375) * 4,
      });
    });
  });

  it.each<[string, Options, number[]]>([
    ['decay 1 freezes', { decay: 1 }, [4, 4, 4]],
    ['alpha 0 freezes', { alpha: 0 }, [4, 4, 4]],
    ['decay 0 follows', { decay: 0 }, [4, 8, 1]],
    ['halfLife 1 halves', { halfLife: 1 }, [4, 6, 3.5]],
    ['a schedule may freeze for a while', { decay: ({ step }) => (step === 1 ? 1 : 0.5) }, [4, 4, 2.5]],
  ])('%s', (_, options, want) => {
    expect(run(options, [4, 8, 1])).toEqual(want);
  });

  it('tau 3 after three updates has moved by 1 − 1/e', () => {
    expect(run({ tau: 3 }, [0, 1, 1, 1]).at(-1)).toBeCloseTo(1 - 1 / Math.E, 14);
  });

  // the table of docs/model-weights.md (maths M10): from 1 towards 2, 60 000 updates
  it.each([
    [0.99, 1.999994, 2],
    [0.999, 1.99994, 2],
    [0.9999, 1.997475, 1.997522],
    [0.99999, 1.451174, 1.45119],
  ])('at decay %f stops at %f in float32, and comes to %f with a second term', (decay, single, twoTerm) => {
    const ends = [false, true].map((compensated) => {
      const ema = new ModelEma<Float32Array>({ decay, compensated }, { shadow: { w: Float32Array.of(1) }, updates: 0 });
      const weights = { w: Float32Array.of(2) };
      for (let n = 0; n < 60_000; n++) ema.update(weights);
      return ema.shadow['w']![0]!;
    });
    expect(ends[0]).toBeCloseTo(single, 6);
    expect(ends[1]).toBeCloseTo(twoTerm, 6);
    expect(ends[1]).toBeCloseTo(2 - decay ** 60_000, 6);
  });

  describe('stepsPerUpdate', () => {
    it('k updates by the product of the k steps’ decays', () => {
      const [, once] = run({ decay: 0.9999, stepsPerUpdate: 10 }, [0, 1]);
      expect(once).toBeCloseTo(1 - 0.99900045, 8); // maths M8
      const ten = run({ decay: 0.9999 }, [0, ...Array.from({ length: 10 }, () => 1)]);
      expect(Math.abs(once! - ten.at(-1)!)).toBeLessThanOrEqual(1e-16);
    });

    it('asks a schedule for the training steps: n·k − k + 1 to n·k', () => {
      const asked: number[] = [];
      const decay = ({ step }: { step: number }): number => (asked.push(step), step / (step + 1));
      const [, first, second] = run({ decay, stepsPerUpdate: 3 }, [0, 1, 1]);
      expect(asked).toEqual([1, 2, 3, 4, 5, 6]);
      expect(first).toBeCloseTo(1 - (1 / 2) * (2 / 3) * (3 / 4), 14);
      expect(second).toBeCloseTo(1 - 1 / 7, 14);
    });

    it('of powerDecay is (1 − k/n)^(gamma + 1) with n the training step, however many steps', () => {
      // of update u it is (1 − 1/u)^(gamma + 1) for every k: ln of it and back, each rounded
      const alone = run({ decay: powerDecay({ gamma: 2.5 }) }, [5, 0, 1, 1, 3]);
      for (const stepsPerUpdate of [2, 7, 1e12]) {
        run({ decay: powerDecay({ gamma: 2.5 }), stepsPerUpdate }, [5, 0, 1, 1, 3]).forEach((got, i) => {
          expect(Math.abs(got - alone[i]!)).toBeLessThanOrEqual(4 * 2 ** -52);
        });
      }
    });

    it('of powerDecay with bounds or a late start is the product of its steps all the same', () => {
      for (const more of [{ max: 0.6 }, { min: 0.3 }, { startAfter: 4 }, { startAfter: 3 }]) {
        const decay = powerDecay({ gamma: 2.5, ...more });
        const byStep = run({ decay: (at) => decay(at), stepsPerUpdate: 3 }, [5, 0, 1, 1, 3]);
        run({ decay, stepsPerUpdate: 3 }, [5, 0, 1, 1, 3]).forEach((got, i) => {
          expect(Math.abs(got - byStep[i]!)).toBeLessThanOrEqual(8 * 2 ** -52);
        });
      }
    });

    it('keeps the digits of what one update brings, late in a long run', () => {
      const late = { shadow: w(0), updates: 1e9 - 1 };
      const [next] = run({ decay: powerDecay({ gamma: 0 }), stepsPerUpdate: 10 }, [1], late);
      expect(Math.abs(next! / 1e-9 - 1)).toBeLessThan(1e-15); // 1 − (1 − 1e-9) is off by 3e-8
    });

    it('of alpha, halfLife and tau means the same', () => {
      for (const options of [{ alpha: 0.1 }, { halfLife: 5 }, { tau: 5 }] as const) {
        const [, thrice] = run({ ...options, stepsPerUpdate: 3 }, [0, 1]);
        expect(thrice).toBeCloseTo(run(options, [0, 1, 1, 1]).at(-1)!, 14);
      }
    });
  });

  it.each<[string, unknown, string, string]>([
    [
      'weights',
      { w: Float32Array.of(1) },
      'OPTION_VALUE',
      'from must be a snapshot (of a file: readSafetensors(path).snapshot) or { shadow, updates }, got { w }',
    ],
    ['bytes', new Uint8Array(3), 'SNAPSHOT_VERSION', 'the snapshot must be of version 1, got bytes (see fromBytes)'],
    ['null', null, 'SNAPSHOT_CORRUPT', 'the snapshot must be an object, got null'],
    [
      'a shadow without updates',
      { shadow: { w: Float32Array.of(1) } },
      'OPTION_VALUE',
      'updates must be an integer >= 0, got undefined',
    ],
  ])('cannot go on from %s', (_, from, code, message) => {
    expect(refusal(() => new ModelEma({ decay: 0.5 }, from as never))).toEqual({ code, message });
  });

  it('says what to give in place of a model', async () => {
    await use('cpu');
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
    const { code, message } = refusal(() => new ModelEma({ decay: 0.5 }).update(model as never));
    expect([code, message]).toEqual([
      'VALUE_KIND',
      'the value must be weights by name, got a model: give weightsOf(model)',
    ]);
    model.dispose();
  });

  it('goes on from a shadow and the updates it has seen, of which it takes copies', () => {
    const decay = rampDecay({ decay: 0.99, tau: 20 });
    const through = run({ decay }, [4, 8, 1, 3]);
    const start = w(through[1]!);
    expect(run({ decay }, [1, 3], { shadow: start, updates: 1 })).toEqual(through.slice(2));
    expect(start).toEqual(w(through[1]!));
    for (const updates of [-1, 1.5, NaN, '1' as never]) {
      expect(refusal(() => new ModelEma({ decay }, { shadow: start, updates })).code).toBe('OPTION_VALUE');
    }
    expect(refusal(() => new ModelEma({ decay }, { shadow: {}, updates: 1 })).code).toBe('NAMES_MISMATCH');
  });

  describe('rule', () => {
    it('by default averages floats and copies the rest', () => {
      expect(shadow()).toEqual({ kernel: Float32Array.of(6), count: Int32Array.of(8), frozen: Float32Array.of(6) });
    });

    it('averages, copies the latest value, or leaves out by name', () => {
      expect(shadow(byName)).toEqual({ kernel: Float32Array.of(6), count: Int32Array.of(8) });
    });

    it('averages integers as doubles where it says so', () => {
      expect(shadow(() => 'average')['count']).toEqual(Float64Array.of(6));
    });

    it('is asked once per name, with the weight', () => {
      const asked: [string, unknown][] = [];
      const ema = new ModelEma<unknown>({
        decay: 0.5,
        rule: (name, weight) => {
          asked.push([name, weight]);
          return name === 'frozen' ? 'ignore' : 'average';
        },
      });
      const first = mixed(4);
      ema.update(first);
      for (const x of [8, 1]) ema.update(mixed(x));
      expect(asked).toEqual(Object.entries(first));
    });

    it('lets what is ignored be anything, come and go', () => {
      const ema = new ModelEma<unknown>({ decay: 0.5, rule: (name) => (name === 'kernel' ? 'average' : 'ignore') });
      ema.update({ kernel: Float32Array.of(4), label: 'x' });
      ema.update({ kernel: Float32Array.of(8), other: null });
      expect(ema.shadow).toEqual({ kernel: Float32Array.of(6) });
    });

    it('copies and ignores integers of 64 bits, exactly, and keeps them in snapshots', () => {
      const big = 2n ** 53n + 1n; // not a double
      const options = { decay: 0.5, rule: 'timm' } as const;
      const ema = new ModelEma<unknown>(options);
      const given = counted(8, -big);
      ema.update(counted(4, big));
      ema.update(given);
      expect(ema.shadow).toEqual({ kernel: Float32Array.of(6), count: BigInt64Array.of(-big) });
      given.count[0] = 0n;
      const resumed = new ModelEma<unknown>(options, fromBytes(toBytes(ema.snapshot())));
      expect(resumed.shadow).toEqual({ kernel: Float32Array.of(6), count: BigInt64Array.of(-big) });
      expect(resumed.update(counted(6, 3n))).toEqual(counted(6, 3n));
      expect(refusal(() => resumed.update({ ...counted(6, 3n), count: Int32Array.of(3) })).code).toBe('DTYPE_MISMATCH');
      const copies = new ModelEma<unknown>({ ...options, emit: 'copy' });
      const kept = copies.update(counted(4, big));
      copies.update(counted(8, 1n));
      expect(kept).toEqual(counted(4, big));
      expect(new ModelEma<unknown>({ decay: 0.5, rule: 'yolov5' }).update(counted(4, big))).toEqual({
        kernel: Float32Array.of(4),
      });
    });

    it('cannot average integers of 64 bits', () => {
      const ema = new ModelEma<unknown>({ decay: 0.5, rule: () => 'average' });
      const { code, message } = refusal(() => ema.update({ count: BigInt64Array.of(3n) }));
      expect([code, message]).toEqual([
        'VALUE_KIND',
        "the value must be floats or integers of at most 32 bits where the rule averages, as for 'count', got BigInt64Array",
      ]);
      expect(ema.shadow).toEqual({});
    });

    it('a snapshot that says 64-bit integers are averaged, or are a tensor, is corrupt', () => {
      const options = { decay: 0.5, rule: 'timm' } as const;
      const ema = new ModelEma<unknown>(options);
      ema.update({ kernel: Float32Array.of(4), count: BigInt64Array.of(3n) });
      const saved = ema.snapshot();
      const swapped = { ...saved.shadows, 'weight kernel': BigInt64Array.of(4n) };
      expect(refusal(() => new ModelEma(options, { ...saved, shadows: swapped })).code).toBe('SNAPSHOT_CORRUPT');
    });

    it('that returns something else is an error', () => {
      const { code, message } = refusal(() => shadow((() => 'freeze') as never));
      expect([code, message]).toEqual([
        'OPTION_VALUE',
        "rule must return 'average', 'copy' or 'ignore', got 'freeze' for 'kernel'",
      ]);
    });
  });

  describe('elements that are not finite', () => {
    it('are left out of the update and counted', () => {
      const ema = new ModelEma<Float64Array>({ decay: 0.5 });
      ema.update(w(4, 4, 4));
      expect(ema.update(w(8, NaN, -Infinity))['w']).toEqual(Float64Array.of(6, 4, 4));
      expect(ema.refused).toBe(2);
      ema.update(w(NaN, 8, 8));
      expect([ema.refused, ema.updates]).toEqual([3, 2]);
    });

    it('in the shadow take the next finite value', () => {
      const ema = new ModelEma<Float64Array>({ decay: 0.5 });
      ema.update(w(NaN, 4));
      expect(ema.update(w(8, 8))['w']).toEqual(Float64Array.of(8, 6));
    });

    it('go on as IEEE has them under propagate', () => {
      const ema = new ModelEma<Float64Array>({ decay: 0.5, missing: 'propagate' });
      ema.update(w(4, 4));
      expect(ema.update(w(NaN, Infinity))['w']).toEqual(Float64Array.of(NaN, Infinity));
      expect(ema.refused).toBe(0);
    });

    it('are taken as step 1 whenever they come, when the shadow started empty', async () => {
      expect(await corrected({ decay: 0.5 }, [w(NaN, 4), w(8, 8)])).toEqual([
        [NaN, 4],
        [8, 4 + (0.5 / 0.75) * 4],
      ]);
    });
  });

  it('the live shadow is one map, of which every update changes the values', () => {
    const ema = new ModelEma<Float64Array>({ decay: 0.5 });
    const first = ema.update(w(4));
    expect(ema.update(w(8))).toBe(first);
    expect(ema.shadow).toBe(first);
    const copies = new ModelEma<Float64Array>({ decay: 0.5, emit: 'copy' });
    const kept = copies.update(w(4));
    copies.update(w(8));
    expect(kept).toEqual(w(4));
  });

  it('reset() forgets all but the options; dispose() ends it', () => {
    const ema = new ModelEma<Float64Array>({ decay: 0.5 });
    const empty = ema.snapshot();
    ema.update(w(4));
    ema.update(w(NaN));
    ema.copyAttributes({ names: ['zero'] });
    ema.reset();
    expect(ema.snapshot()).toEqual(empty);
    expect([ema.updates, ema.refused, ema.shadow, ema.attributes]).toEqual([0, 0, {}, {}]);
    ema.update({ other: Float64Array.of(1, 2) });
    ema.dispose();
    expect(ema.shadow).toEqual({});
    expect(refusal(() => ema.update(w(4))).code).toBe('DISPOSED');
  });

  describe('a snapshot', () => {
    const options = { decay: 0.5, rule: (name: string) => (name === 'count' ? 'copy' : 'average') } as const;
    const made = new ModelEma<unknown>(options);
    for (const x of [4, NaN, 8]) made.update({ kernel: Float32Array.of(x, 1), count: Int32Array.of(3) });
    made.copyAttributes({ names: ['zero'], stride: 32 });
    const snapshot = made.snapshot();
    const load = (from: unknown, under: ModelEmaOptions<unknown> = options) =>
      refusal(() => new ModelEma<unknown>(under, from as Snapshot));

    it('is plain data and brings all back', () => {
      expect(structuredClone(snapshot)).toEqual(snapshot);
      expect(JSON.parse(JSON.stringify(snapshot.scalars))).toEqual(snapshot.scalars);
      const resumed = new ModelEma<unknown>(options, snapshot);
      expect(resumed.snapshot()).toEqual(snapshot);
      expect([resumed.updates, resumed.refused, resumed.attributes, resumed.shadow]).toEqual([
        made.updates,
        1,
        { names: ['zero'], stride: 32 },
        made.shadow,
      ]);
    });

    it.each(Object.keys(snapshot.shadows))("without its array '%s', or with a shorter one, is refused", (name) => {
      const { [name]: array, ...rest } = snapshot.shadows;
      expect(load({ ...snapshot, shadows: rest }).code).toBe('SNAPSHOT_CORRUPT');
      expect(load({ ...snapshot, shadows: { ...rest, [name]: array!.slice(1) } }).code).toBe('SNAPSHOT_CORRUPT');
      expect(load({ ...snapshot, shadows: { ...rest, [name]: Array.from(array as Float64Array) } }).code).toBe(
        'SNAPSHOT_CORRUPT',
      );
    });

    it.each(Object.keys(snapshot.scalars))("without its scalar '%s' is refused", (name) => {
      const { [name]: _gone, ...rest } = snapshot.scalars;
      expect(load({ ...snapshot, scalars: rest }).code).toBe('SNAPSHOT_CORRUPT');
    });

    it.each<[ModelEmaOptions<unknown>, RegExp]>([
      [{ ...options, decay: 0.6 }, /decay/],
      [{ ...options, missing: 'throw' }, /missing/],
      [{ ...options, stepsPerUpdate: 2 }, /stepsPerUpdate/],
      [{ decay: 0.5 }, /rule/],
    ])('is refused by %o, naming the option', (other, named) => {
      const { code, message } = load(snapshot, other);
      expect(code).toBe('SNAPSHOT_OPTIONS');
      expect(message).toMatch(named);
    });

    it('is refused of another version', () => {
      expect(load({ ...snapshot, version: 2 }).code).toBe('SNAPSHOT_VERSION');
    });

    it('is refused at the first update by a rule that now says something else, and nothing changes', () => {
      const resumed = new ModelEma<unknown>({ ...options, rule: () => 'average' }, snapshot);
      const weights = { kernel: Float32Array.of(1, 1), count: Int32Array.of(3) };
      expect(refusal(() => resumed.update(weights)).code).toBe('SNAPSHOT_OPTIONS');
      expect(resumed.snapshot()).toEqual(snapshot);
    });
  });

  describe('copyAttributes', () => {
    const model = {
      names: ['a'],
      stride: 32,
      nested: { deep: [1, null] },
      _seed: 1,
      fit: () => {},
      at: new Date(0),
      nan: NaN,
    };

    it('copies plain attributes, none that start with _, and they stay as they were', () => {
      const ema = new ModelEma({ decay: 0.5 });
      const own = structuredClone({ names: model.names, stride: 32, nested: model.nested });
      ema.copyAttributes(model);
      const { nested } = ema.attributes as typeof model;
      expect(ema.attributes).toEqual(own);
      expect(nested).not.toBe(model.nested);
    });

    it('includes and excludes by name, and adds to what is there', () => {
      const ema = new ModelEma({ decay: 0.5 });
      ema.copyAttributes(model, { include: ['stride'] });
      ema.copyAttributes(model, { exclude: ['nested', 'stride'] });
      expect(ema.attributes).toEqual({ stride: 32, names: ['a'] });
    });

    it.each(['_seed', 'fit', 'at', 'nan', 'gone', 'toString'])('refuses to include %s', (name) => {
      const ema = new ModelEma({ decay: 0.5 });
      expect(refusal(() => ema.copyAttributes(model, { include: [name] })).code).toBe('OPTION_VALUE');
      expect(ema.attributes).toEqual({});
    });
  });
});

const tensors = (x: number): WeightMap<tf.Tensor> => ({
  kernel: tf.tensor2d([x, 2 * x], [1, 2]),
  count: tf.scalar(x, 'int32'),
  mask: tf.tensor1d([true, false, x > 4], 'bool'),
});
const read = (weights: WeightMap<tf.Tensor>): unknown =>
  Object.entries(weights).map(([name, one]) => [name, one.dtype, one.shape, Array.from(one.dataSync())]);

withBackends(BACKENDS, 'ModelEma of tensors', () => {
  it('averages floats, copies ints and bools, and a snapshot brings all of them back', () => {
    const before = tf.memory().numTensors;
    const ema = new ModelEma<tf.Tensor>({ decay: 0.5 });
    const rows = [4, 8, 1].map(tensors);
    for (const row of rows.slice(0, 2)) ema.update(row);
    const resumed = new ModelEma<tf.Tensor>({ decay: 0.5 }, structuredClone(ema.snapshot()));
    const want = [
      ['kernel', 'float32', [1, 2], [6, 12]],
      ['count', 'int32', [], [8]],
      ['mask', 'bool', [3], [1, 0, 1]],
    ];
    expect(read(ema.shadow)).toEqual(want);
    expect(read(resumed.shadow)).toEqual(want);
    expect(read(resumed.update(rows[2]!))).toEqual(read(ema.update(rows[2]!)));
    for (const one of [ema, resumed]) one.dispose();
    tf.dispose(rows);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('counts refused elements and fills empty ones, as with typed arrays', () => {
    const ema = new ModelEma<tf.Tensor>({ decay: 0.5 });
    const rows = [
      [4, NaN],
      [NaN, 8],
      [8, 8],
    ].map((row) => ({ w: tf.tensor1d(row) }));
    const out = rows.map((row) => Array.from(ema.update(row)['w']!.dataSync()));
    expect(out).toEqual([
      [4, NaN],
      [4, 8],
      [6, 8],
    ]);
    expect(ema.refused).toBe(1);
    ema.dispose();
    tf.dispose(rows);
  });
});

describe('weights that getters read from elsewhere', () => {
  const names = Array.from({ length: 5 }, (_, i) => `w${i}`);

  /** Weights that are made when they are asked for: how often each was, and `fails` if it is to. */
  function lazy(x: number, fails: (name: string, time: number) => boolean = () => false) {
    const times: Record<string, number> = {};
    const properties = names.map((name) => {
      const get = (): Float32Array => {
        times[name] = (times[name] ?? 0) + 1;
        if (fails(name, times[name])) throw new Error(`${name} can't be read`);
        return Float32Array.of(x);
      };
      return [name, { get, enumerable: true }] as const;
    });
    return { weights: Object.defineProperties({}, Object.fromEntries(properties)) as WeightMap<Float32Array>, times };
  }
  const twice = Object.fromEntries(names.map((name) => [name, 2]));

  it.each<ModelEmaOptions<Float32Array>>([
    { decay: 0.5 },
    { decay: 0.5, missing: 'throw', rule: () => 'average' },
    { decay: 0.5, rule: () => 'copy' },
  ])('are asked for twice an update, the first included: %o', (options) => {
    const ema = new ModelEma<Float32Array>(options);
    for (const x of [1, 2, 3]) {
      const { weights, times } = lazy(x);
      ema.update(weights);
      expect(times).toEqual(twice);
    }
  });

  it("are refused under missing: 'throw' from the first on, and leave nothing begun", () => {
    const ema = new ModelEma<Float32Array>({ decay: 0.5, missing: 'throw' });
    expect(refusal(() => ema.update(lazy(NaN).weights)).code).toBe('MISSING_VALUE');
    expect(ema.shadow).toEqual({});
  });

  it('that fail when they are checked change nothing', () => {
    const ema = new ModelEma<Float32Array>({ decay: 0.5 });
    expect(() => ema.update(lazy(1, (name) => name === 'w3').weights)).toThrow("w3 can't be read");
    ema.update(lazy(1).weights);
    const before = ema.snapshot();
    expect(() => ema.update(lazy(2, (name) => name === 'w3').weights)).toThrow("w3 can't be read");
    expect(ema.snapshot()).toEqual(before);
  });

  it('that fail half-way through the move leave no half-moved shadow to go on from', () => {
    const ema = new ModelEma<Float32Array>({ decay: 0.5 });
    ema.update(lazy(1).weights);
    expect(() => ema.update(lazy(2, (name, time) => name === 'w3' && time === 2).weights)).toThrow("w3 can't be read");
    expect(refusal(() => ema.update(lazy(2).weights)).code).toBe('DISPOSED');
    expect(refusal(() => ema.snapshot()).code).toBe('DISPOSED');
  });
});
