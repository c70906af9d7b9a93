import { momentLaw } from '../../../kernels/moments.js';
import { grown, type Law, type Run } from '../../../kernels/law.js';
import { stepLaw } from '../../../kernels/steps.js';
import type { FloatVector } from '../../../kernels/vectors.js';
import type { Smoothing } from './contract.js';

/** A curve smoothed at every one of its points; NaN where its value is not finite. */
export interface Smooth {
  readonly mean: FloatVector;
  /** Standard deviations; null if not asked for. */
  readonly std: FloatVector | null;
}

/** Smooths curves one after the other in the same memory. */
export class Smoother {
  #mean: FloatVector = new Float64Array(0);
  #std: FloatVector = new Float64Array(0);
  #gone = new Uint8Array(0);

  /**
   * The library's own recurrence over all values; what is not finite is no step.
   *
   * @returns good until the next call
   */
  smooth(values: FloatVector, { decay, corrected, band }: Smoothing): Smooth {
    const rows = values.length;
    this.#mean = room(this.#mean, values);
    if (band) this.#std = room(this.#std, values);
    if (this.#gone.length < rows) this.#gone = new Uint8Array(Math.ceil(rows * 1.5));
    const mean = this.#mean.subarray(0, rows);
    const std = band ? this.#std.subarray(0, rows) : null;
    if (std !== null) this.#scan(bandLaw(decay), { ...runOf(values), out: mean, spread: std, gone: this.#gone }, false);
    if (std === null || !corrected) {
      this.#scan(meanLaw(decay), { ...runOf(values), out: mean, gone: this.#gone }, !corrected);
    }
    return { mean, std };
  }

  #scan(law: Law, run: Run, raw: boolean): void {
    this.#gone.fill(0, 0, run.rows);
    const lacking = law.scan(grown(law, 1), run, raw);
    if (lacking > 0) blank(run.out, this.#gone, run.rows);
    if (run.spread == null) return;
    if (lacking > 0) blank(run.spread, this.#gone, run.rows);
    for (let i = 0; i < run.rows && !(run.spread[i]! >= 0); i++) run.spread[i] = NaN; // −1: not yet
  }
}

function blank(numbers: FloatVector, where: Uint8Array, rows: number): void {
  for (let i = 0; i < rows; i++) if (where[i] !== 0) numbers[i] = NaN;
}

function meanLaw(decay: number): Law {
  const rate = { decay, alpha: 1 - decay };
  const start = { seeded: false, sma: 0 };
  return stepLaw({ ...start, constant: rate, rateAt: () => rate, ages: false, carries: false, propagates: false });
}

function bandLaw(decay: number): Law {
  const rate = { decay, alpha: 1 - decay };
  const plan = { rate, perMs: null, adjust: true, ignoreNa: true, minPeriods: 0, carries: false, propagates: false };
  return momentLaw('bands', false, plan);
}

function runOf(x: FloatVector): Omit<Run, 'out' | 'gone'> {
  const none = {
    valid: null,
    there: null,
    slots: null,
    fresh: null,
    seed: null,
    elapsed: null,
    weights: null,
    left: null,
  };
  return { rows: x.length, x, bit: 0, ...none };
}

/** Memory of the kind of `like`, for as many. */
function room(has: FloatVector, like: FloatVector): FloatVector {
  const kind = like instanceof Float32Array ? Float32Array : Float64Array;
  return has instanceof kind && has.length >= like.length ? has : new kind(Math.ceil(like.length * 1.5));
}
