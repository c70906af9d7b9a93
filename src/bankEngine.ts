import { bankOf } from './kernels/bank.js';
import type { Rate } from './recurrence/weight.js';
import { otherKind } from './values/smoother.js';

/** What runs behind `emaBank`: a number in, its average at every horizon out. */
export class BankEngine {
  readonly lends = false;
  readonly #take: (x: number) => Float64Array;
  readonly #horizons: number;

  constructor(rates: readonly Rate[]) {
    this.#take = bankOf(rates);
    this.#horizons = rates.length;
  }

  /** @throws SmoothingError `VALUE_KIND`, with nothing changed */
  update(value: number | null | undefined): Float64Array {
    if (typeof value === 'number' && value - value === 0) return this.#take(value);
    if (value != null && typeof value !== 'number') throw otherKind('be a number', value);
    return new Float64Array(this.#horizons).fill(NaN);
  }

  release(): void {}
}
