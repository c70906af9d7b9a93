import { SmoothingError } from '../errors.js';
import { grown } from '../kernels/law.js';
import type { Key } from '../types.js';
import { WORD } from '../values/arrivals.js';
import type { State } from '../values/smoother.js';
import { halfOf, idOf, SERIES_KINDS, type Half, type SeriesKind } from './halves.js';
import type { MergePlan } from './mergePlan.js';
import { nameOf } from './resume.js';
import { STAMP_UNITS, stampUnit } from './stampUnit.js';
import { arraysOf, keysText } from './stateOf.js';

/** A key of either half: where each has it, −1 if it does not, and ms from the left one's newest stamp to the right one's. */
interface Meeting {
  readonly key: Key;
  readonly left: number;
  readonly right: number;
  readonly ms: number;
}

/** Columns of numbers of two halves as one. */
export function mergeSeries(kind: string, left: State, right: State, plan: MergePlan): State {
  const own = SERIES_KINDS[kind]!;
  const [first, second] = [halfOf(left, own, plan), halfOf(right, own, plan)];
  const roles = rolesOf(first, second);
  const groups = groupsOf(first, second, own);
  const [times, per] = STAMP_UNITS[stampUnit(roles, plan.time)];
  const meetings = meetingsOf(first, second, (units) => (units * times) / per);
  const { attended, keyed, ages, law } = plan;
  const rows = meetings.map((one) => (first.rows[one.left] ?? 0) + (second.rows[one.right] ?? 0));
  const stamps = meetings.flatMap((one) => [...newestStamp(first, second, one)]);
  const keys = keysText(meetings.map(({ key }) => key));
  return {
    scalars: {
      ...(own.columns !== 'one' && { columns: JSON.stringify([...groups.values()].flat()) }),
      ...(own.columns === 'types' && { roles: roles ?? '', rows: first.total + second.total }),
      ...(attended && { dropped: first.dropped + second.dropped, late: first.late + second.late }),
    },
    shadows: {
      ...arraysOf(law.fields, [mergedSlots(first, second, [...groups.keys()], meetings, plan)]),
      ...(attended && { stamps: Float64Array.from(stamps) }),
      ...(keyed && ages && { rows: Float64Array.from(rows) }),
      ...(keyed && { keys: new TextEncoder().encode(keys) }),
    },
  };
}

function rolesOf({ roles: left }: Half, { roles: right }: Half): string | null {
  if (left !== null && right !== null && left !== right) throw changed(left, right);
  return left ?? right;
}

/** The columns of both. Batches go on under a schema that has those of both in their order. */
function groupsOf(left: Half, right: Half, { columns }: SeriesKind): Half['groups'] {
  const typed = columns === 'types';
  const ids = [...left.groups.keys()];
  const known = new Map([...left.groups.values()].map((group) => [idOf(group.map(nameOf)), group]));
  let at = ids.length;
  for (const [id, group] of [...right.groups].reverse()) {
    const other = typed ? known.get(idOf(group.map(nameOf))) : undefined;
    if (left.groups.has(id)) at = typed ? ids.indexOf(id) : at;
    else if (other !== undefined) throw changed(other.join(', '), group.join(', '));
    else ids.splice(at, 0, id);
  }
  return new Map(ids.map((id) => [id, (left.groups.get(id) ?? right.groups.get(id))!]));
}

function changed(must: string, got: string): SmoothingError {
  return new SmoothingError('SCHEMA_CHANGED', `the columns of both halves must be ${must}, got ${got}`);
}

/** The keys of both, those of the left one first. */
function meetingsOf(left: Half, right: Half, unit: (units: number) => number): Meeting[] {
  const [before, after] = [left, right].map(({ keys }) => new Map(keys.map((key, i) => [key, i]))) as Places;
  return [...new Set([...before.keys(), ...after.keys()])].map((key) => {
    const [i, j] = [before.get(key) ?? -1, after.get(key) ?? -1];
    const units =
      (right.stamps[2 * j]! - left.stamps[2 * i]!) * WORD + (right.stamps[2 * j + 1]! - left.stamps[2 * i + 1]!);
    return { key, left: i, right: j, ms: i < 0 || j < 0 || Number.isNaN(units) ? 0 : unit(units) };
  });
}

type Places = [Map<Key, number>, Map<Key, number>];
type Tables = [Map<string, number>, Map<string, number>];

function newestStamp(left: Half, right: Half, { left: i, right: j, ms }: Meeting): Float64Array {
  const [before, after] = [left.stamps.subarray(2 * i, 2 * i + 2), right.stamps.subarray(2 * j, 2 * j + 2)];
  return i < 0 || (j >= 0 && ms >= 0 && !Number.isNaN(after[0])) ? after : before;
}

/** A slot for each column and key, where a half without either has one in which nothing has come. */
function mergedSlots(
  left: Half,
  right: Half,
  ids: readonly string[],
  meetings: readonly Meeting[],
  { law, merge, timed }: MergePlan,
): Float64Array {
  const merged = grown(law, ids.length * meetings.length);
  const nothing = grown(law, 1);
  const size = nothing.length;
  const slotOf = ({ slots, keys }: Half, table: number, key: number): Float64Array => {
    const at = (table * keys.length + key) * size;
    return table < 0 || key < 0 ? nothing : slots.subarray(at, at + size);
  };
  const [here, there] = [left, right].map(
    ({ groups }) => new Map([...groups.keys()].map((id, i) => [id, i])),
  ) as Tables;
  let at = 0;
  for (const id of ids) {
    const [before, after] = [here.get(id) ?? -1, there.get(id) ?? -1];
    for (const { left: i, right: j, ms } of meetings) {
      const slot = merged.subarray(at, (at += size));
      slot.set(slotOf(left, before, i));
      merge(slot, slotOf(right, after, j), timed ? ms : (right.rows[j] ?? 0));
    }
  }
  return merged;
}
