import { lerp } from '../recurrence/lerp.js';
import { lnDecay, STEP, W, type Rate } from '../recurrence/weight.js';
import { LAST, Y } from './steps.js';

type Readout = 'raw' | 'corrected';

const REST = 1;

/** What merging slots of a decay per step needs to know. */
export interface StepMerge {
  readonly rate: Rate;
  readonly ages: boolean;
  /** Samples have weights of their own: W is no share of 1. */
  readonly weighted: boolean;
}

/**
 * Left ← left and right. `apart`: rows of the right one, or ms from the left one's newest stamp to its own. `readout`: what
 * came out last of a decay per step; without it, what the slots show.
 */
export type SlotMerge = (left: Float64Array, right: Float64Array, apart: number, readout?: Readout) => void;

/**
 * M9 for slots of `stepLaw` that start at zero: what one run over both halves would have. The n rows of the right one age
 * the left one by A = d^n: W ← A·W + W_R; y ← y + (W_R/W)·(y_R − y).
 */
export function stepMerger({ rate, ages, weighted }: StepMerge): SlotMerge {
  return (left, right, rows, readout) => {
    if (left[STEP] === 0) return left.set(right); // nothing there to age
    const steps = ages ? rows : right[STEP]!;
    const raw = readout === undefined ? (isRaw(right) ?? isRaw(left) ?? false) : readout === 'raw';
    const kept = ages || weighted ? keptOver(steps, rate) : right[REST]!; // the product of the decays is there
    const before = kept * left[W]!;
    const after = right[W]!;
    const sum = before + after;
    if (!weighted) {
      const lost = ages ? Math.max(0, right[REST]! - kept) : 0; // by gaps of the right one
      left[REST] = lost + kept * left[REST]!;
    }
    left[STEP]! += left[W] === 0 ? right[STEP]! : steps;
    left[W] = sum > 0.5 && !weighted ? 1 - left[REST]! : sum;
    if (after === 0 && Number.isNaN(right[Y])) {
      if (raw && right[STEP]! > 0) left[LAST] = left[W] * left[Y]!; // samples that weigh nothing
      return;
    }
    left[Y] = before === 0 ? right[Y]! : lerp(left[Y]!, right[Y]!, after / sum);
    left[LAST] = before === 0 ? right[LAST]! : raw ? rawLast(left, right) : left[Y];
  };
}

/** A = d^steps. */
export function keptOver(steps: number, rate: Rate): number {
  return steps === 0 ? 1 : Math.exp(steps * lnDecay(rate));
}

/** Which readout came out last: W·y at that time, or y. Null where that is the same. */
function isRaw(s: Float64Array): boolean | null {
  if (Number.isNaN(s[LAST])) return null;
  if (s[LAST] !== s[Y]) return true;
  return s[Y] === 0 || s[W] === 1 ? null : false;
}

/** W·y as it was at the newest value of the right one: what has faded since has done so on both sides. */
function rawLast(merged: Float64Array, right: Float64Array): number {
  const now = merged[W]! * merged[Y]!;
  const had = right[W]! * right[Y]!;
  return had === 0 ? now : now * (right[LAST]! / had);
}
