import { SmoothingError } from '../errors.js';
import type { SavedArray } from '../types.js';
import type { State } from '../values/smoother.js';

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

/** A W, or several: copied, and each in [0, 1]. */
export function savedWeights<N extends string>(
  saved: State,
  names: readonly N[],
  length: number,
): Record<N, Float64Array> {
  const arrays = {} as Record<string, Float64Array>;
  for (const name of names) arrays[name] = savedArray(saved, name, Float64Array, length);
  if (!arrays['weight']!.every((weight) => weight >= 0 && weight <= 1)) throw corrupt('a weight outside [0, 1]');
  return arrays;
}

/** What arrays have at index `i`, by name. */
export function entryOf<N extends string>(arrays: Readonly<Record<N, Float64Array>>, i: number): Record<N, number> {
  const entries = Object.entries<Float64Array>(arrays).map(([name, array]) => [name, array[i]!]);
  return Object.fromEntries(entries) as Record<N, number>;
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
