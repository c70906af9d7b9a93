import { describe, expect, it } from 'vitest';
import { directSums, type Hold, type Model, type Sample, type Statistic } from './directSums.js';
import { fromHalf, toHalf } from '../../src/values/half.js';
import { offRows, streamsOf, toleranceOf, type Call, type Out, type Row } from './streams.js';

/** What goes wrong first: series that a plain recurrence in doubles gets wrong. */
export interface HardCase {
  readonly name: string;
  readonly statistic: Statistic;
  /** As `ewm` takes them, and `emaScan` where there is a `hold`; direct sums take the same. */
  readonly options: Model;
  readonly rows: readonly Row[];
  /** A relative error that must do, where the formulas of the fixtures would let anything pass. */
  readonly within?: number;
}

/** Far from zero the formulas allow more than the value; a mean of two terms keeps 1e-15. */
const FAR = 1e-12;
/** Four steps between the smallest numbers. */
const SMALLEST = 4 * 2 ** -1074;

/** How a case is asked: `hold` is an option of `emaScan` alone. */
export function hardCall({ statistic, options }: HardCase): Call {
  const { bias, ...rest } = options;
  if (options.hold !== undefined) return { operator: 'emaScan', statistic, options: { ...rest, missing: 'carry' } };
  return { operator: 'ewm', statistic, options: rest, ...(bias !== undefined && { bias }) };
}

/**
 * What must come out, and how far off each row may be: the formulas of test/fixtures/README.md (of a sum with weights,
 * M is of weight · x), but no less than what rounds among subnormals and no more than `within`.
 */
export function hardTarget({ statistic, options, rows, within }: HardCase): {
  expected: Out[];
  tolerance: number[];
} {
  const samples = rows.map(({ at, ...row }) => ({ ...row, ...(at != null && { at }) }));
  const expected = directSums(statistic, samples, options);
  const heaviest = Math.max(1, ...rows.map(({ weight = 1 }) => weight));
  const tolerance = toleranceOf(statistic, rows, expected).map((one, n) => {
    const scaled = statistic === 'sum' ? one * heaviest : one;
    const most = within === undefined ? Infinity : within * Math.abs(expected[n] ?? 1);
    return Math.max(SMALLEST, Math.min(scaled, most));
  });
  return { expected, tolerance };
}

/** Every hard case as numbers, records and batches, alone and among the rows of other keys, against direct sums. */
export function describeHardCases(): void {
  describe('hard cases', () => {
    for (const one of hardCases()) {
      it(`${one.name}: what direct sums in 60 digits give`, async () => {
        const { expected, tolerance } = hardTarget(one);
        const call = hardCall(one);
        const keyed = amongOthers(one.rows);
        for (const stream of streamsOf(one.rows, call)) {
          const actual = await stream.smooth(one.rows, call, 'Float64');
          const off = offRows(actual, expected, tolerance, stream.nulls);
          expect({ stream: stream.name, off }).toEqual({ stream: stream.name, off: [] });
        }
        for (const stream of streamsOf(keyed, call)) {
          const all = await stream.smooth(keyed, call, 'Float64');
          const actual = all.filter((_, n) => keyed[n]!.key === OWN);
          const off = offRows(actual, expected, tolerance, stream.nulls);
          expect({ stream: `${stream.name} by key`, off }).toEqual({ stream: `${stream.name} by key`, off: [] });
        }
      });
    }

    const narrow = hardCases().flatMap((one, i) => {
      const types = i % 2 === 0 ? (['Float32', 'Float16'] as const) : (['Float16', 'Float32'] as const);
      const type = types.find((some) => fits(one, some));
      return type === undefined ? [] : [[one.name, type, one] as const];
    });
    it.each(narrow)('%s, in columns of %s: the same of what they hold, rounded once', (_, type, one) =>
      checkNarrow(one, type),
    );
  });
}

const OWN = 'its own';

/** Between any two rows others of two more keys, of another size. */
const amongOthers = (rows: readonly Row[]): Row[] =>
  rows.flatMap((row, n) => [
    ...(n % 3 === 0 ? [{ ...row, x: 1e6 - n, y: n, key: 'another' }] : []),
    { ...row, key: OWN },
    { ...row, x: n % 4 === 1 ? null : -3 * n, y: -1, key: 'a third' },
  ]);

const NARROW = {
  Float32: { eps: 2 ** -23, least: 2 ** -149, round: Math.fround },
  Float16: { eps: 2 ** -10, least: 2 ** -24, round: (x: number) => fromHalf(toHalf(x)) },
} as const;

/** Few rows, of which none is too large, at stamps that a column can have. */
const fits = ({ rows }: HardCase, type: keyof typeof NARROW): boolean =>
  rows.length <= 15 &&
  rows.every(
    ({ x, y, at }) =>
      Number.isInteger(at ?? 0) &&
      [x, y].every((one) => one == null || Number.isFinite(one) === Number.isFinite(NARROW[type].round(one))),
  );

async function checkNarrow(one: HardCase, type: keyof typeof NARROW): Promise<void> {
  const { eps, least, round } = NARROW[type];
  const narrow = (x: number | null | undefined): number | null => (x == null ? null : round(x));
  const rows = one.rows.map((row) => ({ ...row, x: narrow(row.x), ...('y' in row && { y: narrow(row.y) }) }));
  const { expected, tolerance } = hardTarget({ ...one, rows });
  const pair = one.statistic === 'cov' || one.statistic === 'corr'; // comes out as doubles
  const rounded = expected.map((x) => (x === null || pair ? x : round(x)));
  const within = tolerance.map((t, n) => t + (pair ? 0 : eps * Math.abs(expected[n] ?? 0) + least));
  for (const stream of streamsOf(rows, hardCall(one)).filter(({ nulls }) => nulls)) {
    const off = offRows(await stream.smooth(rows, hardCall(one), type), rounded, within, true);
    expect({ stream: `${stream.name} of ${type}`, off }).toEqual({ stream: `${stream.name} of ${type}`, off: [] });
  }
}

// ---- rows -----------------------------------------------------------------------------------------------------------

const series = (...xs: readonly (number | null)[]): Row[] => xs.map((x) => ({ x }));
const gap = (rows: number): null[] => Array.from({ length: rows }, () => null);
const stamped = (xs: readonly (number | null)[], ats: readonly number[]): Row[] =>
  xs.map((x, i) => ({ x, at: ats[i]! }));

/** A wave without a random number: short decimals, every row different. */
const wave = (rows: number, scale = 1, offset = 0): number[] =>
  Array.from({ length: rows }, (_, i) => offset + (scale * Math.round(1000 * Math.sin(i * i * 0.37 + i))) / 1000);

/** Every third and every seventh one is missing, the first is not. */
const holed = (xs: readonly number[]): (number | null)[] => xs.map((x, i) => (i % 3 === 2 || i % 7 === 6 ? null : x));

const pairs = (xs: readonly (number | null)[], ys: readonly (number | null)[]): Row[] =>
  xs.map((x, i) => ({ x, y: ys[i]! }));

/** Irregular, with a burst, an hour of nothing, and a year. */
const PAUSES = [0, 1, 2, 3, 1000, 1700, 1701, 3_601_701, 3_602_000, 31_539_602_000, 31_539_602_500, 31_539_603_000];
const STARTED = Date.UTC(2026, 10, 24);

// ---- cases ----------------------------------------------------------------------------------------------------------

const MOMENTS: readonly Statistic[] = ['mean', 'sum', 'var', 'std'];
const MODES = [true, false].flatMap((adjust) => [true, false].map((ignoreNa) => ({ adjust, ignoreNa })));
const HOLDS: readonly Hold[] = ['sample', 'next', 'last', 'linear'];

const named = (options: object): string =>
  Object.entries(options)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');

/** The case under each of these options. */
const under = (
  what: string,
  statistics: readonly Statistic[],
  all: readonly Model[],
  rows: readonly Row[],
): HardCase[] =>
  statistics.flatMap((statistic) =>
    all.map((options) => ({ name: `${statistic} of ${what}, ${named(options)}`, statistic, options, rows })),
  );

/** A sum knows no adjust. */
const modes = (statistic: Statistic, decay: object): Model[] =>
  statistic === 'sum'
    ? [true, false].map((ignoreNa) => ({ ...decay, ignoreNa }) as Model)
    : MODES.map((mode) => ({ ...decay, ...mode }) as Model);

/** All of them, made anew. */
export function hardCases(): HardCase[] {
  return [
    ...farApart(),
    ...offsets(),
    ...extremeDecays(),
    ...extremeValues(),
    ...missingRows(),
    ...fewRows(),
    ...pauses(),
    ...weighed(),
    ...related(),
  ];
}

/** W² − Σw² by subtraction has no digit left after 150 rows. */
function farApart(): HardCase[] {
  return [20, 60, 150, 700].flatMap((rows) => {
    const apart = series(1, ...gap(rows - 1), 3.75, 4);
    return under(
      `two values ${rows} rows apart and one more`,
      ['var', 'std', 'mean'],
      MODES.map((mode) => ({ alpha: 0.4, ...mode })),
      apart,
    );
  });
}

/** Far from zero, d = x − m loses what a mean of two terms keeps. */
function offsets(): HardCase[] {
  return [1e9, 1e12, 1e15].flatMap((offset) => {
    const rows = series(...holed(wave(60, 8, offset)));
    const biases = [true, false].map((bias): Model => ({ alpha: 0.1, bias }));
    const slow: Model[] = [{ halfLife: 500 }, { span: 3, adjust: false }];
    const constant = series(...Array.from({ length: 20 }, () => offset + 0.1));
    return [
      ...under(`a wave at ${offset}`, ['var', 'std'], [...biases, ...slow], rows).map((one) => ({
        ...one,
        within: FAR,
      })),
      ...under(`a wave at ${offset}`, ['mean'], slow, rows),
      ...under(`a constant near ${offset}`, ['var', 'mean'], biases.slice(0, 1), constant).map((one) => ({
        ...one,
        within: 0,
      })),
    ];
  });
}

/** The weights all but equal; nothing remembered; com 1, which pandas takes for something else. */
function extremeDecays(): HardCase[] {
  const rows = series(...holed(wave(80)));
  return [{ alpha: 1e-9 }, { alpha: 1 }, { com: 1 }, { com: 0 }, { halfLife: 1e9 }, { halfLife: 0.01 }].flatMap(
    (decay) => MOMENTS.flatMap((statistic) => under('a wave with gaps', [statistic], modes(statistic, decay), rows)),
  );
}

function extremeValues(): HardCase[] {
  const unit = [1, 0.9, null, -1, 0.5, 1, -0.75, null, null, 0.25];
  const times = (scale: number): Row[] => series(...unit.map((x) => (x === null ? null : x * scale)));
  const tiny = 2 ** -1074; // the smallest there is
  const subnormal = series(3 * tiny, 9 * tiny, null, -6 * tiny, 12 * tiny, 2 ** -1030);
  const all = MODES.map((mode): Model => ({ alpha: 0.4, ...mode }));
  const largest = Number.MAX_VALUE;
  return [
    ...under('values of 1e300', ['mean', 'var'], all, times(1e300)),
    ...under('values of 1e300', ['sum'], [{ alpha: 0.4 }], times(1e300)),
    ...under('both ends of what a double holds', ['mean'], all, series(largest, -largest, largest, null, -largest)),
    ...under('values of 1e150', ['var', 'std'], all, times(1e150)),
    ...under('values of 1e-150', ['var', 'std', 'mean'], all, times(1e-150)),
    ...under('subnormal values', ['mean', 'var'], all, subnormal),
    ...under('negative zeros', ['mean', 'var', 'sum'], [{ alpha: 0.4 }], series(-0, 0, null, -0)),
  ];
}

function missingRows(): HardCase[] {
  const some: readonly (readonly [string, Row[]])[] = [
    ['a column of nulls', series(...gap(6))],
    ['nulls before the first value', series(...gap(4), 3, null, 1.5, -2)],
    ['nulls after the last value', series(2, 0.5, -1, ...gap(5))],
    ['one value among nulls', series(...gap(2), 2.5, ...gap(2))],
    ['NaN and infinities', series(1, NaN, 5, Infinity, -Infinity, 2, 3)],
  ];
  return some.flatMap(([what, rows]) =>
    MOMENTS.flatMap((statistic) =>
      under(what, [statistic], [...modes(statistic, { alpha: 0.4 }), { alpha: 0.4, minPeriods: 3 }], rows),
    ),
  );
}

function fewRows(): HardCase[] {
  const both: Model[] = [{ alpha: 0.4 }, { alpha: 0.4, minPeriods: 2 }];
  return [
    ...under('no rows', MOMENTS, both, []),
    ...under('one row', MOMENTS, both, series(2.5)),
    ...under('one null', MOMENTS, both, series(null)),
    ...under('two rows', MOMENTS, both, series(2.5, -1)),
  ];
}

/** By the clock: bursts, pauses, equal stamps, stamps that need all digits of a double, missing samples. */
function pauses(): HardCase[] {
  const xs = wave(PAUSES.length, 3, 10);
  const ats = PAUSES.map((at) => STARTED + at);
  const twice = ats.map((at, i) => (i % 4 === 3 ? ats[i - 1]! : at));
  const streams: readonly (readonly [string, Row[]])[] = [
    ['long pauses', stamped(xs, ats)],
    ['long pauses and missing samples', stamped(holed(xs), ats)],
    ['equal stamps', stamped(xs, twice)],
    ['equal stamps from the first on', stamped([4, 8, null, 6, 1], [0, 0, 0, 500, 500])],
    [
      'stamps apart by fractions of a ms',
      stamped(
        xs,
        PAUSES.map((at) => at / 64),
      ),
    ],
    ['one sample', stamped([2.5], [STARTED])],
    ['a missing sample first', stamped([null, null, 4, 2], [0, 700, 1000, 2500])],
    ['nothing but missing samples', stamped([null, null, null], [0, 500, 900])],
    ['NaN and infinities', stamped([1, NaN, 5, Infinity, -Infinity, null, 2], [0, 1, 1000, 1700, 1900, 2000, 9e6])],
    ['values of 1e300', stamped([1e300, 9e299, -1e300, null, 5e299, 7], [0, 1, 1000, 1700, 3000, 9e9])],
    ['subnormal values', stamped([3, 9, -6, null, 12, 2 ** 44].map((x) => x && x * 2 ** -1074), [0, 1, 900, 1000, 2000, 9e6])], // prettier-ignore
    ['values at 1e9', stamped(holed(wave(12, 1, 1e9)), ats)],
  ];
  const clocks = [{ halfLifeMs: 2000 }, { tauMs: 1e-3 }, { halfLifeMs: 1e12 }] as const;
  const held = HOLDS.flatMap((hold) => clocks.map((clock): Model => ({ ...clock, hold })));
  const moments: Model[] = [{ halfLifeMs: 2000 }, { halfLifeMs: 2000, minPeriods: 4 }];
  return streams.flatMap(([what, rows]) => [
    ...under(what, ['mean'], held, rows),
    // the squares of what is very large or small are not to be had
    ...under(
      what,
      what.startsWith('values of 1e300') || what.startsWith('subnormal') ? ['sum', 'var'] : ['sum', 'var', 'std'],
      moments,
      rows,
    ),
  ]);
}

/** Samples that weigh nine orders of magnitude apart. */
function weighed(): HardCase[] {
  const rows = holed(wave(40)).map((x, i): Row => ({ x, weight: 10 ** ((i % 10) - 4) }));
  const sampled = rows.map((row, i): Row & Sample => ({ ...row, at: STARTED + 730 * i }));
  return [
    ...under('weighed samples', ['mean', 'var', 'std', 'sum'], [{ alpha: 0.2 }, { alpha: 0.2, ignoreNa: true }], rows),
    ...under('weighed samples', ['mean'], [{ halfLifeMs: 2000, hold: 'sample' }], sampled),
  ];
}

function related(): HardCase[] {
  const xs = wave(50, 2);
  const ys = xs.map((x, i) => 3 * x + wave(50)[(i * 7) % 50]!);
  const some: readonly (readonly [string, Row[]])[] = [
    [
      'pairs with gaps',
      pairs(
        holed(xs),
        ys.map((y, i) => (i % 5 === 4 ? null : y)),
      ),
    ],
    [
      'pairs at 1e12',
      pairs(
        xs.map((x) => x + 1e12),
        ys.map((y) => y - 1e12),
      ),
    ],
    ['a series and itself', pairs(xs, xs)],
    [
      'a series and its opposite',
      pairs(
        xs,
        xs.map((x) => -x),
      ),
    ],
    [
      'a series and a constant',
      pairs(
        xs,
        xs.map(() => 0.1),
      ),
    ],
    ['pairs of which none is whole', pairs([1, null, 2], [null, 3, null])],
  ];
  return some.flatMap(([what, rows]) =>
    under(
      what,
      ['cov', 'corr'],
      MODES.map((mode): Model => ({ alpha: 0.2, ...mode })),
      rows,
    ),
  );
}
