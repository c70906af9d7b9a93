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
      const came = there === null ? plan.propagates || x[i]! - x[i]! === 0 : there[i] === 1;
      const step = s[at + STEP]! + 1;
      if (constant === null && step !== asked && (came || plan.ages)) rate = plan.rateAt((asked = step));
      if (came) {
        const gain = weights === null ? advance(s, at, rate!, plan) : advanceBy(weights[i]!, s, at, rate!, plan);
        const y = lerp(s[at + Y]!, x[i]!, gain);
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

  /** The same with holes, over which nothing happens: the values close up, and what comes of them spreads again. */
  function scanHoles(s: Float64Array, run: Run, raw: boolean, alpha: number): number {
    const { rows, x, out, gone } = run;
    const there = run.there!;
    let begin = 0;
    let lacking = 0;
    while (begin < rows && s[W] === 0) lacking += scanRows(s, run, raw, begin, ++begin);
    const came = s[LAST]!;
    const dense = new Float64Array(rows - begin);
    let n = 0;
    for (let i = begin; i < rows; i++) {
      dense[n] = x[i]!;
      n += there[i]!;
    }
    const smoothed = new Float64Array(n + 1);
    scanColumn(s, { ...run, rows: n, x: dense, there: null, out: smoothed.subarray(1) }, raw, alpha);
    smoothed[0] = came;
    for (let i = begin, k = 0; i < rows; i++) {
      k += there[i]!;
      out[i] = smoothed[k]!;
    }
    if (plan.carries) return lacking;
    for (let i = begin; i < rows; i++) gone[i] = there[i]! ^ MISSING;
    return lacking + rows - begin - n;
  }

  return {
    fields: SLOT,
    last: LAST,
    mayThrow: constant === null,
    fresh: [0, 1, 0, NaN, NaN],
    scan(s, run, raw) {
      const { rows, there, slots, weights } = run;
      const plain = constant !== null && constant.alpha < 1 && slots === null && weights === null;
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
