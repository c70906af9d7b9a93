import { ModelEma, type ModelEmaOptions, type WeightMap } from 'rx-ema';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refusal } from '../refusal.js';
import { BACKENDS, tf, withBackends, type Backend } from '../support/backends.js';

type Weight = tf.Tensor | Float32Array | Int32Array;
type Values = readonly number[];
type Named = Readonly<Record<string, Weight>>;
type Options = Pick<ModelEmaOptions<Weight>, 'missing' | 'compensated'>;

/** Where weights lie. */
interface Memory {
  readonly floats: (values: Values) => Weight;
  readonly ints: (values: Values) => Weight;
  readonly backend: Backend | null;
}

const arrays: Memory = {
  floats: (values) => Float32Array.from(values),
  ints: (values) => Int32Array.from(values),
  backend: null,
};

/** @param repeated - how often the values come: what is large is not moved as what is small */
const tensors = (backend: Backend, repeated: number): Memory => {
  const tiled = (values: Values): number[] => Array.from({ length: repeated }, () => values).flat();
  return {
    floats: (values) => tf.tensor2d(tiled(values), [repeated, values.length]),
    ints: (values) => tf.tensor2d(tiled(values), [repeated, values.length], 'int32'),
    backend,
  };
};

describe('weights in arrays', () => faults(arrays));
withBackends(BACKENDS, 'weights', (backend) => {
  describe('in small tensors', () => faults(tensors(backend, 1)));
  describe('in large tensors', () => faults(tensors(backend, 1500)));
});

const free = (map: Named): void => tf.dispose(map);
const MAX32 = 2 ** 128 - 2 ** 104;
const TINY = 2 ** -140;
const WAYS: readonly Options[] = [{}, { compensated: true }];

/** The first elements of a weight; all rows of a large one are equal. */
function read(weight: Weight): number[] {
  const values = Array.from(weight instanceof tf.Tensor ? weight.dataSync() : weight);
  const width = weight instanceof tf.Tensor ? weight.shape.at(-1)! : weight.length;
  const first = values.slice(0, width);
  expect(values.every((value, i) => Object.is(value, first[i % width]))).toBe(true);
  return first;
}
const rowsOf = (weight: Weight): number => (weight instanceof tf.Tensor ? weight.shape[0] : 1);

/** What the shadow is after each of these maps, which are freed. */
function updated(ema: ModelEma<Weight>, ...maps: Named[]): number[][][] {
  return maps.map((map) => {
    const out = ema.update(map);
    const rows = Object.values(out).map(read);
    free(map);
    return rows;
  });
}
function faults({ floats, ints, backend }: Memory): void {
  let before: number;
  const count = (): number => (backend === null ? 0 : tf.memory().numTensors);
  beforeEach(() => void (before = count()));
  afterEach(() => expect(count()).toBe(before));

  const next = (): Named => ({ a: floats([6, NaN]), b: floats([3, 3]) });
  const counters = (x: number): Named => ({ steps: ints([x, -x]), w: floats([x]) });
  const torn = (): Named => ({ w: floats([NaN, Infinity, 4]) });
  const started = (options: Options = {}): ModelEma<Weight> => {
    const ema = new ModelEma<Weight>({ decay: 0.5, ...options });
    updated(ema, { a: floats([4, 4]), b: floats([1, 2]) }, { a: floats([8, 8]), b: floats([1, 2]) });
    return ema;
  };

  /** Holds that the map is refused, and nothing has changed by that: neither values, nor counts, nor what comes next. */
  function refuses(map: unknown, code: string, message: RegExp | string, options: Options = {}): void {
    const [ema, twin] = [started(options), started(options)];
    const snapshot = ema.snapshot();
    const said = refusal(() => ema.update(map as WeightMap<Weight>));
    expect(said.code).toBe(code);
    expect(said.message).toMatch(message);
    expect(ema.snapshot()).toEqual(snapshot);
    expect([ema.updates, ema.refused]).toEqual([1, 0]);
    if (options.missing !== 'throw') {
      expect(updated(ema, next())).toEqual(updated(twin, next()));
      expect(ema.snapshot()).toEqual(twin.snapshot());
    }
    for (const one of [ema, twin]) one.dispose();
    if (typeof map === 'object') free(map as Named);
  }

  it.each(WAYS)(
    'that turn NaN at step 200 leave the average where it was, and it goes on where they end (%o)',
    (way) => {
      const ema = new ModelEma<Weight>({ decay: 0.9, ...way });
      const twin = new ModelEma<Float64Array>({ decay: 0.9 });
      const second: number[] = [];
      for (let step = 0; step < 300; step++) {
        const row = [Math.sin(step), step >= 200 && step < 260 ? NaN : Math.cos(step)];
        const [[out]] = updated(ema, { a: floats(row) }) as [[number[]]];
        const want = twin.update({ a: Float64Array.from(row) })['a']!;
        out.forEach((one, i) => expect(Math.abs(one - want[i]!)).toBeLessThan(20 * 2 ** -24));
        second.push(out[1]!);
      }
      expect(new Set(second.slice(199, 260)).size).toBe(1);
      expect([ema.refused, ema.updates]).toEqual([60 * rowsOf(ema.shadow['a']!), 299]);
      ema.dispose();
    },
  );

  it("that are not finite are an error under missing: 'throw', which says which and where", () => {
    refuses({ a: floats([4, 4]), b: floats([1, NaN]) }, 'MISSING_VALUE', /element 1 of weight 'b' .*got NaN$/, {
      missing: 'throw',
    });
    refuses({ a: floats([-Infinity, 4]), b: floats([1, 2]) }, 'MISSING_VALUE', /element 0 of weight 'a' .*-Infinity$/, {
      missing: 'throw',
    });
  });

  it.each<[string, () => Named, string]>([
    [
      'a prefix',
      () => ({ 'module.a': floats([1, 2]), 'module.b': floats([1, 2]) }),
      "'module.a' with 'module.' in front",
    ],
    ['a name less', () => ({ a: floats([1, 2]) }), "none for 'b'"],
    ['a name more', () => ({ a: floats([1, 2]), b: floats([1, 2]), c: floats([1]) }), "'c' besides"],
    ['no names', () => ({}), "none for 2 ('a', 'b')"],
  ])('with %s are refused', (_, map, got) => {
    refuses(map(), 'NAMES_MISMATCH', `the weights must have the names of the first ones, got ${got}`);
  });

  it('of another shape or type are refused by name', () => {
    refuses(
      { a: floats([1, 2]), b: floats([1, 2, 3]) },
      'SHAPE_MISMATCH',
      /weight 'b' must have shape \[.*2\], got \[.*3\]/,
    );
    refuses({ a: ints([1, 2]), b: floats([1, 2]) }, 'DTYPE_MISMATCH', /weight 'a' must be (f|F)loat32/);
    refuses({ a: floats([1, 2]), b: [1, 2] }, 'VALUE_KIND', /'b' must be one, got \[1, 2\]/);
    refuses({ a: floats([1, 2]), b: undefined }, 'VALUE_KIND', /'b' must be one, got undefined/);
  });

  it('that are no map of names are refused', () => {
    const list = [floats([1, 2]), floats([1, 2])];
    refuses(list, 'VALUE_KIND', /weights by name, got an array/);
    refuses(new Map([['a', 1]]), 'VALUE_KIND', /weights by name, got Map/);
    refuses(null, 'VALUE_KIND', /weights by name, got null/);
    refuses(7, 'VALUE_KIND', /weights by name, got 7/);
  });

  it('of which one is refused late leave those before it alone', () => {
    const ema = new ModelEma<Weight>({ decay: 0.5 });
    updated(ema, { first: floats([4]), last: floats([4]) });
    const bad = { first: floats([8]), last: ints([8]) };
    expect(refusal(() => ema.update(bad)).code).toBe('DTYPE_MISMATCH');
    free(bad);
    expect(Object.values(ema.shadow).map(read)).toEqual([[4], [4]]);
    ema.dispose();
  });

  it('that are integers are copied, or averaged where the rule says so', () => {
    const [copied, averaged] = [{}, { rule: () => 'average' as const }].map((options) => {
      const ema = new ModelEma<Weight>({ decay: 0.75, ...options });
      const rows = updated(ema, counters(4), counters(9));
      ema.dispose();
      return rows.at(-1);
    });
    expect(copied).toEqual([[9, -9], [5.25]]);
    expect(averaged).toEqual([[5.25, -5.25], [5.25]]);
  });

  describe.each(WAYS)('elements of the shadow that are not finite (%o)', (way) => {
    const later = [() => ({ w: floats([8, NaN, 8]) }), () => ({ w: floats([4, 6, 4]) })];
    const want = [[[8, Infinity, 6]], [[6, 6, 5]]];

    it('take the next finite value when the run began with them', () => {
      const shadow = torn();
      const ema = new ModelEma<Weight>({ decay: 0.5, ...way }, { shadow, updates: 7 });
      free(shadow);
      expect(updated(ema, ...later.map((make) => make()))).toEqual(want);
      expect([ema.updates, ema.refused]).toEqual([9, rowsOf(ema.shadow['w']!)]);
      ema.dispose();
    });

    it('and when they come from a snapshot', () => {
      const first = new ModelEma<Weight>({ decay: 0.5, ...way });
      updated(first, torn());
      const ema = new ModelEma<Weight>({ decay: 0.5, ...way }, first.snapshot());
      expect(updated(ema, ...later.map((make) => make()))).toEqual(want);
      for (const one of [first, ema]) one.dispose();
    });
  });

  it.each(WAYS)('at the ends of float32 move as anywhere: huge, tiny, and both zeros (%o)', (way) => {
    const ema = new ModelEma<Weight>({ decay: 0.75, ...way });
    const rows = [
      [MAX32, -MAX32, TINY, -0],
      [-MAX32, MAX32, 5 * TINY, -0],
    ];
    const [, out] = updated(ema, ...rows.map((row) => ({ w: floats(row) })));
    const [huge, low, tiny, zero] = out![0] as [number, number, number, number];
    expect(Math.abs(huge - MAX32 / 2)).toBeLessThanOrEqual(2 ** -23 * MAX32);
    expect(low).toBe(-huge);
    if (backend !== 'tensorflow') expect(tiny).toBe(2 * TINY);
    else expect(Math.abs(tiny)).toBeLessThan(2 ** -126); // TensorFlow may take subnormals for 0
    expect(zero + 0).toBe(0);
    expect(ema.refused).toBe(0);
    ema.dispose();
  });

  it('are counted exactly where they are refused, however often the count is asked for', () => {
    const ema = new ModelEma<Weight>({ decay: 0.5 });
    updated(ema, { a: floats([1, 1, 1]), b: floats([1]) });
    let want = 0;
    for (let n = 0; n < 60; n++) {
      const holes = [0, 1, 2].map((i) => (n >> i) % 2 === 1);
      const map = { a: floats(holes.map((hole) => (hole ? NaN : 2))), b: floats([n % 7 === 0 ? -Infinity : 1]) };
      want += rowsOf(map.a) * (holes.filter(Boolean).length + Number(n % 7 === 0));
      updated(ema, map);
      if (n % 5 === 0) expect(ema.refused).toBe(want);
    }
    expect(ema.refused).toBe(want);
    ema.dispose();
  });
}

const filled = (x: number): tf.Tensor => tf.tensor1d(new Float32Array(3000).fill(x));
const tiny = (x: number): WeightMap<tf.Tensor> =>
  Object.fromEntries(Array.from({ length: 1e4 }, (_, i) => [`w${i}`, tf.tensor1d([x, i])]));

withBackends(BACKENDS, 'weights', (backend) => {
  it('lie in tensors and in arrays in one map', () => {
    const before = tf.memory().numTensors;
    const ema = new ModelEma<Weight | Float64Array>({ decay: 0.5 });
    for (const x of [4, 8, NaN]) {
      const t = filled(x);
      ema.update({ f32: Float32Array.of(x), f64: Float64Array.of(x), t, i32: Int32Array.of(8) });
      t.dispose();
    }
    const { f32, f64, t, i32 } = ema.shadow as Record<string, Weight>;
    expect([f32, f64, i32]).toEqual([Float32Array.of(6), Float64Array.of(6), Int32Array.of(8)]);
    expect(Array.from((t as tf.Tensor).dataSync()).every((x) => x === 6)).toBe(true);
    expect(ema.refused).toBe(3002);
    ema.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('of which one is disposed are refused by name', () => {
    const ema = new ModelEma<tf.Tensor>({ decay: 0.5 });
    const [a, b] = [tf.ones([2]), tf.ones([3000])];
    ema.update({ a, b });
    const snapshot = ema.snapshot();
    b.dispose();
    const { code, message } = refusal(() => ema.update({ a, b }));
    expect([code, message]).toEqual(['TENSOR_DISPOSED', "weight 'b' must be live, got a disposed one"]);
    expect(ema.snapshot()).toEqual(snapshot);
    ema.dispose();
    a.dispose();
  });

  it('may be 10 000 tiny tensors', () => {
    const before = tf.memory().numTensors;
    const ema = new ModelEma<tf.Tensor>({ decay: 0.5 });
    for (const x of [0, 1, NaN, 2]) {
      const given = tiny(x);
      ema.update(given);
      tf.dispose(given);
    }
    const resumed = new ModelEma<tf.Tensor>({ decay: 0.5 }, ema.snapshot());
    for (const one of [ema, resumed]) {
      expect(Array.from(one.shadow['w9999']!.dataSync())).toEqual([1.25, 9999]);
      expect([one.updates, one.refused, Object.keys(one.shadow).length]).toEqual([3, 1e4, 1e4]);
      one.dispose();
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  it('may be empty, whatever they are by name', () => {
    const ema = new ModelEma<tf.Tensor>({ decay: 0.5, compensated: backend === 'tensorflow' });
    const given = { none: tf.zeros([0, 3]), rows: tf.zeros([4096, 0]), w: tf.ones([2]) };
    for (let n = 0; n < 3; n++) ema.update(given);
    expect(Object.values(ema.shadow).map((one) => one.shape)).toEqual([[0, 3], [4096, 0], [2]]);
    const resumed = new ModelEma<tf.Tensor>({ decay: 0.5, compensated: backend === 'tensorflow' }, ema.snapshot());
    resumed.update(given);
    expect(resumed.updates).toBe(3);
    for (const one of [ema, resumed]) one.dispose();
    tf.dispose(given);
  });

  it('stay what they were, whoever writes to the array that a tensor was made of', () => {
    const values = new Float32Array(3000).fill(4);
    const ema = new ModelEma<tf.Tensor>({ decay: 0.5 });
    const first = tf.tensor1d(values);
    ema.update({ w: first });
    first.dispose();
    for (const x of [8, 8]) {
      const next = filled(x);
      ema.update({ w: next });
      next.dispose();
    }
    expect(values.every((x) => x === 4)).toBe(true);
    values.fill(0);
    expect(ema.shadow['w']!.dataSync().every((x) => x === 7)).toBe(true);
    ema.dispose();
  });
});
