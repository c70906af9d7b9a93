import { shown, SmoothingError } from '../errors.js';
import type { Key } from '../types.js';

/** Which slot each key has. A slot that a key has left is the next one's. */
export class Keys {
  readonly #limit: number;
  readonly #slotOf = new Map<Key, number>();
  readonly #free: number[] = [];
  /** By slot. */
  readonly #keyOf: Key[] = [];
  /** Grows when a slot is given up: what was looked up before may be wrong from then on. */
  epoch = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#slotOf.size;
  }

  /** Slots in use or free. */
  get slots(): number {
    return this.#keyOf.length;
  }

  find(key: Key): number | undefined {
    return this.#slotOf.get(key);
  }

  /** A slot for a new key, which the caller has to make fresh. */
  add(key: Key): number {
    if (this.size >= this.#limit) {
      throw new SmoothingError(
        'TOO_MANY_KEYS',
        `by must give at most maxKeys = ${this.#limit} keys, got ${shown(key)} besides`,
      );
    }
    const slot = this.#free.pop() ?? this.#keyOf.length;
    this.enter(key, slot);
    return slot;
  }

  enter(key: Key, slot: number): void {
    this.#keyOf[slot] = key;
    this.#slotOf.set(key, slot);
  }

  /** The key of a slot gives it up; the slot is not free before `free` says so. */
  leave(slot: number): Key {
    const key = this.#keyOf[slot]!;
    this.#slotOf.delete(key);
    this.epoch++;
    return key;
  }

  free(slot: number): void {
    this.#free.push(slot);
  }

  delete(key: Key): boolean {
    const slot = this.#slotOf.get(key);
    if (slot === undefined) return false;
    this.leave(slot);
    this.free(slot);
    return true;
  }

  entries(): IterableIterator<[Key, number]> {
    return this.#slotOf.entries();
  }
}

/** A key as `by` gave it. */
export function keyOf(value: unknown): Key {
  if (value === null || value === undefined) return null;
  if (
    typeof value === 'string' ||
    typeof value === 'number' ||
    typeof value === 'bigint' ||
    typeof value === 'boolean'
  ) {
    return value;
  }
  throw new SmoothingError('KEY_KIND', `by must give a string, number, bigint, boolean or null, got ${shown(value)}`);
}

/** One key of several. */
export function joinedKey(values: readonly unknown[]): Key {
  return values.length === 1 ? keyOf(values[0]) : keysText(values.map(keyOf));
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
