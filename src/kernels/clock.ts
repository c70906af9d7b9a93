import { lerp } from '../recurrence/lerp.js';
import { MISSING, NOT_YET, type Law, type Run } from './law.js';

/** What a value stands for between two stamps (maths: M4). */
export type Hold = 'sample' | 'next' | 'last' | 'linear';

/** What a decay per millisecond needs to know. */
export interface ClockPlan {
  /** ln of what the past keeps over a millisecond, < 0. */
  readonly perMs: number;
  readonly hold: Hold;
  readonly carries: boolean;
  /** Every number counts, also NaN and the infinities. */
  readonly propagates: boolean;
}

/**
 * `weight`: the sum of the weights, decayed; where time weighs, of the samples at the newest stamp. `group`: their mean,
 * or the newest value. `gain`: what the newest stamp moved y by. `waited`: ms that missing values have let pass.
 */
const SLOT = ['weight', 'step', 'y', 'waited', 'group', 'gain'] as const;
const [WEIGHT, STEP, Y, WAITED, GROUP, GAIN] = [0, 1, 2, 3, 4, 5];
const STRIDE = SLOT.length;

/** What elapsed time comes to; kept, since stamps are often evenly spaced. */
class Elapsed {
  readonly #perMs: number;
  #ms = -1;
  /** a = −ln u. */
  a = 0;
  /** What the past keeps, u = e^−a. */
  kept = 1;
  /** 1 − u. */
  lost = 0;

  constructor(perMs: number) {
    this.#perMs = perMs;
  }

  set(ms: number): void {
    if (ms === this.#ms) return;
    this.#ms = ms;
    this.a = -this.#perMs * ms;
    this.lost = -Math.expm1(-this.a);
    this.kept = this.a < 0.5 ? 1 - this.lost : Math.exp(-this.a);
  }

  /** 1 − (1 − u)/a: the share of the newest value in a straight line's mean; by its series where the form cancels. */
  get rising(): number {
    const { a } = this;
    if (a > 0.5) return 1 - this.lost / a;
    let sum = 0;
    for (let k = 14; k >= 1; k--) sum = (a / (k + 1)) * (1 - sum);
    return sum;
  }
}

/** The average over time: each step decays by what has elapsed since the key's newest stamp. */
export function clockLaw({ perMs, hold, carries, propagates }: ClockPlan): Law {
  const since = new Elapsed(perMs);
  const take = { sample, next, last, linear }[hold];

  function scan(s: Float64Array, run: Run): number {
    const { rows, x, there, slots, fresh, elapsed, weights, out, gone } = run;
    let lacking = 0;
    for (let i = 0; i < rows; i++) {
      const at = slots === null ? 0 : slots[i]! * STRIDE;
      if (fresh !== null && fresh[i] === 1) s.set(run.seed!, at);
      const ms = s[at + WAITED]! + elapsed![i]!;
      if (there === null ? propagates || x[i]! - x[i]! === 0 : there[i] === 1) {
        since.set(ms);
        take(s, at, x, i, weights);
        s[at + WAITED] = 0;
        s[at + STEP]!++;
        if (s[at + WEIGHT] !== 0) {
          out[i] = s[at + Y]!;
        } else {
          gone[i] = NOT_YET;
          lacking++;
        }
      } else {
        s[at + WAITED] = ms;
        if (carries && s[at + WEIGHT] !== 0) {
          out[i] = s[at + Y]!;
        } else {
          gone[i] = MISSING;
          lacking++;
        }
      }
    }
    return lacking;
  }

  /** W ← u·W + w; y ← y + (w/W)·(x − y): every sample weighs the same (pandas `times`). */
  function sample(s: Float64Array, at: number, x: Float64Array, i: number, weights: Float64Array | null): void {
    const w = weights === null ? 1 : weights[i]!;
    const had = s[at + WEIGHT]!;
    const weight = (since.a < 0.5 ? had - since.lost * had : since.kept * had) + w;
    s[at + WEIGHT] = weight;
    if (w !== 0) s[at + Y] = lerp(s[at + Y]!, x[i]!, w / weight);
  }

  /** y ← u·y + (1 − u)·x: a value holds since the stamp before (polars `_by`). Values at one stamp count as their mean. */
  function next(s: Float64Array, at: number, x: Float64Array, i: number): void {
    const first = s[at + WEIGHT] === 0;
    if (!first && since.a === 0) {
      const n = ++s[at + WEIGHT]!;
      const mean = lerp(s[at + GROUP]!, x[i]!, 1 / n);
      s[at + Y]! += s[at + GAIN]! * (mean - s[at + GROUP]!);
      s[at + GROUP] = mean;
      return;
    }
    const gain = first ? 1 : since.lost;
    s[at + Y] = lerp(s[at + Y]!, x[i]!, gain);
    s[at + WEIGHT] = 1;
    s[at + GROUP] = x[i]!;
    s[at + GAIN] = gain;
  }

  /** y ← u·y + (1 − u)·x₋₁: a value holds until the next stamp. */
  function last(s: Float64Array, at: number, x: Float64Array, i: number): void {
    s[at + Y] = s[at + WEIGHT] === 0 ? x[i]! : lerp(s[at + Y]!, s[at + GROUP]!, since.lost);
    s[at + WEIGHT] = 1;
    s[at + GROUP] = x[i]!;
  }

  /** y ← u·y + (v − u)·x₋₁ + (1 − v)·x, v = (1 − u)/a: a straight line from value to value. */
  function linear(s: Float64Array, at: number, x: Float64Array, i: number): void {
    if (s[at + WEIGHT] === 0) {
      s[at + Y] = x[i]!;
    } else {
      const rising = since.rising;
      // the mean of the line between the two stamps, then as if it had held
      if (since.lost > 0) {
        const mean = lerp(s[at + GROUP]!, x[i]!, rising / since.lost);
        s[at + Y] = lerp(s[at + Y]!, mean, since.lost);
      }
    }
    s[at + WEIGHT] = 1;
    s[at + GROUP] = x[i]!;
  }

  return {
    fields: SLOT,
    last: Y,
    fresh: [0, 0, NaN, 0, 0, 0],
    scan,
    later(s, at, ms) {
      if (hold !== 'last' || s[at + WEIGHT] === 0) return s[at + Y]!; // elsewhere a pause moves no mean
      since.set(s[at + WAITED]! + ms);
      return lerp(s[at + Y]!, s[at + GROUP]!, since.lost);
    },
  };
}
