import { describe, expect, it } from 'vitest';
import { nearestCurve, nextSorting, sortedRows, type HoverRow } from '../../../../src/apps/dashboard/page/hoverRows.js';

const row = (curve: number, run: string, raw: number, smooth = raw): HoverRow => ({
  curve,
  run,
  raw,
  smooth,
  x: 0,
  beyond: false,
  step: 10 - curve,
  atMs: curve,
  std: 1,
});
const ROWS = [row(0, 'run 10', 3), row(1, 'run 9', NaN), row(2, 'A', 1), row(3, 'b', Infinity)];
const order = (...args: Parameters<typeof sortedRows>): number[] => sortedRows(...args).map(({ curve }) => curve);

describe('a table', () => {
  it('is in the order of the curves until it is sorted', () => {
    expect(order(ROWS, null)).toEqual([0, 1, 2, 3]);
  });

  it('is sorted by each column, what is no number last', () => {
    expect(order(ROWS, { column: 'raw', down: false })).toEqual([2, 0, 3, 1]);
    expect(order(ROWS, { column: 'raw', down: true })).toEqual([3, 0, 2, 1]);
    expect(order(ROWS, { column: 'run', down: false })).toEqual([2, 3, 1, 0]);
    expect(order(ROWS, { column: 'step', down: false })).toEqual([3, 2, 1, 0]);
    expect(order(ROWS, { column: 'time', down: true })).toEqual([3, 2, 1, 0]);
  });

  it('goes with clicks: one way, the other, as it was', () => {
    const first = nextSorting(null, 'raw');
    expect(first).toEqual({ column: 'raw', down: true });
    const second = nextSorting(first, 'raw');
    expect(second).toEqual({ column: 'raw', down: false });
    expect(nextSorting(second, 'raw')).toBeNull();
    expect(nextSorting(second, 'run')).toEqual({ column: 'run', down: false });
  });
});

it('finds the curve nearest to a height, by its average', () => {
  const rows = [row(0, 'a', 100, 1), row(1, 'b', 2, 50), row(2, 'c', 4, NaN)];
  expect(nearestCurve(rows, (y) => Math.abs(y - 2))).toBe(0);
  expect(nearestCurve(rows, (y) => Math.abs(y - 4))).toBe(2);
  expect(nearestCurve([], () => 0)).toBeNull();
});
