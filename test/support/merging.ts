import * as fc from 'fast-check';
import { Ema, EwmState, fromBytes, mergeSnapshots, toBytes, type EmaOptions, type Snapshot } from 'rx-ema';
import { expect } from 'vitest';
import { holds } from '../holds.js';

export type Readout = 'raw' | 'corrected';
export type Options = Readonly<Record<string, unknown>>;

/** An engine of either kind, which goes on from a snapshot. */
export interface Engine {
  readonly step: number;
  readonly seen: number;
  readonly dropped: number;
  readonly late: number;
  update(value: unknown): unknown;
  get(): unknown;
  snapshot(): Snapshot;
}
export type Make = (saved?: Snapshot) => Engine;

/** The same engine, updated in another way. */
export const withUpdate = (engine: Omit<Engine, 'update'>, update: (value: unknown) => unknown): Engine => ({
  get step() {
    return engine.step;
  },
  get seen() {
    return engine.seen;
  },
  get dropped() {
    return engine.dropped;
  },
  get late() {
    return engine.late;
  },
  update,
  get: () => engine.get(),
  snapshot: () => engine.snapshot(),
});

export const ema =
  (options: Options, readout: Readout = 'corrected'): Make =>
  (saved) => {
    const engine = new Ema<unknown>(options as unknown as EmaOptions<unknown>, saved);
    return withUpdate(engine, (value) => engine.update(value, readout));
  };

export const ewm =
  (options: Options, statistic: Options): Make =>
  (saved) =>
    new (EwmState as unknown as new (...all: unknown[]) => Engine)(options, statistic, saved);

export function run(make: Make, values: readonly unknown[], saved?: Snapshot): { engine: Engine; out: unknown[] } {
  const engine = make(saved);
  return { engine, out: values.map((value) => engine.update(value)) };
}

/** Rows cut at these places, each part smoothed on its own, the snapshots joined from one end. */
export function merged(make: Make, parts: readonly (readonly unknown[])[], fold: 'left' | 'right'): Snapshot {
  const snapshots = parts.map((part) => fromBytes(toBytes(run(make, part).engine.snapshot())));
  return fold === 'left'
    ? snapshots.reduce((all, next) => mergeSnapshots(all, next))
    : snapshots.reduceRight((all, next) => mergeSnapshots(next, all));
}

export function partsOf<T>(rows: readonly T[], cuts: readonly number[]): T[][] {
  const at = [0, ...cuts.map((cut) => Math.min(cut, rows.length)).sort((a, b) => a - b), rows.length];
  return at.slice(1).map((to, i) => rows.slice(at[i], to));
}

/** Numbers alike to within `tolerance`, everything else the same; a path to what is not. */
export function unlike(got: unknown, want: unknown, tolerance: number, path = ''): string | null {
  if (typeof got === 'number' && typeof want === 'number') {
    const alike = Object.is(got, want) || Math.abs(got - want) <= tolerance * (1 + Math.abs(want));
    return alike ? null : `${path}: ${got} where ${want} belongs`;
  }
  if (typeof got === 'object' && typeof want === 'object' && got !== null && want !== null) {
    const names = new Set([...Object.keys(got), ...Object.keys(want)]);
    for (const name of names) {
      const found = unlike((got as Options)[name], (want as Options)[name], tolerance, `${path}.${name}`);
      if (found !== null) return found;
    }
    return null;
  }
  return Object.is(got, want) ? null : `${path}: ${String(got)} where ${String(want)} belongs`;
}

export const TOLERANCE = 1e-12;

export interface Row {
  readonly x?: number | null;
  readonly y?: number | null;
  readonly key: string | null;
  readonly n: number;
  readonly at: number;
}

/** Quarters, so that what is not constant varies by more than rounding; above 0, as no average then is 0. */
export const number = fc.integer({ min: 1, max: 80 }).map((x) => x / 4);
export const cell = fc.oneof(
  { weight: 4, arbitrary: number },
  { weight: 2, arbitrary: fc.constantFrom<null | number>(null, NaN, Infinity) },
);
export const numbersArb = fc.array(cell, { minLength: 1, maxLength: 24 });
const rowsWith = (weights: readonly number[]): fc.Arbitrary<Row[]> => {
  const row = fc.record(
    {
      x: cell,
      y: cell,
      key: fc.constantFrom('a', 'b', null),
      n: fc.constantFrom(...weights),
      gap: fc.constantFrom(0, 1, 7, 60, 1000),
    },
    { requiredKeys: ['key', 'n', 'gap', 'x'] },
  );
  return fc.array(row, { minLength: 1, maxLength: 24 }).map((rows) => {
    let at = 1_700_000_000_000;
    return rows.map(({ gap, ...one }) => ({ ...one, at: (at += gap) }));
  });
};
export const rowsArb = rowsWith([1, 2, 0.25, 0]);
/** Fields that come late, or not at all on one side; now and then a record that is missing as a whole. */
const loose = (rows: readonly Row[]): unknown[] =>
  rows.map((row, i) => (i % 11 === 5 ? null : i % 3 === 0 ? { key: row.key, n: row.n, y: row.y } : row));
export const looseArb = rowsArb.map(loose);
/** After a sample that weighs nothing, what is carried cannot always be told. */
export const heavyArb = rowsWith([1, 2, 0.25]).map(loose);
export const cutsArb = fc.array(fc.nat(24), { maxLength: 4 });
const foldArb = fc.constantFrom<'left' | 'right'>('left', 'right');

/** Any split, folded from either end, goes on as the single run does. */
export function mergesLikeOneRun<T>(
  make: Make,
  rowsOf: fc.Arbitrary<T[]>,
  { tolerance = TOLERANCE, runs = 120, but = '' }: { tolerance?: number; runs?: number; but?: string } = {},
): void {
  const compared = ({ shadows, ...rest }: Snapshot): unknown => {
    const { [but]: _left, ...others } = shadows;
    return { ...rest, shadows: others };
  };
  holds(
    fc.property(rowsOf, cutsArb, foldArb, fc.nat(24), (rows, cuts, fold, seam) => {
      // gone on from a snapshot too: what a missing record repeats are the columns alone
      const through = run(make, [], run(make, rows.slice(0, seam)).engine.snapshot());
      const again = run(make, [], merged(make, partsOf(rows.slice(0, seam), cuts), fold));
      const counts = ({ engine }: typeof through) => [engine.step, engine.seen, engine.dropped, engine.late];
      expect(counts(again)).toEqual(counts(through));
      const want = rows.slice(seam).map((row) => through.engine.update(row));
      const got = rows.slice(seam).map((row) => again.engine.update(row));
      expect(unlike(got, want, tolerance)).toBeNull();
      expect(unlike(compared(again.engine.snapshot()), compared(through.engine.snapshot()), tolerance)).toBeNull();
    }),
    runs,
  );
}

export const STATISTICS: readonly Options[] = [
  { stat: 'mean' },
  { stat: 'sum' },
  { stat: 'var' },
  { stat: 'var', bias: true },
  { stat: 'std' },
  { stat: 'bands' },
  { stat: 'cov', x: 'x', y: 'y' },
  { stat: 'cov', x: 'x', y: 'x', bias: true },
  { stat: 'corr', x: 'x', y: 'y' },
];
