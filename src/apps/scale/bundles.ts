import type { Key } from '../../types.js';
import { bundleKey, BundleWriter, bytesOf, readBundle, type ChangelogMessage } from './changelog.js';
import type { KeyedRows } from './keyedRows.js';

/** What a state keeps, by key. */
type Rows = Pick<KeyedRows<unknown>, 'size' | 'slot' | 'get' | 'keys' | 'put' | 'forget'>;

/** How large bundles and changelogs become. */
export interface BundleSizes {
  /** Bytes of a bundle at most, if it has more than one row: a message costs little for each of many. */
  readonly fullBytes: number;
  /** There may be as many outdated rows as there are keys, and so many more. */
  readonly spareRows: number;
}

const USUAL: BundleSizes = { fullBytes: 16_384, spareRows: 2048 };
/**
 * Rows of old bundles that a commit looks through at most, lest it take long: for each of its own, which makes one outdated;
 * and as many as are spare.
 */
const LOOKS = 4;

/** A bundle of the changelog. */
interface Bundle {
  /** Where the keys are that it has a row of. */
  readonly slots: Uint32Array;
  /** How many rows it has, those of keys that are gone among them. */
  readonly rows: number;
}

/**
 * The bundles of a changelog. Each commit adds those of the keys that have moved. As soon as too many rows are outdated, the
 * oldest bundles are written anew: the rows of them that still count go into the commit's bundles, which take the old
 * numbers, so that compaction removes what was there.
 *
 * All rests on one rule: what supersedes a bundle stands behind what supersedes every older one. So whatever part of the
 * log compaction has got to, no row is left without the newer word on its key; and that a key is gone need not be said again
 * when the bundle that said it is the oldest.
 */
export class Bundles {
  readonly #sizes: BundleSizes;
  /** By number, the oldest first. */
  readonly #bundles = new Map<number, Bundle>();
  /** By slot of a key: the number of the bundle that has its newest row, and the key. */
  #places = new Uint32Array(0);
  #keys: Key[] = [];
  /** Rows in all bundles. */
  #rows = 0;
  /** Numbers that have been in use, and are no more; all numbers up to this one have been. */
  readonly #free: number[] = [];
  #highest = 0;

  constructor(sizes: BundleSizes = USUAL) {
    this.#sizes = sizes;
  }

  /**
   * Takes a bundle of the changelog in, in place of the one that had its number; null: that one counts no more. Returns false
   * if a row does not fit what is kept.
   */
  take(number: number, bundle: Buffer | null, rows: Rows): boolean {
    // what still counted of it comes with this one or has come before, but for keys that are gone: compaction may remove what
    // says so while the changelog is being read
    for (const key of this.#keysIn(number, rows)) rows.forget(key);
    this.#remove(number);
    if (bundle === null) return true;
    const slots: number[] = [];
    let count = 0;
    let fits = true;
    readBundle(bundle, (key, row) => {
      count++;
      if (row === null) return rows.forget(key);
      const slot = rows.put(key, row);
      if (slot < 0) {
        fits = false;
        return;
      }
      this.#place(slot, key, number);
      slots.push(slot);
    });
    this.#add(number, slots, count);
    return fits;
  }

  /** A bundle of the changelog has rows of the keys in these slots, and of others that are gone. */
  #add(number: number, slots: readonly number[], rows: number): void {
    this.#bundles.set(number, { slots: Uint32Array.from(slots), rows });
    this.#rows += rows;
    this.#highest = Math.max(this.#highest, number);
  }

  /** A bundle of the changelog counts no more. */
  #remove(number: number): void {
    this.#rows -= this.#bundles.get(number)?.rows ?? 0;
    this.#bundles.delete(number);
  }

  /** The newest row of the key that has this slot is in that bundle. */
  #place(slot: number, key: Key, number: number): void {
    if (slot >= this.#places.length) {
      const places = new Uint32Array(Math.ceil(1.25 * slot) + 16);
      places.set(this.#places);
      this.#places = places;
    }
    this.#places[slot] = number;
    if (this.#keys[slot] !== key) this.#keys[slot] = key; // or each message's text would stay in memory
  }

  /** The keys whose newest row is in a bundle. */
  #keysIn(number: number, rows: Rows): Key[] {
    const keys: Key[] = [];
    for (const slot of this.#bundles.get(number)?.slots ?? []) {
      const key = this.#keys[slot]!;
      if (this.#places[slot] === number && rows.slot(key) === slot) keys.push(key);
    }
    return keys;
  }

  /** Keys have other slots. */
  replace(before: Rows, now: Rows): void {
    const places = this.#places;
    const slots = new Map<number, number>();
    this.#places = new Uint32Array(places.length);
    this.#keys = [];
    for (const key of before.keys()) {
      const [had, slot] = [before.slot(key)!, now.slot(key)!];
      slots.set(had, slot);
      this.#place(slot, key, places[had]!);
    }
    for (const [number, bundle] of this.#bundles) {
      const kept = [...bundle.slots].filter((slot) => slots.has(slot)).map((slot) => slots.get(slot)!);
      this.#bundles.set(number, { ...bundle, slots: Uint32Array.from(kept) });
    }
  }

  /** What the changelog gets: rows of keys that have moved, and those of the oldest bundles that are to be written anew. */
  *changes(moved: ReadonlySet<Key>, rows: Rows, next: number): Generator<ChangelogMessage> {
    const old = this.#outdated(moved, rows);
    // first those that are gone: whoever reads it never has more keys than there were
    const gone = [...moved].filter((key) => rows.slot(key) === undefined);
    const writer = new BundleWriter();
    let number = 0;
    let row: Float64Array | undefined;
    const slots: number[] = [];
    let count = 0;
    const finished = (): ChangelogMessage => {
      this.#add(number, slots, count);
      slots.length = count = 0;
      return { key: bundleKey(number), value: writer.finish(next) };
    };
    for (const keys of [gone, moved, old.keys]) {
      for (const key of keys) {
        const slot = rows.slot(key);
        if (slot === undefined && keys === moved) continue;
        row = rows.get(key, row);
        if (count > 0 && writer.bytes + bytesOf(key, row) > this.#sizes.fullBytes) yield finished();
        if (count === 0) number = old.numbers.shift() ?? this.#free.pop() ?? ++this.#highest; // the oldest one first
        if (slot !== undefined) {
          this.#place(slot, key, number);
          slots.push(slot);
        }
        writer.add(key, row);
        count++;
      }
    }
    if (count > 0) yield finished();
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
    for (const [number, bundle] of this.#bundles) {
      if (this.#rows + moved.size + keys.length <= 2 * rows.size + spareRows || looks <= 0) break;
      looks -= bundle.rows;
      for (const key of this.#keysIn(number, rows)) if (!moved.has(key)) keys.push(key);
      this.#remove(number);
      numbers.push(number);
    }
    return { numbers, keys };
  }
}
