import * as fc from 'fast-check';
import { Ema, ModelEma, rampDecay, toBytes, warmupDecay, type EmaOptions, type Snapshot } from 'rx-ema';
import { describe, expect, it } from 'vitest';
import { holds } from './holds.js';
import { refusal } from './refusal.js';

const NaN_ = NaN; // a missing row in a table
type Readout = 'raw' | 'corrected';

function run(options: EmaOptions<number>, xs: readonly number[], readout: Readout): number[] {
  const ema = new Ema(options);
  return xs.map((x) => ema.update(x, readout));
}

describe('the numbers of pandas', () => {
  // computed with pandas 1.5.3: ewm(alpha=0.5, adjust, ignore_na).mean()
  const series = [1, NaN_, 5, 4, NaN_, NaN_, 2];
  const options = { alpha: 0.5, missing: 'carry' } as const;

  it.each<[string, EmaOptions<number>, Readout, number[]]>([
    [
      'adjust=True, ignore_na=False',
      { ...options, ages: true },
      'corrected',
      [1, 1, 4.2, 4.0769230769, 4.0769230769, 4.0769230769, 2.3506493506],
    ],
    [
      'adjust=True, ignore_na=True',
      { ...options, ages: false },
      'corrected',
      [1, 1, 3.6666666667, 3.8571428571, 3.8571428571, 3.8571428571, 2.8666666667],
    ],
    [
      'adjust=False, ignore_na=False',
      { ...options, ages: true, start: 'first' },
      'raw',
      [1, 1, 3.6666666667, 3.8333333333, 3.8333333333, 3.8333333333, 2.3666666667],
    ],
    [
      'adjust=False, ignore_na=True',
      { ...options, ages: false, start: 'first' },
      'raw',
      [1, 1, 3, 3.5, 3.5, 3.5, 2.75],
    ],
  ])('%s', (_, plan, readout, want) => {
    run(plan, series, readout).forEach((got, i) => expect(Math.abs(got - want[i]!)).toBeLessThanOrEqual(5e-11));
  });

  it('a seeded start reads the same raw and corrected', () => {
    for (const start of ['first', { sma: 2 }, { value: 7 }] as const) {
      for (const ages of [true, false]) {
        const plan = { ...options, start, ages };
        expect(run(plan, series, 'raw')).toEqual(run(plan, series, 'corrected'));
      }
    }
  });
});

it('starts at zero: raw and corrected at decay 0.9', () => {
  const xs = [1, 5, 4, 2];
  const raw = [0.1, 0.59, 0.931, 1.0379];
  const corrected = [1, 3.1052631579, 3.4354243542, 3.0180284967];
  run({ decay: 0.9 }, xs, 'raw').forEach((got, i) => expect(Math.abs(got - raw[i]!)).toBeLessThanOrEqual(1e-15));
  run({ decay: 0.9 }, xs, 'corrected').forEach((got, i) =>
    expect(Math.abs(got - corrected[i]!)).toBeLessThanOrEqual(5e-11),
  );
});

it('divides by 1 − d^t, not by 1 − alpha^t: a constant 1 at alpha 0.1 is 1', () => {
  expect(run({ alpha: 0.1 }, [1, 1, 1], 'corrected')).toEqual([1, 1, 1]);
});

describe('closed forms', () => {
  it.each<[string, EmaOptions<number>, number]>([
    ['span 9', { span: 9 }, 0.8],
    ['com 4', { com: 4 }, 0.8],
    ['halfLife 3', { halfLife: 3 }, 2 ** (-1 / 3)],
    ['tau 5', { tau: 5 }, Math.exp(-1 / 5)],
    ['alpha 0.2', { alpha: 0.2 }, 0.8],
    ['decay 0.8', { decay: 0.8 }, 0.8],
  ])('%s answers a step from 0 to 1 with 1 − d^t', (_, options, d) => {
    run(
      options,
      Array.from({ length: 40 }, () => 1),
      'raw',
    ).forEach((v, i) => {
      expect(Math.abs(v - (1 - d ** (i + 1)))).toBeLessThanOrEqual(4 * Number.EPSILON);
    });
  });

  it('halfLife: after so many steps an impulse has halved', () => {
    const v = run(
      { halfLife: 10, start: { value: 1 } },
      Array.from({ length: 20 }, () => 0),
      'raw',
    );
    expect(v[9]).toBeCloseTo(0.5, 14);
    expect(v[19]).toBeCloseTo(0.25, 14);
  });

  it('tau: after so many steps an impulse has fallen to 1/e', () => {
    const v = run(
      { tau: 10, start: { value: 1 } },
      Array.from({ length: 10 }, () => 0),
      'raw',
    );
    expect(v[9]).toBeCloseTo(1 / Math.E, 14);
  });

  it('corrected is the weighted mean with weights d^age', () => {
    const values = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 30 });
    holds(
      fc.property(values, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (xs, d) => {
        const weights = xs.map((_, i) => d ** (xs.length - 1 - i));
        const sum = weights.reduce((a, b) => a + b, 0);
        const want = xs.reduce((a, x, i) => a + weights[i]! * x, 0) / sum;
        expect(Math.abs(run({ decay: d }, xs, 'corrected').at(-1)! - want)).toBeLessThanOrEqual(1e-12 * 1e3);
      }),
    );
  });

  it('a schedule of 1/step is the plain mean', () => {
    expect(run({ alpha: ({ step }) => 1 / step }, [1, 2, 3, 4, 10], 'corrected')).toEqual([1, 1.5, 2, 2.5, 4]);
  });

  it('rampDecay and warmupDecay: two steps by hand', () => {
    const ramp = rampDecay({ decay: 0.9, tau: 2 });
    const [d1, d2] = [1, 2].map((step) => 0.9 * (1 - Math.exp(-step / 2))) as [number, number];
    const [a, b] = [(1 - d1) * 4, d2 * (1 - d1) * 4 + (1 - d2) * 8];
    run({ decay: ramp }, [4, 8], 'raw').forEach((v, i) => expect(v).toBeCloseTo([a, b][i]!, 14));
    expect(run({ decay: warmupDecay({ decay: 0.99 }) }, [10], 'raw')[0]).toBeCloseTo(9, 14);
  });
});

describe('{ sma: n }', () => {
  it('is the mean of the first n, before which nothing comes out, and then goes on from it', () => {
    expect(run({ alpha: 0.5, start: { sma: 3 } }, [-1, 0, 1, 3, 3, 3], 'raw')).toEqual([NaN, NaN, 0, 1.5, 2.25, 2.625]);
  });

  it('does not count missing values', () => {
    expect(run({ alpha: 0.5, start: { sma: 2 } }, [2, NaN, 4, 7], 'raw')).toEqual([NaN, NaN, 3, 5]);
  });

  it('of 1 is the first value', () => {
    expect(run({ alpha: 0.5, start: { sma: 1 } }, [4, 8], 'raw')).toEqual(
      run({ alpha: 0.5, start: 'first' }, [4, 8], 'raw'),
    );
  });
});

describe('extremes', () => {
  it('alpha 1 remembers nothing', () => {
    expect(run({ alpha: 1 }, [3, -7, 1e300], 'raw')).toEqual([3, -7, 1e300]);
  });

  it('values further apart than the largest double average to what lies between', () => {
    const [, v, w] = run({ alpha: 0.5, start: 'first' }, [-1e308, 1.7e308, 1.7e308], 'raw') as [number, number, number];
    expect(v).toBe(0.5 * -1e308 + 0.5 * 1.7e308);
    expect(w).toBeGreaterThan(v);
    expect(w).toBeLessThan(1.7e308);
    const corrected = run({ alpha: 0.5 }, [1.7e308, -1.7e308, 1.7e308], 'corrected');
    expect(corrected.every(Number.isFinite)).toBe(true);
  });

  it('subnormals neither vanish nor grow', () => {
    expect(run({ alpha: 0.5 }, [5e-324, 5e-324, 5e-324], 'corrected')).toEqual([5e-324, 5e-324, 5e-324]);
    expect(run({ alpha: 0.5, start: 'first' }, [4e-323, 8e-323], 'raw')).toEqual([4e-323, 6e-323]);
  });

  it('raw of a constant reaches it exactly, and stays', () => {
    for (const decay of [0.5, 0.9, 0.999]) {
      const ema = new Ema({ decay });
      for (let t = 0; t < 40 / (1 - decay); t++) ema.update(0.1, 'raw');
      expect(ema.update(0.1, 'raw')).toBe(0.1);
    }
  });

  it('W times corrected is within rounding of the definition after 10⁶ steps', () => {
    const ema = new Ema({ decay: 0.999 });
    let v = 0;
    let out = 0;
    for (let t = 0; t < 1e6; t++) {
      const x = Math.sin(t);
      v = 0.999 * v + 0.001 * x;
      out = ema.update(x, 'raw');
    }
    expect(Math.abs(out - v)).toBeLessThanOrEqual(1e-15);
  });

  it('keeps eight more digits of a tiny alpha than 1 − (1 − alpha) would', () => {
    const ema = new Ema({ alpha: 1e-12, start: { value: 0 } });
    expect(ema.update(1)).toBe(1e-12);
  });
});

describe('missing values', () => {
  it.each([NaN, Infinity, -Infinity, null, undefined])('%s is no step and comes out as it came in', (missing) => {
    const ema = new Ema<number | null | undefined>({ decay: 0.5 });
    expect([2, missing, 4].map((x) => ema.update(x))).toEqual([2, missing, 2 + (0.5 / 0.75) * 2]);
    expect([ema.step, ema.seen]).toEqual([2, 3]);
  });

  it('propagate lets NaN and infinities go on as IEEE has them, and null stays null', () => {
    const ema = new Ema<number | null>({ decay: 0.5, missing: 'propagate' });
    expect([1, null, Infinity, 1].map((x) => ema.update(x))).toEqual([1, null, Infinity, NaN]);
    expect(run({ decay: 0.5, missing: 'propagate' }, [1, NaN, 1], 'raw')).toEqual([0.5, NaN, NaN]);
  });

  it('carry has nothing to carry before the first value', () => {
    expect(run({ decay: 0.5, missing: 'carry' }, [NaN, 2, Infinity], 'raw')).toEqual([NaN, 1, 1]);
  });

  it('carry comes out as what was emitted last, not as what the average has faded to', () => {
    expect(run({ decay: 0.5, missing: 'carry', ages: true }, [4, NaN, NaN, 4], 'raw')).toEqual([2, 2, 2, 0.25 + 2]);
  });

  it('ages over a gap from the value it starts at, also before the first one', () => {
    const options: EmaOptions<number | null> = { decay: 0.5, ages: true, start: { value: 0 } };
    for (const gap of [NaN, null]) {
      const ema = new Ema<number | null>(options);
      ema.update(gap);
      expect(ema.update(1)).toBeCloseTo(0.5 / (0.25 + 0.5), 15);
    }
  });

  it.each<[string, EmaOptions<number>, number]>([
    ['the first value', { decay: 0, ages: true, start: 'first' }, 1],
    ['a given value', { decay: 0, ages: true, start: { value: 7 } }, 1],
    ['the mean of the first two', { decay: 0, ages: true, start: { sma: 2 } }, 1],
    ['the first value, by halves', { decay: 0.5, ages: true, start: 'first' }, 1200],
  ])('forgets %s over so long a gap that nothing is left of it', (_, options, gaps) => {
    const ema = new Ema(options);
    for (const x of [4, 4, ...Array<number>(gaps).fill(NaN)]) ema.update(x);
    expect(ema.update(10)).toBe(10);
    expect(ema.update(20)).toBe(options.decay === 0 ? 20 : 15);
  });

  it('throw names the value and leaves everything as it was', () => {
    const ema = new Ema<number | null>({ decay: 0.5, missing: 'throw' });
    ema.update(4);
    for (const missing of [NaN, -Infinity, null]) {
      const { code, message } = refusal(() => ema.update(missing));
      expect(code).toBe('MISSING_VALUE');
      expect(message).toMatch(new RegExp(`got ${missing}$`));
    }
    expect([ema.step, ema.seen, ema.get()]).toEqual([1, 1, 4]);
  });
});

describe('Ema', () => {
  it('get() is what the last update that was not missing returned', () => {
    const ema = new Ema({ decay: 0.5 });
    expect(ema.get()).toBeUndefined();
    for (const [x, readout] of [
      [4, 'raw'],
      [4, 'corrected'],
      [8, 'raw'],
    ] as const) {
      expect(ema.get()).not.toBe(ema.update(x, readout));
    }
    const last = ema.update(3);
    ema.update(NaN);
    expect(ema.get()).toBe(last);
    expect(new Ema({ decay: 0.5 }, ema.snapshot()).get()).toBe(last);
  });

  it('get() of a record, a vector and their resumed states', () => {
    const record = new Ema<{ loss: number }>({ decay: 0.5 });
    record.update({ loss: 4 }, 'raw');
    expect(record.get()).toEqual({ loss: 2 });
    expect(new Ema<{ loss: number }>({ decay: 0.5 }, record.snapshot()).get()).toEqual({ loss: 2 });
    const vector = new Ema<Float64Array>({ decay: 0.5 });
    vector.update(Float64Array.of(4), 'raw');
    expect(vector.get()).toEqual(Float64Array.of(2));
    expect(new Ema<Float64Array>({ decay: 0.5 }, vector.snapshot()).get()).toEqual(Float64Array.of(2));
  });

  it('counts steps and deliveries', () => {
    const ema = new Ema({ decay: 0.5, ages: true });
    for (const x of [NaN, 1, NaN, 2]) ema.update(x);
    expect([ema.step, ema.seen]).toEqual([3, 4]); // the gap before the first value ages nothing
  });

  it('reset() forgets everything: the next value is the first again, of any kind', () => {
    const ema = new Ema<unknown>({ decay: 0.5 });
    const empty = ema.snapshot();
    ema.update(4);
    ema.reset();
    expect(ema.snapshot()).toEqual(empty);
    expect([ema.step, ema.seen, ema.get()]).toEqual([0, 0, undefined]);
    expect(ema.update({ loss: 8 }, 'raw')).toEqual({ loss: 4 });
  });

  it('dispose() ends it: updates are refused, null too, and reset() does not wake it', () => {
    const ema = new Ema<number | null>({ decay: 0.5 });
    ema.update(4);
    ema.dispose();
    ema.dispose();
    expect(ema.get()).toBeUndefined();
    for (const value of [4, null]) expect(refusal(() => ema.update(value)).code).toBe('DISPOSED');
    ema.reset();
    expect(refusal(() => ema.update(4)).code).toBe('DISPOSED');
  });

  it('widens integer vectors to doubles and keeps floats as they are', () => {
    for (const Kind of [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array]) {
      const out = new Ema<unknown>({ alpha: 0.25 }).update(Kind.of(1, 2), 'raw');
      expect(out).toEqual(Float64Array.of(0.25, 0.5));
    }
    expect(new Ema<Float32Array>({ alpha: 0.25 }).update(Float32Array.of(1), 'raw')).toEqual(Float32Array.of(0.25));
  });

  it("a live vector is the engine's memory, reused; a copy is not", () => {
    const live = new Ema<Float64Array>({ decay: 0.5, emit: 'live' });
    const first = live.update(Float64Array.of(4));
    expect(live.update(Float64Array.of(8))).toBe(first);
    const copy = new Ema<Float64Array>({ decay: 0.5 });
    const kept = copy.update(Float64Array.of(4));
    expect(copy.update(Float64Array.of(8))).not.toBe(kept);
    expect(kept[0]).toBe(4);
  });

  it('shows nothing of a mean that is not there yet, element by element, live or copied', () => {
    for (const emit of ['live', 'copy'] as const) {
      const ema = new Ema<Float64Array>({ decay: 0.5, start: { sma: 2 }, emit });
      ema.update(Float64Array.of(1, NaN));
      expect(Array.from(ema.update(Float64Array.of(3, 5)))).toEqual([2, NaN]);
      expect(Array.from(ema.update(Float64Array.of(2, 7)))).toEqual([2, 6]);
    }
  });

  it('what the receiver does with an emission changes nothing', () => {
    const vector = new Ema<Float64Array | null>({ decay: 0.5, missing: 'carry' });
    vector.update(Float64Array.of(4))!.fill(-1);
    expect(vector.update(null)).toEqual(Float64Array.of(4));
    const record = new Ema<{ loss: number } | null>({ decay: 0.5, missing: 'carry' });
    record.update({ loss: 4 })!.loss = -1;
    expect(record.update(null)).toEqual({ loss: 4 });
  });
});

describe('records', () => {
  type Row = Record<string, unknown>;

  it('leave strings, booleans, dates and nested objects as they are', () => {
    const at = new Date(0);
    const row = { name: 'x', ok: true, at, tags: ['a'], loss: 4 };
    expect(new Ema<Row>({ decay: 0.5 }).update(row, 'raw')).toEqual({ ...row, loss: 2 });
  });

  it('keep the order of their keys, whatever order comes', () => {
    const ema = new Ema<Row>({ decay: 0.5 });
    ema.update({ a: 1, b: 2 });
    expect(Object.keys(ema.update({ b: 2, c: 'x', a: 1 }))).toEqual(['b', 'c', 'a']);
  });

  it('begin a field when it first is a number', () => {
    const ema = new Ema<Row>({ decay: 0.5 });
    const rows = [{ loss: 4 }, { loss: 4, val: null }, { loss: 4, val: 8 }, { loss: 4 }, { loss: 4, val: 8 }];
    expect(rows.map((row) => ema.update(row, 'raw'))).toEqual([
      { loss: 2 },
      { loss: 3, val: null },
      { loss: 3.5, val: 4 },
      { loss: 3.75 },
      { loss: 3.875, val: 6 },
    ]);
  });

  it('carry fields that are absent', () => {
    const ema = new Ema<Row>({ decay: 0.5, missing: 'carry' });
    ema.update({ loss: 4, val: 8 }, 'raw');
    expect(ema.update({ loss: 4 }, 'raw')).toEqual({ loss: 3, val: 4 });
  });

  it('smooth the columns asked for, and refuse one that is no number', () => {
    const ema = new Ema<{ loss: number; step: number }>({ decay: 0.5, columns: ['loss'] });
    expect(ema.update({ loss: 4, step: 7 }, 'raw')).toEqual({ loss: 2, step: 7 });
    const { code, message } = refusal(() => ema.update({ loss: '4' as never, step: 8 }));
    expect([code, message]).toEqual(['VALUE_KIND', "field 'loss' must be a number, got '4'"]);
  });

  it('append under new names with `as`', () => {
    const ema = new Ema<Row>({ decay: 0.5, as: (name) => `${name} (smooth)` });
    expect(ema.update({ loss: 4 }, 'raw')).toEqual({ loss: 4, 'loss (smooth)': 2 });
    expect(refusal(() => ema.update({ loss: 4, 'loss (smooth)': 1 })).code).toBe('COLUMN_COLLISION');
    expect(ema.update({ loss: 4 }, 'raw')).toEqual({ loss: 4, 'loss (smooth)': 3 });
  });

  it('are never changed, nor is anything inherited smoothed', () => {
    const row = Object.freeze({ loss: 4 });
    new Ema<Row>({ decay: 0.5 }).update(row);
    const derived = Object.assign(Object.create({ base: 1 }) as Row, { loss: 4 });
    expect(new Ema<Row>({ decay: 0.5 }).update(derived, 'raw')).toEqual({ loss: 2 });
  });
});

function taken(options: EmaOptions<unknown>, ...values: unknown[]): Snapshot {
  const ema = new Ema<unknown>(options);
  for (const value of values) ema.update(value);
  return ema.snapshot();
}

/** The code of the refusal to go on from it. */
function load(snapshot: unknown): string {
  return refusal(() => new Ema({ decay: 0.5 }, snapshot as Snapshot)).code;
}

describe('a snapshot', () => {
  const kinds: [string, Snapshot][] = [
    ['a number', taken({ decay: 0.5 }, 1)],
    ['a record', taken({ decay: 0.5 }, { a: 1, b: 2 })],
    ['a vector', taken({ decay: 0.5 }, Float32Array.of(1, 2, 3))],
    ['a vector with holes', taken({ decay: 0.5 }, Float64Array.of(1, NaN, 3))],
  ];

  it.each(kinds)('of %s is plain data of its own, and loads', (_, snapshot) => {
    expect(structuredClone(snapshot)).toEqual(snapshot);
    expect(JSON.parse(JSON.stringify(snapshot.scalars))).toEqual(snapshot.scalars);
    expect(new Ema({ decay: 0.5 }, snapshot).snapshot()).toEqual(snapshot);
  });

  describe.each(kinds)('of %s', (_, snapshot) => {
    it.each(Object.keys(snapshot.shadows))("without its array '%s', or with a shorter one, is refused", (name) => {
      const { [name]: array, ...rest } = snapshot.shadows;
      expect(load({ ...snapshot, shadows: rest })).toBe('SNAPSHOT_CORRUPT');
      expect(load({ ...snapshot, shadows: { ...rest, [name]: array!.slice(1) } })).toBe('SNAPSHOT_CORRUPT');
      expect(load({ ...snapshot, shadows: { ...rest, [name]: Array.from(array as Float64Array) } })).toBe(
        'SNAPSHOT_CORRUPT',
      );
    });

    it.each(Object.keys(snapshot.scalars))("without its scalar '%s' is refused", (name) => {
      const { [name]: _gone, ...rest } = snapshot.scalars;
      expect(load({ ...snapshot, scalars: rest })).toBe('SNAPSHOT_CORRUPT');
    });
  });

  it('of another version, or of none, is refused by its version', () => {
    const [, snapshot] = kinds[0]!;
    for (const version of [0, 2, '1', undefined]) expect(load({ ...snapshot, version })).toBe('SNAPSHOT_VERSION');
  });

  it.each<[EmaOptions<number>, EmaOptions<number>, RegExp]>([
    [{ decay: 0.5 }, { decay: 0.6 }, /decay/],
    [{ decay: 0.5 }, { alpha: 0.5 }, /got decay: 0.5 where these have alpha: 0.5$/],
    [{ span: 3 }, { span: 4 }, /span/],
    [{ decay: 0.5 }, { decay: 0.5, missing: 'carry' }, /missing/],
    [{ decay: 0.5 }, { decay: 0.5, ages: true }, /ages/],
    [{ decay: 0.5 }, { decay: 0.5, start: 'first' }, /start/],
    [{ decay: 0.5, start: { sma: 2 } }, { decay: 0.5, start: { sma: 3 } }, /start/],
    [{ decay: rampDecay({ decay: 0.9, tau: 2 }) }, { decay: rampDecay({ decay: 0.9, tau: 3 }) }, /decay/],
    [{ decay: rampDecay({ decay: 0.9, tau: 2 }) }, { decay: () => 0.9 }, /decay/],
  ])('of %o is refused by %o, naming the option', (made, other, named) => {
    const ema = new Ema(made);
    ema.update(1);
    const { code, message } = refusal(() => new Ema(other, ema.snapshot()));
    expect(code).toBe('SNAPSHOT_OPTIONS');
    expect(message).toMatch(named);
  });

  it.each<[EmaOptions<number>, EmaOptions<number>]>([
    [{ decay: 0.5 }, { decay: 0.5, start: 'zero', missing: 'skip', ages: false }],
    [
      { decay: 0.5, emit: 'live' },
      { decay: 0.5, emit: 'copy' },
    ],
    [{ decay: rampDecay({ tau: 2, decay: 0.9 }) }, { decay: rampDecay({ decay: 0.9, tau: 2, min: 0 }) }],
    [{ decay: () => 0.5 }, { decay: ({ step }) => step / 10 }],
  ])('of %o goes on under %o, which say the same of the state', (made, other) => {
    const ema = new Ema(made);
    ema.update(1);
    expect(new Ema(other, ema.snapshot()).step).toBe(1);
  });

  it.each([
    ['null', null],
    ['a string', 'x'],
    ['no scalars', { version: 1, plan: kinds[0]![1].plan, shadows: {} }],
    ['no shadows', { version: 1, plan: kinds[0]![1].plan, scalars: {} }],
    ['another kind', { ...kinds[0]![1], scalars: { kind: 'matrix', seen: 1 } }],
    ['a kind that every object has', { ...kinds[0]![1], scalars: { kind: 'constructor', seen: 1 } }],
  ])('that is %s is refused', (_, snapshot) => {
    expect(load(snapshot)).toBe('SNAPSHOT_CORRUPT');
  });

  it('of the other engine is refused as that', () => {
    const { message } = refusal(() => new Ema({ decay: 0.5 }, new ModelEma({ decay: 0.5 }).snapshot()));
    expect(message).toBe('the snapshot must be of the same options, got one of a ModelEma');
  });

  it('still in bytes is refused with a hint', () => {
    const bytes = toBytes(new Ema({ decay: 0.5 }).snapshot()) as unknown as Snapshot;
    expect(refusal(() => new Ema({ decay: 0.5 }, bytes)).message).toMatch(/got bytes \(see fromBytes\)$/);
  });

  it('without a plan is refused by its options', () => {
    const { plan: _plan, ...rest } = kinds[0]![1];
    expect(load(rest)).toBe('SNAPSHOT_OPTIONS');
  });

  it('with a weight that no stream can have is refused', () => {
    const [, snapshot] = kinds[0]!;
    for (const weight of [-0.1, 1.1, NaN]) {
      expect(load({ ...snapshot, shadows: { ...snapshot.shadows, weight: Float64Array.of(weight) } })).toBe(
        'SNAPSHOT_CORRUPT',
      );
    }
  });

  it('before the first value goes on from nothing, missing values counted', () => {
    const ema = new Ema<number | null>({ decay: 0.5 });
    ema.update(null);
    const resumed = new Ema<number>({ decay: 0.5 }, ema.snapshot());
    expect([resumed.seen, resumed.update(4, 'raw')]).toEqual([1, 2]);
  });
});
