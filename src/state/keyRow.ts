import { isTimed } from '../values/arrivals.js';
import type { Series } from '../values/series.js';
import type { Key } from '../types.js';
import type { Tally } from './tally.js';

/*
 * What is kept of one key, as doubles side by side: its newest stamp in two words, NaN where time does not count; its rows,
 * where they are counted; then its slot of each column, in the order in which the columns came. What a column that came
 * later has of a key is behind the end of the row: it has not begun.
 */

/** The row of a key; undefined if nothing is kept of it. @param into - memory for it, if it is as long */
export function keyRow(
  { plan, tables, arrivals }: Series,
  key: Key,
  tally: Tally | null,
  into?: Float64Array,
): Float64Array | undefined {
  const slot = arrivals?.slotOf.get(key);
  if (slot === undefined) return undefined;
  const { law } = plan;
  const size = law.fresh.length;
  const length = startOf(tally) + tables.length * size;
  const row = into?.length === length ? into : new Float64Array(length);
  let at = 0;
  for (let word = 0; word < 2; word++) row[at++] = isTimed(plan) ? arrivals!.stamps[2 * slot + word]! : NaN;
  if (tally !== null) row[at++] = tally.rows[slot]!;
  for (const table of tables) {
    for (let field = slot * size; field < (slot + 1) * size; field++) row[at++] = table[field]!;
  }
  return row;
}

/** Puts a row in, in place of what is kept of the key. Returns its slot; −1, and nothing has changed, if it is of another length. */
export function putKeyRow(series: Series, key: Key, row: Float64Array, tally: Tally | null): number {
  const { plan, arrivals, seeds } = series;
  const size = plan.law.fresh.length;
  const start = startOf(tally);
  const columns = (row.length - start) / size;
  if (!Number.isInteger(columns) || columns < 0 || columns > seeds.length) return -1;
  const slot = arrivals!.enrolled(key);
  series.fit();
  if (isTimed(plan)) arrivals!.heard(slot, row[0]!, row[1]!);
  if (tally !== null) tally.put(slot, row[start - 1]!);
  for (const [i, table] of series.tables.entries()) {
    const from = i < columns ? row : seeds[i]!;
    const first = i < columns ? start + i * size : 0;
    for (let field = 0; field < size; field++) table[slot * size + field] = from[first + field]!;
  }
  return slot;
}

/** Doubles before the columns. */
const startOf = (tally: Tally | null): number => (tally === null ? 2 : 3);
