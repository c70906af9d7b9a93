import { lerp } from '../recurrence/lerp.js';
import type { Rate } from '../recurrence/weight.js';
import { Elapsed } from './elapsed.js';
import { MISSING, NOT_YET, type Law, type Run } from './law.js';

export type Moment = 'mean' | 'sum' | 'var' | 'std';

/** What the pandas family needs to know. */
export interface MomentPlan {
  /** Per step; null under a decay per millisecond. */
  readonly rate: Rate | null;
  /** ln of what the past keeps over a millisecond. */
  readonly perMs: number | null;
  /** Weights decay from 1 (pandas `adjust=True`); else the newest weighs 1 − d. */
  readonly adjust: boolean;
  /** A missing value is no elapsed step. */
  readonly ignoreNa: boolean;
  readonly minPeriods: number;
  readonly carries: boolean;
  readonly propagates: boolean;
}

/**
 * n values; W, the sum of their weights; D = W² − Σw²; the mean in two terms, y + low; C, the weighted sum of squared
 * deviations (of sums, the sum itself). `waited`: ms that missing values have let pass.
 */
const SLOT = ['n', 'weight', 'd', 'y', 'low', 'c', 'waited', 'last'] as const;
/** Where time weighs, of the newest stamp: how many values, their mean, their weight, and what was before them. */
const NEWEST = ['group', 'mean', 'gain', 'hadWeight', 'hadD', 'hadY', 'hadLow', 'hadC'] as const;
const [N, W, D, Y, LOW, C, WAITED, LAST] = [0, 1, 2, 3, 4, 5, 6, 7];
const [GROUP, MEAN, GAIN, HAD] = [8, 9, 10, 11];

/** A weight that no longer counts, far above the smallest numbers. */
const NOTHING = 2 ** -400;

/** M1, M4a, M4b and M5: the exponentially weighted mean, sum, variance and standard deviation. */
export function momentLaw(moment: Moment, bias: boolean, plan: MomentPlan): Law {
  const { rate, perMs, adjust, ignoreNa, minPeriods, carries, propagates } = plan;
  const since = perMs === null ? null : new Elapsed(perMs);
  const least = Math.max(1, minPeriods);
  const grouped = since !== null && !adjust;
  const fields = grouped ? [...SLOT, ...NEWEST] : SLOT;
  const stride = fields.length;

  function scan(s: Float64Array, run: Run): number {
    const { rows, x, there, slots, fresh, elapsed, weights, out, gone } = run;
    let lacking = 0;
    for (let i = 0; i < rows; i++) {
      const at = slots === null ? 0 : slots[i]! * stride;
      if (fresh !== null && fresh[i] === 1) s.set(run.seed!, at);
      const value = x[i]!;
      const came = there === null ? propagates || value - value === 0 : there[i] === 1;
      if (elapsed !== null) s[at + WAITED]! += elapsed[i]!;
      if (came) {
        const w = weights === null ? 1 : weights[i]!;
        if (moment === 'sum') addUp(s, at, value * w);
        else observe(s, at, value, w);
      } else if (moment === 'sum' && since !== null) {
        pass(s, at); // a sum fades while nothing comes
      } else if (since === null && !ignoreNa) {
        fade(s, at, rate!.alpha, rate!.decay);
      }
      if (s[at + N]! >= least && (came ? !isPending(s, at) : moment === 'sum')) s[at + LAST] = reading(s, at);
      if (came ? s[at + N]! >= least && !isPending(s, at) : carries && !Number.isNaN(s[at + LAST]!)) {
        out[i] = s[at + LAST]!;
      } else {
        gone[i] = came ? NOT_YET : MISSING;
        lacking++;
      }
    }
    return lacking;
  }

  /** The past has weighed less since: by the share `lost`, to the share `kept`. */
  function fade(s: Float64Array, at: number, lost: number, kept: number): void {
    if (s[at + N] === 0) return;
    const weight = less(s[at + W]!, lost, kept);
    if (moment !== 'sum' && weight < NOTHING && (kept > 0 || since !== null)) {
      const share = NOTHING / s[at + W]!; // weighs nothing already, but a variance of two samples rests on it
      s[at + W] = NOTHING;
      s[at + D]! *= share * share;
      s[at + C]! *= share;
      return;
    }
    s[at + W] = weight;
    s[at + D] = less(s[at + D]!, lost * (2 - lost), kept * kept);
    s[at + C] = less(s[at + C]!, lost, kept);
  }

  /** A step has passed, or the time until now. */
  function pass(s: Float64Array, at: number): void {
    if (since === null) return fade(s, at, rate!.alpha, rate!.decay);
    since.set(s[at + WAITED]!);
    s[at + WAITED] = 0;
    fade(s, at, since.lost, since.kept);
  }

  function addUp(s: Float64Array, at: number, x: number): void {
    pass(s, at);
    s[at + C]! += x;
    s[at + N]!++;
  }

  function observe(s: Float64Array, at: number, x: number, w: number): void {
    const first = s[at + N] === 0;
    const same = grouped && !first && s[at + WAITED] === 0;
    if (!same) pass(s, at);
    s[at + N]!++;
    if (!grouped) return absorb(s, at, x, adjust || first ? w : rate!.alpha * w);
    if (same) {
      const n = ++s[at + GROUP]!;
      s.copyWithin(at + W, at + HAD, at + HAD + 5);
      s[at + MEAN] = lerp(s[at + MEAN]!, x, 1 / n);
    } else {
      s[at + GROUP] = 1;
      s[at + MEAN] = x;
      s[at + GAIN] = first ? 1 : since.lost;
      s.copyWithin(at + HAD, at + W, at + W + 5);
    }
    absorb(s, at, s[at + MEAN]!, s[at + GAIN]!);
  }

  /** One sample of weight a: m += (a/W')·d, C += a·(W/W')·d², D += 2·a·W. */
  function absorb(s: Float64Array, at: number, x: number, a: number): void {
    if (a === 0) return;
    const had = s[at + W]!;
    const weight = had + a;
    if (had === 0) {
      s[at + Y] = x;
      s[at + LOW] = 0;
    } else {
      const mean = s[at + Y]!;
      const d = x - mean - s[at + LOW]!;
      const step = (a / weight) * d;
      const next = mean + step;
      const back = next - mean;
      const low = s[at + LOW]! + (mean - (next - back)) + (step - back);
      const rounded = next + low;
      s[at + Y] = d - d === 0 ? rounded : lerp(mean, x, a / weight);
      s[at + LOW] = d - d === 0 ? low - (rounded - next) : 0;
      s[at + C]! += a * (had / weight) * (x - x === 0 && mean - mean === 0 ? d * d : NaN);
      s[at + D]! += 2 * a * had;
    }
    s[at + W] = weight;
    if (adjust || weight === 1) return;
    s[at + C]! /= weight;
    s[at + D]! /= weight * weight;
    s[at + W] = 1;
  }

  /** A variance needs two samples; one that is not biased, weights that are not all one's. */
  function isPending(s: Float64Array, at: number): boolean {
    if (moment === 'sum') return false;
    if (moment === 'mean' || bias) return s[at + W] === 0;
    return s[at + N]! < 2 || !(s[at + D]! > 0);
  }

  function reading(s: Float64Array, at: number): number {
    if (moment === 'mean') return s[at + Y]!;
    if (moment === 'sum') return s[at + C]!;
    const w = s[at + W]!;
    const variance = (s[at + C]! / w) * (bias ? 1 : (w * w) / s[at + D]!);
    return moment === 'var' ? variance : Math.sqrt(variance);
  }

  return {
    fields,
    last: LAST,
    fresh: Float64Array.from(fields, (name) => (name === 'last' || name === 'y' ? NaN : 0)),
    mayThrow: false,
    scan,
  };
}

/** v·kept, where kept = 1 − lost: by the one of the two that keeps its digits. */
function less(v: number, lost: number, kept: number): number {
  return lost < 0.5 && v - v === 0 ? v - lost * v : kept * v;
}
