import { expect } from 'vitest';
import { from, lastValueFrom, toArray } from 'rxjs';
import { biasCorrected, emaScan, type EmaOptions } from 'rx-ema';

type Row = Record<string, unknown>;

/** What `emaScan` makes of records, corrected unless `raw`. */
export function averages<T extends Row>(rows: readonly T[], options: EmaOptions<T>, raw = false): Promise<T[]> {
  const smooth$ = from(rows).pipe(emaScan<T>(options));
  return lastValueFrom(
    (raw ? smooth$ : from(rows).pipe(emaScan<T>(options), biasCorrected())).pipe(toArray()),
  ) as Promise<T[]>;
}

/** A noisy curve, as a table: a gap, a NaN and text among it. */
export function table(rows: number): { step: number; loss: number | null; accuracy: number; phase: string }[] {
  return Array.from({ length: rows }, (_, i) => ({
    step: i + 1,
    loss: i % 7 === 3 ? null : 1 / (1 + i) + Math.abs(Math.sin(i * 12.9898)) / 3,
    accuracy: 1 - 1 / (2 + Math.sqrt(i)),
    phase: i < 10 ? 'warm, up' : 'main "run"',
  }));
}

/** That rows are the same, and their numbers but for what the order of the arithmetic may change. */
export function expectClose(rows: readonly Row[], expected: readonly Row[], rtol = 1e-12): void {
  const rounded = (got: readonly Row[]): Row[] =>
    got.map((row, i) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => {
          const other = expected[i]?.[name];
          const isClose =
            typeof value === 'number' && typeof other === 'number' && Math.abs(value - other) <= rtol * Math.abs(other);
          return [name, isClose ? other : value];
        }),
      ),
    );
  expect(rounded(rows)).toEqual(expected);
}
