import { shown, SmoothingError } from '../errors.js';
import type { Key } from '../types.js';

const KINDS = ['string', 'number', 'bigint', 'boolean'];

/** One key of the values that `by` gave; several become one, kinds kept apart. */
export function joinedKey(values: readonly unknown[]): Key {
  const keys = values.map(keyOf);
  return keys.length === 1 ? keys[0]! : JSON.stringify(keys.map((key) => [typeof key, String(key)]));
}

/** The key that a value is. */
export function keyOf(value: unknown): Key {
  if (value == null) return null;
  if (KINDS.includes(typeof value)) return value as Key;
  throw new SmoothingError('KEY_KIND', `by must give a ${KINDS.join(', ')} or null, got ${shown(value)}`);
}
