import { SmoothingError } from '../errors.js';
import type { Key, SavedArray } from '../types.js';
import type { State } from '../values/smoother.js';
import { keysFrom } from './stateOf.js';

export function corrupt(why: string): SmoothingError {
  return new SmoothingError('SNAPSHOT_CORRUPT', `the snapshot must be whole, got ${why}`);
}

/** One of the arrays of a snapshot, copied; of that class and length. */
export function savedArray<A extends SavedArray>(
  saved: State,
  name: string,
  type: { new (length: number): A; readonly name: string },
  length: number,
): A {
  const array = saved.shadows[name];
  if (!(array instanceof type) || array.length !== length) {
    const got = array === undefined ? 'nothing' : `${array.constructor.name} of ${array.length}`;
    throw corrupt(`${got} for '${name}', where ${type.name} of ${length} belongs`);
  }
  return array.slice() as A;
}

/** A table of `slots` slots, from an array of each field; every weight in [0, 1], if they are `shares`. */
export function savedTable(saved: State, fields: readonly string[], slots: number, shares = true): Float64Array {
  const table = new Float64Array(slots * fields.length);
  fields.forEach((name, f) => {
    savedArray(saved, name, Float64Array, slots).forEach((value, i) => (table[i * fields.length + f] = value));
  });
  if (!savedArray(saved, 'weight', Float64Array, slots).every((w) => w >= 0 && (w <= 1 || !shares))) {
    throw corrupt('a weight outside its range');
  }
  return table;
}

/** One of the scalars of a snapshot that counts something. */
export function savedCount(saved: State, name: string): number {
  const count = saved.scalars[name];
  if (typeof count === 'number' && Number.isSafeInteger(count) && count >= 0) return count;
  throw corrupt(`'${name}' of ${String(count)}`);
}

/** One of the scalars of a snapshot, parsed from JSON. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- what it holds is for the caller to say
export function savedJson<T extends object>(saved: State, name: string): T {
  try {
    const parsed: unknown = JSON.parse(String(saved.scalars[name]));
    if (typeof parsed === 'object' && parsed !== null) return parsed as T;
  } catch {
    // not JSON: the same as nothing
  }
  throw corrupt(`no '${name}'`);
}

/** The keys of a snapshot, in the order of their slots. */
export function savedKeys(saved: State): Key[] {
  const bytes = saved.shadows['keys'];
  if (!(bytes instanceof Uint8Array)) throw corrupt("nothing for 'keys'");
  try {
    return keysFrom(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw corrupt("no list of keys for 'keys'");
  }
}
