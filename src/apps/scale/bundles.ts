import type { Key } from '../../types.js';
import { bundleKey, BundleWriter, type Row } from './changelog.js';
import type { KeyedRows } from './keyedRows.js';

/** What a state keeps, by key. */
type Rows = Pick<KeyedRows<unknown>, 'size' | 'slot' | 'get' | 'keys'>;

/** How large bundles and changelogs become. */
export interface BundleSizes {
  /** Bytes from which on a bundle is full: a message costs little for each of its rows then. */
  readonly fullBytes: number;
  /** There may be as many outdated rows as there are keys, and so many more. */
  readonly spareRows: number;
}

const USUAL: BundleSizes = { fullBytes: 16_384, spareRows: 2048 };
/** Rows of old bundles that a commit looks through for each of its own, which makes one outdated, lest it take long. */
const LOOKS = 4;

/**
 * The bundles of a changelog: a log that ends where it begins. Each commit adds those of the keys that have moved. The
 * oldest ones are written anew as soon as too many of their rows are outdated: the rows that still count go into the commit's
 * bundles, which take the old numbers, so that compaction removes what was there. As it is always the oldest one, that a key is
 * gone need not be said again: nothing older is left that could say otherwise.
 */
export class Bundles {
  readonly #sizes: BundleSizes;
  /** The keys in each bundle, by its number, the oldest first. */
  readonly #keys = new Map<number, readonly Key[]>();
  /** By slot of a key: the number of the bundle that has its newest row. */
  #places = new Uint32Array(0);
  /** Rows in all of them. */
  #rows = 0;
  /** Numbers that have been in use, and are no more; all numbers up to this one have been. */
  readonly #free: number[] = [];
  #highest = 0;

  constructor(sizes: BundleSizes = USUAL) {
    this.#sizes = sizes;
  }

  /** A bundle of the changelog has these keys. */
  add(number: number, keys: readonly Key[]): void {
    this.remove(number);
    this.#keys.set(number, keys.slice()); // in no more memory than that
    this.#rows += keys.length;
    this.#highest = Math.max(this.#highest, number);
  }

  /** A bundle of the changelog counts no more. */
  remove(number: number): void {
    this.#rows -= this.#keys.get(number)?.length ?? 0;
    this.#keys.delete(number);
  }

  /** The newest row of the key that has this slot is in that bundle. */
  place(slot: number, number: number): void {
    if (slot >= this.#places.length) {
      const places = new Uint32Array(Math.ceil(1.25 * slot) + 16);
      places.set(this.#places);
      this.#places = places;
    }
    this.#places[slot] = number;
  }

  /** Keys have other slots. */
  replace(before: Rows, now: Rows): void {
    const had = this.#places;
    this.#places = new Uint32Array(had.length);
    for (const key of before.keys()) this.place(now.slot(key)!, had[before.slot(key)!]!);
  }

  /** What the changelog gets: rows of keys that have moved, and those of the oldest bundles that are to be written anew. */
  *changes(moved: ReadonlySet<Key>, rows: Rows, next: number): Generator<Row> {
    const old = this.#outdated(moved, rows);
    const writer = new BundleWriter();
    let number = 0;
    let row: Float64Array | undefined;
    const keys: Key[] = [];
    const finished = (): Row => {
      this.add(number, keys);
      keys.length = 0;
      return { key: bundleKey(number), value: writer.finish(next) };
    };
    for (const some of [moved, old.keys]) {
      for (const key of some) {
        // the oldest number first, as compaction, which gets to one log segment after the other, must not leave what is older
        if (keys.length === 0) number = old.numbers.shift() ?? this.#free.pop() ?? ++this.#highest;
        const slot = rows.slot(key);
        if (slot !== undefined) this.place(slot, number);
        row = rows.get(key, row);
        writer.add(key, row);
        keys.push(key);
        if (writer.bytes >= this.#sizes.fullBytes) yield finished();
      }
    }
    if (keys.length > 0) yield finished();
    for (const left of old.numbers) {
      this.#free.push(left);
      yield { key: bundleKey(left), value: null };
    }
  }

  /** The oldest bundles, as long as there are too many rows: they are no more, and what still counts of them is this. */
  #outdated(moved: ReadonlySet<Key>, rows: Rows): { numbers: number[]; keys: Key[] } {
    const [numbers, keys]: [number[], Key[]] = [[], []];
    const { spareRows } = this.#sizes;
    let looks = LOOKS * moved.size + spareRows;
    for (const [number, all] of this.#keys) {
      if (this.#rows + moved.size + keys.length <= 2 * rows.size + spareRows || looks <= 0) break;
      looks -= all.length;
      for (const key of all) {
        const slot = rows.slot(key);
        if (slot !== undefined && this.#places[slot] === number && !moved.has(key)) keys.push(key);
      }
      this.remove(number);
      numbers.push(number);
    }
    return { numbers, keys };
  }
}
