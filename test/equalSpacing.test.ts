import type { RecordBatch } from 'apache-arrow';
import * as fc from 'fast-check';
import { Ema, emaScan, ewm, type EmaOptions, type EwmOptions } from 'rx-ema';
import { from, map, type Observable, type OperatorFunction } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { holds } from './holds.js';
import {
  batchesOf,
  cellsOf,
  columnsOf,
  recordsOf,
  type Cell,
  type Columns,
  type Made,
  type Row,
  type Shape,
} from './support/columns.js';

/** Of `steps: 'even'`. */
const SPACING_MS = 1000;
const SHAPE: Shape = { float: 'Float64', keys: 'Int16, growing', before: 0, behind: 3, stamp: 'us', bitmap: false };

/** What a stream emits that ends at once. */
function all<T>(values: Observable<T>): T[] {
  const out: T[] = [];
  const failed: unknown[] = [];
  values.subscribe({ next: (one) => out.push(one), error: (error) => failed.push(error) });
  expect(failed).toEqual([]);
  return out;
}

interface Case {
  readonly made: Made;
  readonly columns: Columns;
  readonly cuts: readonly number[];
  /** In steps, and the same in ms. */
  readonly halfLife: number;
  readonly halfLifeMs: number;
}

const cases = (holes: Made['holes'], values: Made['values'] = 'far from zero'): fc.Arbitrary<Case> =>
  fc
    .record({
      seed: fc.nat(),
      rows: fc.oneof({ weight: 20, arbitrary: fc.nat(40) }, { weight: 1, arbitrary: fc.constantFrom(4097, 6000) }),
      cuts: fc.array(fc.nat(60), { maxLength: 4 }),
      halfLife: fc.constantFrom(1e-3, 0.5, 1, 3, 20, 500, 1e9),
    })
    .map(({ seed, rows, cuts, halfLife }) => {
      const made: Made = { seed, rows, values, holes, gaps: 'both', steps: 'even', keys: 1, run: 1, late: 0 };
      const columns = columnsOf(made, 'Float64');
      return { made, columns, cuts, halfLife, halfLifeMs: halfLife * SPACING_MS };
    });

const none = (x: unknown): boolean => x == null || Number.isNaN(x);

/** Rows that are further apart than this. */
function apart(got: readonly unknown[], want: readonly unknown[], within: (v: number) => number): string[] {
  return Array.from({ length: Math.max(got.length, want.length) }, (_, row) => row)
    .filter((row) => {
      const [a, b] = [got[row], want[row]];
      if (none(a) || none(b)) return none(a) !== none(b);
      return !(Object.is(a, b) || Math.abs((a as number) - (b as number)) <= within(b as number));
    })
    .map((row) => `row ${row}: ${String(got[row])}, not ${String(want[row])}`)
    .slice(0, 3);
}

const largest = (cells: readonly Cell[]): number =>
  cells.reduce<number>((most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x!)) : most), 0);
/** 8 eps·M: that of the mean. */
const meanWithin = ({ columns: { x, y } }: Case) => {
  const within = 8 * 2 ** -52 * Math.max(largest(x), largest(y));
  return () => within;
};

/** x, by the clock: as records and as batches cut somewhere. */
function byClock({ columns, cuts }: Case, options: object): unknown[][] {
  const own = { ...options, time: 'at', columns: ['x'] };
  const records = new Ema<Row>(own as unknown as EmaOptions<Row>);
  const batches = new Ema<RecordBatch>(own as unknown as EmaOptions<RecordBatch>);
  return [
    recordsOf(columns).map((row) => records.update(row).x),
    cellsOf(
      batchesOf(columns, cuts, SHAPE).map((batch) => batches.update(batch)),
      'x',
    ),
  ];
}

/** x, by step. */
function byStep(xs: readonly Cell[], options: object): Cell[] {
  const ema = new Ema<Cell>(options as EmaOptions<Cell>);
  return xs.map((x) => ema.update(x));
}

describe('stamps that are evenly spaced make of a decay per millisecond one per step', () => {
  it.each(['none', 'some', 'before the first', 'long gaps'] as const)(
    "hold 'sample' is the corrected average, whose past fades over what is missing (%s)",
    (holes) => {
      holds(
        fc.property(cases(holes), (one) => {
          const { halfLife, halfLifeMs, columns } = one;
          const want = byStep(columns.x, { halfLife, ages: true });
          for (const got of byClock(one, { halfLifeMs, hold: 'sample' }))
            expect(apart(got, want, meanWithin(one))).toEqual([]);
        }),
        60,
      );
    },
  );

  /** What the value at a stamp stands for there: itself, the one before, or what is between them. */
  const stands = {
    next: (x: number) => x,
    last: (_: number, before: number) => before,
    linear: (x: number, before: number, steps: number) => {
      const a = Math.LN2 / steps;
      const u = 2 ** (-1 / steps);
      const v = -Math.expm1(-a) / a;
      return before + ((1 - v) / (1 - u)) * (x - before);
    },
  };

  it.each(Object.entries(stands))("hold '%s' is the average that starts at the first value", (hold, of) => {
    holds(
      fc.property(cases('none'), (one) => {
        const { columns, halfLifeMs } = one;
        // a straight line's mean by its closed form has no digits for so small a step
        const halfLife = hold === 'linear' ? Math.min(one.halfLife, 3) : one.halfLife;
        const xs = columns.x as readonly number[];
        const stood = xs.map((x, i) => of(x, xs[i - 1] ?? x, halfLife));
        const want = byStep(stood, { halfLife, start: 'first' });
        const ms = Math.min(halfLifeMs, halfLife * SPACING_MS);
        for (const got of byClock(one, { halfLifeMs: ms, hold })) expect(apart(got, want, meanWithin(one))).toEqual([]);
      }),
      60,
    );
  });

  it('numbers by the clock are those by step', () => {
    holds(
      fc.property(cases('some'), (one) => {
        const { halfLife, halfLifeMs, columns } = one;
        let now = 0;
        const timed = from(columns.x).pipe(
          map((x) => {
            now += SPACING_MS;
            return x;
          }),
          emaScan({ halfLifeMs, clock: { now: () => now } }),
        );
        expect(apart(all(timed), byStep(columns.x, { halfLife, ages: true }), meanWithin(one))).toEqual([]);
      }),
      60,
    );
  });
});

type Statistic = 'mean' | 'sum' | 'var' | 'std' | 'cov' | 'corr';

const statistic = (options: object, name: Statistic): OperatorFunction<unknown, unknown> => {
  const family = ewm<Row>({ columns: ['x'], ...options } as unknown as EwmOptions<Row>);
  const one = name === 'cov' || name === 'corr' ? family[name]('x', 'y') : family[name]();
  return one as OperatorFunction<unknown, unknown>;
};
const read = (out: unknown): unknown => (typeof out === 'object' && out !== null ? (out as Row).x : out);

describe('so they do for the pandas family', () => {
  it.each(
    (['mean', 'sum', 'var', 'std', 'cov', 'corr'] as const).flatMap((name) =>
      (name === 'sum' ? [true] : [true, false]).map((adjust) => [name, adjust] as const),
    ),
  )('%s, adjust %s', (name, adjust) => {
    // not adjusted, a gap of two steps is no step of twice the time: (d² y + a x) / (d² + a)
    const holes = adjust ? 'some' : 'none';
    holds(
      fc.property(cases(holes, name === 'corr' || name === 'cov' ? 'noise' : 'far from zero'), (one) => {
        const { halfLife, halfLifeMs, cuts } = one;
        const y = one.columns.y.map((cell) => (adjust ? cell : (cell ?? 0.25)));
        const columns = { ...one.columns, y };
        const records = from(recordsOf(columns));
        const want = all(records.pipe(statistic({ halfLife, adjust }, name))).map(read);
        const timed = statistic({ halfLifeMs, adjust, time: 'at' }, name);
        const got = all(records.pipe(timed)).map(read);
        const batches = all(from(batchesOf(columns, cuts, SHAPE)).pipe(timed)) as RecordBatch[];
        const column = name === 'cov' || name === 'corr' ? `x_y_${name}` : 'x';
        const eps = 2 ** -52;
        const size = meanWithin(one)() / 8;
        const within = {
          mean: () => 8 * size,
          std: () => 8 * size,
          sum: (v: number) => 64 * Math.max(size, eps * Math.abs(v)),
          var: (v: number) => 64 * size * (Math.sqrt(Math.abs(v)) + 64 * size),
          cov: (v: number) => 64 * size * (Math.sqrt(Math.abs(v)) + 64 * size),
          corr: () => 64 * eps,
        }[name];
        expect(apart(got, want, within)).toEqual([]);
        expect(apart(cellsOf(batches, column), want, within)).toEqual([]);
      }),
      60,
    );
  });
});
