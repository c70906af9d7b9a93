import { describe, expect, it } from 'vitest';
import { EPS } from '../fixtures/cases.js';
import { modelOf, PANDAS, POLARS, rightOf, rowsOf, TIME_CASES, type EwmCase } from '../fixtures/ewmRuns.js';
import { directSums, type Hold, type Model, type Sample, type Statistic } from './directSums.js';
import { offRows, toleranceOf } from './streams.js';

const series = (...xs: (number | null)[]): Sample[] => xs.map((x) => ({ x }));
const timed = (xs: readonly (number | null)[], ats: readonly number[]): Sample[] =>
  xs.map((x, i) => ({ x, at: ats[i]! }));

/** Compares to what was printed with ten decimals. */
function matches(actual: readonly (number | null)[], printed: readonly (number | null)[]): void {
  const close = (one: number | null, i: number): number | null =>
    one !== null && Math.abs(one - printed[i]!) < 1e-10 ? printed[i]! : one;
  expect(actual.map(close)).toEqual(printed);
}

const GAPS = series(1, null, 5, 4, null, null, 2);
const PAIRS: Sample[] = [1, 5, 4, 2].map((x, i) => ({ x, y: [2, 1, 3, 5][i]! }));
const STAMPED = timed([1, 5, 4, 2], [0, 1000, 4000, 5000]);

/** Printed by pandas 1.5.3 for 1, _, 5, 4, _, _, 2 at alpha 0.5: the mean, the unbiased var, the biased one. */
const MODES: readonly (readonly [Partial<Model>, number[], (number | null)[], number[]])[] = [
  [
    { adjust: true, ignoreNa: false },
    [1, 1, 4.2, 4.0769230769, 4.0769230769, 4.0769230769, 2.3506493506],
    [null, null, 8, 1.9090909091, 1.9090909091, 1.9090909091, 2.6164383562],
    [0, 0, 2.56, 0.9940828402, 0.9940828402, 0.9940828402, 0.773148929],
  ],
  [
    { adjust: true, ignoreNa: true },
    [1, 1, 3.6666666667, 3.8571428571, 3.8571428571, 3.8571428571, 2.8666666667],
    [null, null, 8, 2.7142857143, 2.7142857143, 2.7142857143, 2.5428571429],
    [0, 0, 3.5555555556, 1.5510204082, 1.5510204082, 1.5510204082, 1.5822222222],
  ],
  [
    { adjust: false, ignoreNa: false },
    [1, 1, 3.6666666667, 3.8333333333, 3.8333333333, 3.8333333333, 2.3666666667],
    [null, null, 8, 2.9545454545, 2.9545454545, 2.9545454545, 2.6096774194],
    [0, 0, 3.5555555556, 1.8055555556, 1.8055555556, 1.8055555556, 0.8988888889],
  ],
  [
    { adjust: false, ignoreNa: true },
    [1, 1, 3, 3.5, 3.5, 3.5, 2.75],
    [null, null, 8, 3.6, 3.6, 3.6, 2.5714285714],
    [0, 0, 4, 2.25, 2.25, 2.25, 1.6875],
  ],
];

describe('direct sums', () => {
  for (const [mode, mean, unbiased, biased] of MODES) {
    it(`give what pandas printed for a series with gaps, ${JSON.stringify(mode)}`, () => {
      const model = { alpha: 0.5, ...mode } as Model;
      matches(directSums('mean', GAPS, model), mean);
      matches(directSums('var', GAPS, model), unbiased);
      matches(directSums('var', GAPS, { ...model, bias: true }), biased);
      matches(
        directSums('std', GAPS, model),
        unbiased.map((one) => one && Math.sqrt(one)),
      );
    });
  }

  it('fade a sum over missing rows, unless they are ignored', () => {
    matches(directSums('sum', GAPS, { alpha: 0.5 }), [1, 0.5, 5.25, 6.625, 3.3125, 1.65625, 2.828125]);
    matches(directSums('sum', GAPS, { alpha: 0.5, ignoreNa: true }), [1, 1, 5.5, 6.75, 6.75, 6.75, 5.375]);
  });

  it('give what pandas printed for pairs', () => {
    matches(directSums('cov', PAIRS, { alpha: 0.5 }), [null, -2, -0.4285714286, -2.2]);
    matches(directSums('corr', PAIRS, { alpha: 0.5 }), [null, -1, -0.2232968783, -0.7344500133]);
  });

  it('weigh by the clock in four ways', () => {
    matches(byClock(STAMPED, 'sample'), [1, 3.3431457505, 3.7527699347, 2.9313708499]);
    matches(byClock(STAMPED, 'next'), [1, 2.1715728753, 3.3535533906, 2.9571067812]);
    matches(byClock(STAMPED, 'last'), [1, 1, 3.5857864376, 3.7071067812]);
    matches(byClock(STAMPED, 'linear'), [1, 1.6195552457, 3.4265825071, 3.2847549795]);
  });

  it('equal the recurrences by the clock, own weights and missing samples included', () => {
    const rows = timed([1, null, 5, 4, 2, 7], [0, 300, 1000, 4000, 5000, 9500]);
    const weights = [1, 9, 2, 0.5, 3, 1];
    for (const hold of ['sample', 'next', 'last', 'linear'] as const) {
      const weighed = rows.map((row, i) => ({ ...row, weight: weights[i]! }));
      const actual = directSums('mean', weighed, { tauMs: 2500, hold });
      expect(actual.map((one) => one!.toPrecision(13))).toEqual(
        recurred(weighed, 2500, hold).map((one) => one.toPrecision(13)),
      );
    }
  });

  it('make one sample of equal stamps under next, and let the later one stand under last', () => {
    const rows = timed([1, 5, 4, 2], [0, 1000, 1000, 5000]);
    const averaged = timed([1, 4.5, 2], [0, 1000, 5000]);
    expect(byClock(rows, 'next').at(-1)).toBe(byClock(averaged, 'next').at(-1));
    expect(byClock(rows, 'next')[2]).toBe(byClock(averaged, 'next')[1]);
    expect(byClock(rows, 'last').at(-1)).toBe(byClock(timed([1, 4, 2], [0, 1000, 5000]), 'last').at(-1));
    expect(byClock(rows, 'sample').at(-1)).not.toBe(byClock(averaged, 'sample').at(-1));
  });

  it('keep what doubles lose: rows far apart, far offsets, no memory', () => {
    for (const gap of [60, 150, 1000]) {
      const apart = series(1, ...Array.from({ length: gap - 1 }, () => null), 3.75);
      for (const adjust of [true, false]) {
        expect(directSums('var', apart, { alpha: 0.4, adjust }).at(-1)).toBe(3.78125);
      }
    }
    const near = directSums('var', series(0, 1, 3), { alpha: 0.4 });
    expect(directSums('var', series(1e15, 1e15 + 1, 1e15 + 3), { alpha: 0.4 })).toEqual(near);
    expect(directSums('var', series(1, 5, 4), { alpha: 1 })).toEqual([null, null, null]);
    expect(directSums('var', series(1, 5, 4), { alpha: 1, bias: true })).toEqual([0, 0, 0]);
  });

  it('take doubles for what they are, not for the decimals they print as', () => {
    const [a, b] = [1e15 + 0.1, 1e15 + 0.3]; // 0.125 and 0.25
    expect(directSums('var', series(a, b), { alpha: 0.4 })).toEqual([null, 0.125 ** 2 / 2]);
    expect(directSums('mean', series(2 ** -1074), { alpha: 0.4 })).toEqual([2 ** -1074]);
  });

  it('wait for minPeriods samples, and leave missing rows out on demand', () => {
    const mean = directSums('mean', GAPS, { alpha: 0.5, minPeriods: 3 });
    matches(mean, [null, null, null, 4.0769230769, 4.0769230769, 4.0769230769, 2.3506493506]);
    const skipped = directSums('mean', GAPS, { alpha: 0.5, missing: 'skip' });
    matches(skipped, [1, null, 4.2, 4.0769230769, null, null, 2.3506493506]);
  });

  it('know every way to say how fast to forget', () => {
    const ways: Model[] = [{ decay: 0.5 }, { span: 3 }, { com: 1 }, { halfLife: 1 }, { tau: 1 / Math.LN2 }];
    for (const adjust of [true, false]) {
      for (const way of ways) expect(lastMean({ ...way, adjust } as Model)).toBe(lastMean({ alpha: 0.5, adjust }));
    }
  });

  // Without the library's faults, what is a choice (NaN and infinities in polars, equal stamps), and what takes seconds.
  const judged = [...PANDAS, ...POLARS].filter(
    (one) =>
      one.fault === undefined &&
      !TIME_CASES.includes(one) &&
      !propagates(one) &&
      !/^mean.*equal-stamps.*(ms|off)$|^(var|std|cov|corr)-long/.test(one.id),
  );
  it(`agree with ${judged.length} of ${PANDAS.length + POLARS.length} cases of pandas and polars`, () => {
    const off = judged.flatMap((one) => {
      const eps = EPS[(one.input.dtype ?? 'Float64').toLowerCase() as 'float64'];
      const tolerance = toleranceOf(one.operation, rowsOf(one), one.expected, eps);
      return offRows(one.expected, rightOf(one, modelOf(one)), tolerance, true).map((row) => ({ id: one.id, ...row }));
    });
    expect(off).toEqual([]);
  });

  it('have nothing to say of no rows, and of rows without a number', () => {
    for (const statistic of ['mean', 'sum', 'var', 'std', 'cov', 'corr'] satisfies Statistic[]) {
      expect(directSums(statistic, [], { alpha: 0.5 })).toEqual([]);
      expect(directSums(statistic, series(null, NaN, Infinity), { alpha: 0.5 })).toEqual([null, null, null]);
    }
  });
});

/** Polars' NaN and infinities are values. */
const propagates = ({ input: { dtype, values = [] } }: EwmCase): boolean =>
  dtype !== undefined && !values.every((x) => x === null || Number.isFinite(x));

const byClock = (samples: readonly Sample[], hold: Hold): (number | null)[] =>
  directSums('mean', samples, { halfLifeMs: 2000, hold });

const lastMean = (model: Model): string => directSums('mean', GAPS, model).at(-1)!.toPrecision(14);

/** The recurrences of the four, for v = Σ w x and its weight Σ w side by side. */
function recurred(samples: readonly Sample[], tau: number, hold: 'sample' | 'next' | 'last' | 'linear'): number[] {
  let last: Required<Omit<Sample, 'y'>> | null = null;
  let [v, total] = [0, 0];
  return samples.map(({ x, at = 0, weight = 1 }) => {
    if (x === null) return v / total;
    const a = last === null ? 0 : (at - last.at) / tau;
    const u = Math.exp(-a);
    const between = -Math.expm1(-a) / a;
    const [older, newer] = { sample: [0, 1], next: [0, 1 - u], last: [1 - u, 0], linear: [between - u, 1 - between] }[
      hold
    ] as [number, number];
    const [before, now] = last === null ? [0, 1] : [older * last.weight, newer];
    v = u * v + before * (last?.x ?? 0) + now * weight * x;
    total = u * total + before + now * weight;
    last = { x, at, weight };
    return v / total;
  });
}
