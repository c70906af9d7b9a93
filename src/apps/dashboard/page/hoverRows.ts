import type { HoverValue } from './contract.js';
import { naturalOrder } from './naturalOrder.js';

/** A column of a table of values. */
export type Column = 'run' | 'step' | 'time' | 'raw' | 'smooth' | 'std';

/** By which column a table is sorted; null for the order of the list of runs. */
export interface Sorting {
  readonly column: Column;
  readonly down: boolean;
}

/** One line of a table: what a run has at a place. */
export interface HoverRow extends HoverValue {
  readonly run: string;
}

const NUMBERS: Readonly<Record<Exclude<Column, 'run'>, keyof HoverValue>> = {
  step: 'step',
  time: 'atMs',
  raw: 'raw',
  smooth: 'smooth',
  std: 'std',
};

/** Rows in order; what is no number comes last whichever way. */
export function sortedRows<R extends HoverRow>(rows: readonly R[], sorting: Sorting | null): readonly R[] {
  if (sorting === null) return rows;
  const { column, down } = sorting;
  const sign = down ? -1 : 1;
  if (column === 'run') return [...rows].sort((a, b) => sign * naturalOrder(a.run, b.run));
  const key = NUMBERS[column];
  return [...rows].sort((a, b) => {
    const [x, y] = [a[key], b[key]];
    if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
    return x === y ? 0 : sign * (x < y ? -1 : 1);
  });
}

/** What a click on a column's head asks for: down, then up, then as it was. */
export function nextSorting(sorting: Sorting | null, column: Column): Sorting | null {
  if (sorting?.column !== column) return { column, down: column !== 'run' };
  return sorting.down === (column !== 'run') ? { column, down: !sorting.down } : null;
}

/** The curve whose smoothed value is nearest to a height; of what has none, the raw one counts. */
export function nearestCurve(values: readonly HoverValue[], distance: (y: number) => number): number | null {
  let [best, least] = [null as number | null, Infinity];
  for (const { curve, raw, smooth } of values) {
    const away = distance(Number.isNaN(smooth) ? raw : smooth);
    if (away < least) [best, least] = [curve, away];
  }
  return best;
}
