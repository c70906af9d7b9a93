import { SmoothingError } from './errors.js';
import { resolveEma, type EmaOptions, type Plan } from './options.js';
import { loadSnapshot, snapshotOf } from './state/snapshot.js';
import type { Smoothed, Snapshot } from './types.js';
import { isTable } from './values/arrowData.js';
import { batches } from './values/batch.js';
import { numbers } from './values/number.js';
import { records } from './values/record.js';
import { corrupt, missingValue, otherKind, type Carrier, type Readout, type Smoother } from './values/smoother.js';
import { tensors } from './values/tensor.js';
import { vectors } from './values/vector.js';

/** The first that accepts a stream's first value is its carrier. Records last: the others are objects too. */
const CARRIERS: readonly Carrier[] = [numbers, vectors, tensors, batches, records] as readonly Carrier[];

/**
 * The exponential moving average without a stream: one value in, one value out. The same engine that `emaScan` runs.
 *
 * State is the corrected average y and the weight W it rests on; a value x arrives with decay d:
 * `W ← d·W + (1 − d); y ← y + ((1 − d)/W)·(x − y)`. Corrected is y, raw is W·y, which is the definition's
 * v_t = d·v_{t−1} + (1 − d)·x_t with v_0 = 0.
 *
 * Takes numbers, records of numbers, typed arrays, tfjs tensors or Arrow record batches: the first value decides, and a
 * later one of another kind is an error that leaves the state as it was.
 *
 * @typeParam T - kind of value
 * @example
 * ```ts
 * import { Ema } from 'rx-ema';
 * const ema = new Ema({ alpha: 0.5 });
 * for (const x of [1, 5, 4, 2]) ema.update(x);
 * console.log(ema.get()?.toFixed(6));
 * // => 2.866667
 * console.log(JSON.stringify(new Ema<{ loss: number }>({ decay: 0.9 }).update({ loss: 2 })));
 * // => {"loss":2}
 * ```
 * @see Kingma and Ba 2015, section 3, for the correction; `emaScan` for streams
 */
export class Ema<T = number> {
  readonly #plan: Plan;
  #smoother: Smoother<T> | null = null;
  #kind: string | null = null;
  #seen = 0;
  #inUse = false;
  #disposed = false;

  /**
   * @param options - how fast to forget (exactly one of `decay`, `alpha`, `span`, `com`, `halfLife`, `tau`) and the rest
   * @param from - a snapshot made under the same options: goes on from there, bit for bit
   * @throws SmoothingError `DECAY_CHOICE`, `DECAY_RANGE`, `OPTION_UNKNOWN`, `OPTION_VALUE` for the options;
   * `SNAPSHOT_VERSION`, `SNAPSHOT_OPTIONS`, `SNAPSHOT_CORRUPT` for the snapshot
   */
  constructor(options: EmaOptions<T>, from?: Snapshot) {
    this.#plan = resolveEma(options);
    if (from !== undefined) this.#resume(from);
  }

  /** Steps taken: values that were not missing (and, with `ages`, gaps). The most of any column or element. */
  get step(): number {
    return this.#smoother?.step ?? 0;
  }

  /** Deliveries, missing ones too: what to `skip` of a source that replays. */
  get seen(): number {
    return this.#seen;
  }

  /**
   * Takes one value in and returns it smoothed.
   *
   * @param value - of the kind of the first one; null and undefined are missing values
   * @param readout - `'corrected'` divides out the zero start, `'raw'` is the definition. @default 'corrected'
   * @returns a value of the same kind, by `emit` a copy or lent until the next update
   * @throws SmoothingError with nothing changed: `VALUE_KIND`, `SHAPE_MISMATCH`, `DTYPE_MISMATCH`, `SCHEMA_CHANGED`,
   * `COLUMN_TYPE`, `COLUMN_MISSING`, `COLUMN_COLLISION`, `TENSOR_DISPOSED`, `TFJS_ENGINE`, `SCHEDULE_RANGE`,
   * `MISSING_VALUE`, `DISPOSED`
   */
  update(value: T, readout: Readout = 'corrected'): Smoothed<T> {
    const smoother = this.#smoother;
    const out =
      smoother === null || value === null || value === undefined
        ? this.#unusual(value, readout)
        : smoother.update(value, readout);
    this.#seen++;
    return out;
  }

  #unusual(value: T, readout: Readout): Smoothed<T> {
    if (this.#disposed) throw new SmoothingError('DISPOSED', 'the Ema must be in use, got one that was disposed');
    if (value === null || value === undefined) return this.#missing(value as null | undefined) as Smoothed<T>;
    const carrier = CARRIERS.find((one) => one.accepts(value));
    if (carrier === undefined) {
      const what = 'be a number, a record, a typed array, a tensor or an Arrow RecordBatch';
      throw otherKind(isTable(value) ? `${what} (of a Table, pass its batches)` : what, value);
    }
    const smoother = carrier.begin(value, this.#plan) as Smoother<T>;
    try {
      const out = smoother.update(value, readout);
      this.#smoother = smoother;
      this.#kind = carrier.kind;
      return out;
    } catch (error) {
      smoother.dispose(false);
      throw error;
    }
  }

  #missing(value: null | undefined): Smoothed<T> | null | undefined {
    if (this.#plan.missing === 'throw') throw missingValue('the value', value);
    const carried = this.#plan.missing === 'carry' ? this.#smoother?.again() : undefined;
    if (this.#plan.ages) this.#smoother?.age();
    return carried ?? value;
  }

  /** What the last update that was not missing returned; undefined before the first. */
  get(): Smoothed<T> | undefined {
    return this.#smoother?.last;
  }

  /** The state as plain data of its own; `new Ema(options, snapshot)` goes on from it. */
  snapshot(): Snapshot {
    const saved = this.#smoother?.save() ?? { scalars: {}, shadows: {} };
    return snapshotOf(this.#plan.text, { kind: this.#kind ?? 'none', seen: this.#seen }, saved);
  }

  #resume(from: Snapshot): void {
    const saved = loadSnapshot(from, this.#plan.text);
    const { kind, seen } = saved.scalars;
    if (kind !== 'none') {
      const carrier = CARRIERS.find((one) => one.kind === kind);
      if (carrier === undefined) throw corrupt(`a state of kind ${String(kind)}`);
      this.#smoother = carrier.resume(saved, this.#plan) as Smoother<T>;
      this.#kind = carrier.kind;
    }
    this.#seen = Number(seen);
  }

  /** Forgets everything: the next value is the first again, of any kind. */
  reset(): void {
    this.#smoother?.dispose(false);
    this.#smoother = null;
    this.#kind = null;
    this.#seen = 0;
  }

  /** Releases the tensors it holds, the last one emitted too if that was lent. Not to be used again. */
  dispose(): void {
    this.#smoother?.dispose(false);
    this.#smoother = null;
    this.#disposed = true;
  }

  /** @internal True if what was emitted is lent until the next delivery has returned. */
  get lends(): boolean {
    return this.#smoother?.lends ?? false;
  }

  /** @internal Releases what was lent before the latest emission. */
  release(): void {
    this.#smoother?.release();
  }

  /** @internal One live subscription at a time. */
  acquire(): void {
    if (this.#inUse) {
      throw new SmoothingError('STATE_IN_USE', 'an Ema must have one live subscription at a time, got a second one');
    }
    this.#inUse = true;
  }

  /** @internal */
  yield(): void {
    this.#inUse = false;
  }

  /** @internal Ends a subscription's own engine: what was emitted last stays the receiver's, unless it ended in error. */
  end(failed: boolean): void {
    this.#smoother?.dispose(!failed);
    this.#smoother = null;
    this.#disposed = true;
  }
}
