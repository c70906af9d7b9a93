import type { BankPlan } from './bankOptions.js';
import { bankOf } from './kernels/bank.js';
import { isBatch, type ArrowBatch } from './values/arrowData.js';
import { bankSmoother } from './values/bankColumns.js';
import { otherKind, type Smoother } from './values/smoother.js';

/** What runs behind `emaBank`: a number in, its average at every horizon out; or a batch, with columns of these behind. */
export class BankEngine {
  readonly lends = false;
  readonly #plan: BankPlan;
  readonly #take: (x: number) => Float64Array;
  #numbers = false;
  #batches: Smoother<ArrowBatch> | null = null;

  constructor(plan: BankPlan) {
    this.#plan = plan;
    this.#take = bankOf(plan.rates);
  }

  /** @throws SmoothingError `VALUE_KIND`, and of batches the codes of `batchAppender`, with nothing changed */
  update(value: unknown): Float64Array | ArrowBatch {
    if (typeof value !== 'number' || this.#batches !== null) return this.#other(value);
    this.#numbers = true;
    return value - value === 0 ? this.#take(value) : this.#none();
  }

  #none(): Float64Array {
    return new Float64Array(this.#plan.rates.length).fill(NaN);
  }

  #other(value: unknown): Float64Array | ArrowBatch {
    if (value == null) return this.#none();
    if (this.#numbers) throw otherKind('be a number, as the first one was', value);
    if (this.#batches !== null) return this.#batches.update(value as ArrowBatch, 'corrected');
    if (!isBatch(value)) throw otherKind('be a number or a RecordBatch (of a Table, its batches)', value);
    const { plan, horizons, as } = this.#plan;
    const batches = bankSmoother(value, plan, horizons, as);
    const out = batches.update(value, 'corrected');
    this.#batches = batches;
    return out;
  }

  release(): void {}
}
