import { SmoothingError } from './errors.js';
import { neverBack, type Plan } from './options.js';
import type { Smoothed } from './types.js';
import { batches } from './values/batch.js';
import { numbers } from './values/number.js';
import { records } from './values/record.js';
import { missingValue, otherKind, type Carrier, type Readout, type Smoother } from './values/smoother.js';
import { tensors } from './values/tensor.js';
import { vectors } from './values/vector.js';

/** The first that accepts a stream's first value is its carrier. Records last: the others are objects too. */
const CARRIERS: readonly Carrier[] = [numbers, vectors, tensors, batches, records] as readonly Carrier[];

/** What runs behind `emaScan`, and, with snapshots, is `Ema`. */
export class EmaEngine<T> {
  protected readonly plan: Plan;
  protected smoother: Smoother<T> | null = null;
  protected kind = 'none';
  protected deliveries = 0;
  #lease: object | null = null;
  #disposed = false;

  readonly #carriers: readonly Carrier[];

  constructor(plan: Plan, carriers: readonly Carrier[] = CARRIERS) {
    this.#carriers = carriers;
    this.plan = plan.steady ? { ...plan, now: neverBack(plan.now) } : plan;
  }

  /**
   * Takes one value in and returns it smoothed.
   *
   * @param value - of the kind of the first one; null and undefined are missing values
   * @param readout - `'corrected'` divides out the zero start, `'raw'` is the definition; the same under a `start` at a value
   * and under a decay per millisecond. @default 'corrected'
   * @returns a value of the same kind, by `emit` a copy or lent until the next update
   * @throws SmoothingError with nothing changed: `VALUE_KIND`, `SHAPE_MISMATCH`, `DTYPE_MISMATCH`, `SCHEMA_CHANGED`,
   * `COLUMN_TYPE`, `COLUMN_MISSING`, `COLUMN_COLLISION`, `TIME_MISSING`, `TIME_LATE`, `KEY_KIND`, `TOO_MANY_KEYS`,
   * `WEIGHT_RANGE`, `TENSOR_DISPOSED`, `TFJS_ENGINE`, `SCHEDULE_RANGE`, `MISSING_VALUE`, `DISPOSED`
   */
  update(value: T, readout: Readout = 'corrected'): Smoothed<T> {
    const smoother = this.smoother;
    const out = smoother === null || value == null ? this.#unusual(value, readout) : smoother.update(value, readout);
    this.deliveries++;
    return out;
  }

  #unusual(value: T, readout: Readout): Smoothed<T> {
    this.assertLive();
    if (value == null) return this.#missing(value as null | undefined, readout) as Smoothed<T>;
    const carrier = this.#carriers.find((one) => one.accepts(value));
    if (carrier === undefined) {
      throw otherKind(
        'be a number, a record, a typed array, a tensor or a RecordBatch (of a Table, its batches)',
        value,
      );
    }
    const smoother = carrier.begin(value, this.plan) as Smoother<T>;
    try {
      // gaps before the first value: only an average that starts at a given value ages over them
      for (let gap = 0; this.plan.ages && gap < this.deliveries; gap++) smoother.age();
      const out = smoother.update(value, readout);
      this.smoother = smoother;
      this.kind = carrier.kind;
      return out;
    } catch (error) {
      smoother.dispose?.(false);
      throw error;
    }
  }

  protected assertLive(): void {
    if (this.#disposed) throw new SmoothingError('DISPOSED', 'the state must be live, got a disposed one');
  }

  #missing(value: null | undefined, readout: Readout): Smoothed<T> | null | undefined {
    const { plan, smoother } = this;
    if (plan.missing === 'throw') throw missingValue('the value', value);
    if (smoother?.miss !== undefined) return smoother.miss(value, readout);
    if (plan.ages) smoother?.age();
    return (plan.missing === 'carry' ? smoother?.again() : undefined) ?? value;
  }

  /** Releases the tensors it holds, the last one emitted too if that was lent. Not to be used again. */
  dispose(): void {
    this.end(true);
  }

  /** @internal True if what was emitted is lent until the next delivery has returned. */
  get lends(): boolean {
    return this.smoother?.lends ?? false;
  }

  /** @internal Releases what was lent before the latest emission. */
  release(): void {
    this.smoother?.release?.();
  }

  /** @internal One live subscription at a time, until it calls what this returns (once or more). */
  acquire(): () => void {
    const lease = {};
    if (this.#lease !== null) {
      throw new SmoothingError('STATE_IN_USE', 'the state must have one subscription, got a second');
    }
    this.#lease = lease;
    return () => {
      if (this.#lease === lease) this.#lease = null;
    };
  }

  /** @internal Ends a subscription's own engine: what was emitted last stays the receiver's, unless it ended in error. */
  end(failed: boolean): void {
    this.smoother?.dispose?.(!failed);
    this.smoother = null;
    this.#disposed = true;
  }
}
