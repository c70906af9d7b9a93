import { WEIGHT } from '../recurrence/weight.js';
import type { Law } from '../kernels/law.js';
import type { Key } from '../types.js';
import { isTimed } from '../values/arrivals.js';
import type { Series } from '../values/series.js';
import type { Parts, State } from '../values/smoother.js';

/**
 * The state that a smoother's parts make up, as plain data; the vectors among them are the live ones.
 *
 * @param rows - of each slot, if they are counted
 * @param among - the keys that count, if they are not all
 */
export function stateOf(
  { series, block, y, scalars }: Parts,
  law: Law,
  rows?: Float64Array,
  among?: readonly [Key, number][],
): State {
  const plain = Object.fromEntries(
    Object.entries(scalars).map(([name, one]) => [name, typeof one === 'object' ? JSON.stringify(one) : one]),
  );
  if (series !== undefined) return seriesState(series, plain, rows, among);
  if (block === undefined) return { scalars: plain, shadows: {} };
  const { all, each } = block;
  const weights = each === null ? arraysOf(WEIGHT, [all]) : arraysOf(law.fields, [each]);
  return { scalars: plain, shadows: { ...weights, y: y ?? block.y } };
}

function seriesState(
  { plan, tables, seeds, arrivals }: Series,
  scalars: State['scalars'],
  rows: Float64Array | undefined,
  among: readonly [Key, number][] | undefined,
): State {
  const keys = arrivals === null || plan.by === null ? null : (among ?? [...arrivals.slotOf]);
  const slots = keys === null ? [0] : keys.map(([, slot]) => slot);
  const kept = tables.map((table, i) => gathered(table, slots, seeds[i]!.length));
  const shadows = arraysOf(plan.law.fields, kept);
  if (arrivals === null) return { scalars, shadows };
  const { dropped, late, stamps } = arrivals;
  const text = keys && new TextEncoder().encode(keysText(keys.map(([key]) => key)));
  return {
    scalars: { ...scalars, dropped, late },
    shadows: {
      ...shadows,
      stamps: isTimed(plan) ? gathered(stamps, slots, 2) : new Float64Array(2 * slots.length).fill(NaN),
      ...(rows && { rows: gathered(rows, slots, 1) }),
      ...(text && { keys: text }),
    },
  };
}

/** Some slots of a table, side by side. */
function gathered(table: Float64Array, slots: readonly number[], size: number): Float64Array {
  const out = new Float64Array(slots.length * size);
  slots.forEach((slot, i) => out.set(table.subarray(slot * size, (slot + 1) * size), i * size));
  return out;
}

/** Slots as a snapshot has them: an array of each field, table by table. */
export function arraysOf(fields: readonly string[], tables: readonly Float64Array[]): Record<string, Float64Array> {
  const size = fields.length;
  const slots = tables.reduce((sum, table) => sum + table.length / size, 0);
  const arrays = fields.map(() => new Float64Array(slots));
  let slot = 0;
  for (const table of tables) {
    for (let at = 0; at < table.length; at += size, slot++)
      arrays.forEach((array, f) => (array[slot] = table[at + f]!));
  }
  return Object.fromEntries(fields.map((name, f) => [name, arrays[f]!]));
}

/** Keys as text, kinds kept apart; `keysFrom` is its inverse. */
export function keysText(keys: readonly Key[]): string {
  return JSON.stringify(keys.map((key) => (typeof key === 'bigint' ? [`${key}`] : isOdd(key) ? [[String(key)]] : key)));
}

export function keysFrom(text: string): Key[] {
  const list = JSON.parse(text) as (Exclude<Key, bigint> | [string] | [[string]])[];
  return list.map((key) => (!Array.isArray(key) ? key : Array.isArray(key[0]) ? Number(key[0][0]) : BigInt(key[0])));
}

/** A number that JSON does not have. */
const isOdd = (key: Key): boolean => typeof key === 'number' && !Number.isFinite(key);
