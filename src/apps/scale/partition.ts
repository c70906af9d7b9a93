import { SmoothingError } from '../../errors.js';
import type { ResumableEngine } from '../../resumableEngine.js';
import { fromBytes, toBytes } from '../../state/snapshotBytes.js';
import { keysText } from '../../state/stateOf.js';
import type { Key, Smoothed, Snapshot } from '../../types.js';
import { KeyedRows } from './keyedRows.js';
import type { Position } from './port.js';
import { Bundles, type BundleSizes } from './bundles.js';
import { bundleNumber, HEAD_KEY, keyOf, nextOffset, readable, type ChangelogMessage } from './changelog.js';

/** Makes the engine of a partition, whose keys and stamps are those of the message that is under way. */
export type EngineMaker<T> = (current: Current, from?: Snapshot) => ResumableEngine<T>;

/** The message that is under way: its key, and its timestamp in ms. */
export interface Current {
  key: Key;
  stamp: number;
}

const NO_TIMESTAMP = -1;

/** What a worker keeps of one partition: the averages of its keys, and which of them the changelog does not have yet. */
export class Partition<T> {
  /** The next offset of the input. */
  next = 0;
  /** Offsets before it that were gone before they were read, since the last commit. */
  trimmed = 0;
  readonly #make: EngineMaker<T>;
  readonly #readout: 'raw' | 'corrected';
  readonly #current: Current = { key: null, stamp: NaN };
  #engine: ResumableEngine<T>;
  #rows: KeyedRows<T>;
  /** Keys that have moved since the last commit. */
  readonly #changed = new Set<Key>();
  /** Columns that the changelog knows of; null if it has no head yet. */
  #columns: number | null = null;
  readonly #bundles: Bundles;
  /** Bundles that came before the head they need. */
  #early: { readonly number: number; readonly bundle: Buffer | null }[] = [];
  /** The furthest position that rows were written at. */
  #newest = 0;
  /** What was kept of the key of the latest message before it came. */
  #before: Float64Array | undefined;

  constructor(make: EngineMaker<T>, readout: 'raw' | 'corrected', sizes?: BundleSizes) {
    this.#bundles = new Bundles(sizes);
    this.#make = make;
    this.#readout = readout;
    this.#engine = this.#engineOf();
    this.#rows = new KeyedRows(this.#engine);
  }

  get keys(): number {
    return this.#rows.size;
  }

  #engineOf(from?: Snapshot): ResumableEngine<T> {
    const engine = this.#make(this.#current, from);
    engine.forgotten = (key) => this.#changed.add(key);
    return engine;
  }

  /** Takes a message in. What throws has changed nothing. */
  take(key: Buffer | null, timestamp: number, value: T): Smoothed<T> {
    const own = keyOf(key);
    this.#current.key = own;
    this.#current.stamp = timestamp === NO_TIMESTAMP ? NaN : timestamp;
    this.#before = this.#rows.get(own, this.#before);
    const out = this.#engine.update(value, this.#readout);
    this.#changed.add(own);
    return out;
  }

  /**
   * As if the latest message had not come, as what came of it can't be written. Its columns remain known, and keys that were
   * idle by its stamp remain forgotten.
   */
  undo(): void {
    const { key } = this.#current;
    if (this.#before === undefined) this.#rows.forget(key);
    else this.#rows.put(key, this.#before);
  }

  /** What the changelog has not got. */
  *changes(): Generator<ChangelogMessage> {
    if (this.#rows.columns === null) return; // nothing but refused messages, and missing values
    if (this.#rows.columns !== this.#columns) {
      this.#columns = this.#rows.columns;
      yield { key: HEAD_KEY, value: Buffer.from(toBytes(this.#rows.head()!).buffer) };
    }
    yield* this.#bundles.changes(this.#changed, this.#rows, this.next);
  }

  /** The changelog has got it. */
  committed(): void {
    this.#changed.clear();
    this.trimmed = 0;
  }

  /** Takes a message of the changelog in; in their order. */
  restore(key: Buffer, value: Buffer | null): void {
    if (key.equals(HEAD_KEY)) {
      if (value !== null) this.#behead(fromBytes(value));
      return;
    }
    const number = bundleNumber(key);
    if (value !== null) this.#newest = Math.max(this.#newest, nextOffset(value));
    if (this.#columns === null || this.#early.length > 0) this.#early.push({ number, bundle: value });
    else this.#unpack(number, value);
  }

  /** All rows are in: messages come from the committed position on, if the rows are of before it. */
  start({ committed, oldest, end }: Position): void {
    if (this.#early.length > 0) throw misfit('rows that do not fit the head that says what they are');
    if (this.#newest > (committed ?? 0)) {
      throw misfit(
        `rows of offset ${this.#newest}, but the group's position at ${committed ?? 'none'}: what lies between would count ` +
          'twice. With another group or another changelog it starts anew',
      );
    }
    if (committed !== null && committed > end) {
      throw new SmoothingError(
        'SNAPSHOT_CORRUPT',
        `the group's position must be one of the input, got ${committed}, and the input ends at ${end}: it has been made ` +
          'anew, or has lost messages. With another group or another changelog it starts anew',
      );
    }
    this.next = Math.max(committed ?? 0, oldest);
    this.trimmed = this.next - (committed ?? this.next);
  }

  /** Columns have come to be: what was there goes into an engine that has them. */
  #behead(head: Snapshot): void {
    const had = this.#rows;
    this.#engine = this.#engineOf(head);
    this.#rows = new KeyedRows(this.#engine);
    this.#columns = this.#rows.columns;
    for (const key of had.keys()) this.#rows.put(key, had.get(key)!);
    this.#bundles.replace(had, this.#rows);
    const early = this.#early;
    this.#early = [];
    for (const { number, bundle } of early) {
      if (this.#early.length > 0) this.#early.push({ number, bundle });
      else this.#unpack(number, bundle);
    }
  }

  #unpack(number: number, bundle: Buffer | null): void {
    if (this.#bundles.take(number, bundle, this.#rows)) return;
    // a row is longer than the head of before compaction knew: the newer one is still to come, and then all is taken in again
    this.#early.push({ number, bundle });
  }

  /** What is kept, under keys as text. */
  snapshot(): Snapshot {
    const snapshot = this.#engine.snapshot();
    const keys = this.#rows.keys().map((key) => (key === null ? null : readable(key as string)));
    if (!('keys' in snapshot.shadows)) return snapshot;
    return { ...snapshot, shadows: { ...snapshot.shadows, keys: new TextEncoder().encode(keysText(keys)) } };
  }
}

const misfit = (what: string): SmoothingError =>
  new SmoothingError('SNAPSHOT_CORRUPT', `the changelog must be whole, got ${what}`);
