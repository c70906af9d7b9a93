import { lerp } from '../recurrence/lerp.js';
import { advance, advanceBy, age, ageBy, STEP, W, WEIGHT, type Rate, type Start } from '../recurrence/weight.js';
import { BLOCK, scanBlocks } from './blocked.js';
import { MISSING, NOT_YET, type Law, type Run } from './law.js';

/** What a decay per step needs to know. */
export interface StepPlan extends Start {
  /** The rate, if it is the same at every step. */
  readonly constant: Rate | null;
  /** The rate at a step, counted from 1. */
  rateAt(step: number): Rate;
  readonly ages: boolean;
  readonly carries: boolean;
  /** Every number counts, also NaN and the infinities. */
  readonly propagates: boolean;
}

/** y is the corrected average; `last` what came out last, under the readout of that time. Both NaN while there is none. */
const SLOT = [...WEIGHT, 'y', 'last'] as const;
export const Y = 3;
export const LAST = 4;
const STRIDE = SLOT.length;

/** Rows with holes at a time, and room for them: values closed up, and behind what came before, what comes of them. */
const PIECE = 4096;
const dense = new Float64Array(PIECE);
const smoothed = new Float64Array(PIECE + 1);
const behind = smoothed.subarray(1);

/** M3: y ← y + ((1 − d)/W)·(x − y), a step for each value; read as W·y or as y. */
export function stepLaw(plan: StepPlan): Law {
  const { constant } = plan;

  function scanRows(s: Float64Array, run: Run, raw: boolean, from: number, to: number): number {
    const { x, there, slots, fresh, weights, out, gone } = run;
    let rate = constant;
    let asked = 0;
    let lacking = 0;
    for (let i = from; i < to; i++) {
      const at = slots === null ? 0 : slots[i]! * STRIDE;
      if (fresh !== null && fresh[i] === 1) s.set(run.seed!, at);
      const value = x[i]!;
      const came = there === null ? plan.propagates || value - value === 0 : there[i] === 1;
      const step = s[at + STEP]! + 1;
      if (constant === null && step !== asked && (came || plan.ages)) rate = plan.rateAt((asked = step));
      if (came) {
        const gain = weights === null ? advance(s, at, rate!, plan) : advanceBy(weights[i]!, s, at, rate!, plan);
        const y = lerp(s[at + Y]!, value, gain);
        s[at + Y] = y;
        const w = s[at + W]!;
        if (w !== 0) {
          out[i] = s[at + LAST] = raw ? w * y : y;
        } else {
          gone[i] = NOT_YET;
          lacking++;
        }
        continue;
      }
      if (plan.ages) {
        if (weights === null) age(s, at, rate!);
        else ageBy(s, at, rate!);
      }
      const last = s[at + LAST]!;
      if (plan.carries && !Number.isNaN(last)) {
        out[i] = last;
      } else {
        gone[i] = MISSING;
        lacking++;
      }
    }
    return lacking;
  }

  /** Once W is 1 it stays so, and what is left is v ← v + alpha·(x − v), eight rows at a time. */
  function scanColumn(s: Float64Array, run: Run, raw: boolean, alpha: number): number {
    const { rows, x, out } = run;
    let lacking = 0;
    for (let i = 0; i < rows;) {
      if (s[W] === 1) {
        const to = scanBlocks(x, out, i, rows, alpha, s, Y);
        if (to > i) s[LAST] = s[Y]!;
        s[STEP]! += to - i;
        i = to;
      }
      const next = Math.min(i + BLOCK, rows);
      lacking += scanRows(s, run, raw, i, next);
      i = next;
    }
    return lacking;
  }

  /** The same with holes, over which nothing happens: values close up, and what comes of them spreads again. */
  function scanHoles(s: Float64Array, run: Run, raw: boolean, alpha: number): number {
    const { rows, x, out, gone } = run;
    const there = run.there!;
    let from = 0;
    let lacking = 0;
    while (from < rows && s[W] === 0) lacking += scanRows(s, run, raw, from, ++from);
    for (; from < rows; from += PIECE) {
      const to = Math.min(from + PIECE, rows);
      const n = closeUp(x, there, from, to);
      smoothed[0] = s[LAST]!;
      scanColumn(s, { ...run, rows: n, x: dense, there: null, out: behind }, raw, alpha);
      spread(there, out, from, to);
      if (plan.carries) continue;
      mark(there, gone, from, to);
      lacking += to - from - n;
    }
    return lacking;
  }

  return {
    fields: SLOT,
    last: LAST,
    mayThrow: constant === null,
    fresh: [0, 1, 0, NaN, NaN],
    scan(s, run, raw) {
      const { rows, there, slots, weights } = run;
      const plain = constant !== null && constant.alpha < 1 && slots === null && weights === null;
      if (
        constant !== null &&
        constant.alpha < 1 &&
        slots !== null &&
        there === null &&
        weights === null &&
        !plan.seeded
      ) {
        let lacking = 0;
        for (let i = 0; i < rows; i++) {
          i = scanKeys(s, run, constant, raw, i);
          if (i < rows) lacking += scanRows(s, run, raw, i, i + 1);
        }
        return lacking;
      }
      if (plain && there === null) return scanColumn(s, run, raw, constant.alpha);
      if (plain && !plan.ages && rows > 1) return scanHoles(s, run, raw, constant.alpha);
      return scanRows(s, run, raw, 0, rows);
    },
    take(s, x, raw) {
      const gain = advance(s, 0, constant ?? plan.rateAt(s[STEP]! + 1), plan);
      const y = lerp(s[Y]!, x, gain);
      s[Y] = y;
      const w = s[W]!;
      return w === 0 ? NaN : (s[LAST] = raw ? w * y : y);
    },
  };
}

/** Values that are there, side by side. */
function closeUp(x: Float64Array, there: Uint8Array, from: number, to: number): number {
  let n = 0;
  for (let i = from; i < to; i++) {
    dense[n] = x[i]!;
    n += there[i]!;
  }
  return n;
}

/** Each row gets what came of the newest value. */
function spread(there: Uint8Array, out: Float64Array, from: number, to: number): void {
  let n = 0;
  for (let i = from; i < to; i++) {
    n += there[i]!;
    out[i] = smoothed[n]!;
  }
}

function mark(there: Uint8Array, gone: Uint8Array, from: number, to: number): void {
  for (let i = from; i < to; i++) gone[i] = there[i]! ^ 1;
}

/**
 * Rows of many slots from `from` on, each a step of its slot.
 *
 * @returns the first row whose value is not finite, or too far away to subtract
 */
function scanKeys(s: Float64Array, run: Run, { decay, alpha }: Rate, raw: boolean, from: number): number {
  const { rows, x, out } = run;
  const slots = run.slots!;
  const fresh = run.fresh!;
  for (let i = from; i < rows; i++) {
    const at = slots[i]! * 5;
    const value = x[i]!;
    const anew = fresh[i] === 1;
    let weight = anew ? 0 : s[at]!;
    let y = value;
    if (weight === 1) {
      y = s[at + 3]!;
      y += alpha * (value - y);
      if (y - y !== 0) return i;
    } else {
      const first = weight === 0;
      const rest = anew ? decay : decay * s[at + 1]!;
      weight = decay * weight + alpha;
      if (weight > 0.5) weight = 1 - rest;
      if (!first) y = s[at + 3]! + (alpha / weight) * (value - s[at + 3]!);
      if (y - y !== 0) return i;
      s[at] = weight;
      s[at + 1] = rest;
      if (anew) s[at + 2] = 0;
    }
    s[at + 2]!++;
    s[at + 3] = y;
    out[i] = s[at + 4] = raw ? weight * y : y;
  }
  return rows;
}
