import { lerp } from '../recurrence/lerp.js';
import { advance, advanceBy, age, ageBy, Q, STEP, W, WEIGHT, type Rate, type Start } from '../recurrence/weight.js';
import { BLOCK, scanFloats } from './blocked.js';
import { MISSING, NOT_YET, presence, type Law, type Run } from './law.js';
import type { FloatVector } from './vectors.js';

/** What a decay per step needs to know. */
interface StepPlan extends Start {
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

/** Rows with nulls at a time. */
const PIECE = 512;
/** A weight that fades below this is not worth a loop of its own. */
const FAINT = 2 ** -300;

/** M3: y ← y + ((1 − d)/W)·(x − y), a step for each value; read as W·y or as y. */
export function stepLaw(plan: StepPlan): Law {
  const { constant } = plan;

  function scanRows(s: Float64Array, run: Run, raw: boolean, from: number, to: number): number {
    const there = presence(run, plan.propagates);
    const { x, slots, fresh, weights, out, gone } = run;
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
          out[i] = 0; // the memory may not be zeroed
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
        out[i] = 0;
        lacking++;
      }
    }
    return lacking;
  }

  /** One slot, and no row is null. */
  function scanColumn(s: Float64Array, run: Run, raw: boolean, rate: Rate): number {
    const { rows, x, out } = run;
    let lacking = 0;
    for (let i = 0; i < rows;) {
      const from = i;
      if (s[W] !== 1 && !plan.seeded) i = scanRising(s, x, out, i, rows, rate, raw);
      if (s[W] === 1) i = scanSettled(s, x, out, i, rows, rate.alpha);
      const next = Math.min(i === from ? i + 1 : i + BLOCK, rows);
      lacking += scanRows(s, run, raw, i, next);
      i = next;
    }
    return lacking;
  }

  /** The same with nulls. */
  function scanGappy(s: Float64Array, run: Run, raw: boolean, rate: Rate): number {
    const { ages, carries, seeded } = plan;
    let lacking = 0;
    for (let from = 0; from < run.rows; from += PIECE) {
      const to = Math.min(from + PIECE, run.rows);
      let came = -1;
      const isNew = carries && Number.isNaN(s[LAST]!); // nothing has come out that could be carried
      if (isNew) came = -1;
      else if (s[W] === 1 && !ages) came = scanGaps(s, run, rate.alpha, from, to);
      else if (s[W]! > 0 && !seeded) came = scanFading(s, run, rate, ages, raw, from, to);
      if (came < 0) lacking += scanRows(s, run, raw, from, to);
      else if (!carries) lacking += to - from - came;
    }
    return lacking;
  }

  /** Many slots. */
  function scanKeyed(s: Float64Array, run: Run, raw: boolean, rate: Rate): number {
    const there = presence(run, plan.propagates);
    const { rows, gone } = run;
    let lacking = 0;
    for (let i = 0; i < rows; i++) {
      const from = i;
      i = scanKeys(s, run, there, rate, plan, raw, i);
      if (there !== null && !plan.carries) for (let row = from; row < i; row++) lacking += gone[row]!;
      if (i < rows) lacking += scanRows(s, run, raw, i, i + 1);
    }
    return lacking;
  }

  return {
    fields: SLOT,
    last: LAST,
    mayThrow: constant === null,
    fresh: [0, 1, 0, NaN, NaN],
    scan(s, run, raw) {
      const { rows, there, valid, slots, weights } = run;
      const plain = there === null && weights === null && run.fresh === null && rows > 1;
      if (constant === null || constant.alpha === 1 || !plain) return scanRows(s, run, raw, 0, rows);
      if (slots !== null) return scanKeyed(s, run, raw, constant);
      if (valid === null) return scanColumn(s, run, raw, constant);
      return scanGappy(s, run, raw, constant);
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

/**
 * Rows while W is on its way from above 0 to 1.
 *
 * @returns the row it came to: the first after W is 1, or one that is not finite, or too far away to subtract
 */
function scanRising(
  s: Float64Array,
  x: FloatVector,
  out: FloatVector,
  from: number,
  rows: number,
  { decay, alpha }: Rate,
  raw: boolean,
): number {
  let weight = s[W]!;
  let rest = s[Q]!;
  let y = s[Y]!;
  if (weight === 0) return from;
  let i = from;
  for (; i < rows && weight !== 1; i++) {
    const less = decay * rest;
    const more = decay * weight + alpha;
    const next = more > 0.5 ? 1 - less : more;
    const moved = y + (alpha / next) * (x[i]! - y);
    if (moved - moved !== 0) break;
    weight = next;
    rest = less;
    y = moved;
    out[i] = raw ? weight * y : y;
  }
  s[W] = weight;
  s[Q] = rest;
  s[STEP]! += i - from;
  s[Y] = y;
  if (i > from) s[LAST] = raw ? weight * y : y;
  return i;
}

/** Once W is 1 it stays so, and what is left is v ← v + alpha·(x − v), eight rows at a time. */
function scanSettled(
  s: Float64Array,
  x: FloatVector,
  out: FloatVector,
  from: number,
  rows: number,
  alpha: number,
): number {
  const to = scanFloats(x, out, from, rows, alpha, s, Y);
  if (to > from) s[LAST] = s[Y]!;
  s[STEP]! += to - from;
  return to;
}

/**
 * Rows of which some are null, once W is 1.
 *
 * @returns how many are not; −1, and the state as it was, if what comes out is not finite
 */
function scanGaps(s: Float64Array, run: Run, alpha: number, from: number, to: number): number {
  const { x, out, bit } = run;
  const valid = run.valid!;
  let y = s[Y]!;
  let came = 0;
  for (let i = from; i < to; i++) {
    const at = bit + i;
    const on = (valid[at >> 3]! >> (at & 7)) & 1;
    came += on;
    y += alpha * (on === 1 ? x[i]! - y : 0);
    out[i] = y;
  }
  if (y - y !== 0) return -1;
  if (came > 0) s[LAST] = y;
  s[Y] = y;
  s[STEP]! += came;
  return came;
}

/**
 * The same while W is not 1: nulls may age it.
 *
 * @returns how many are not null; −1, and the state as it was, if what comes out is not finite, or W has faded away
 */
function scanFading(
  s: Float64Array,
  run: Run,
  { decay, alpha }: Rate,
  ages: boolean,
  raw: boolean,
  from: number,
  to: number,
): number {
  const { x, out, bit } = run;
  const valid = run.valid!;
  let weight = s[W]!;
  let rest = s[Q]!;
  let y = s[Y]!;
  let last = s[LAST]!;
  let came = 0;
  for (let i = from; i < to; i++) {
    const at = bit + i;
    const on = (valid[at >> 3]! >> (at & 7)) & 1;
    if (on === 1 || ages) {
      const taken = on === 1 ? alpha : 0;
      rest = decay * rest + (alpha - taken);
      weight = decay * weight + taken;
      if (weight > 0.5) weight = 1 - rest;
    }
    if (on === 1) {
      y += (alpha / weight) * (x[i]! - y);
      last = raw ? weight * y : y;
      came++;
    }
    out[i] = last;
  }
  if (y - y !== 0 || weight < FAINT) return -1;
  s[W] = weight;
  s[Q] = rest;
  s[STEP]! += ages ? to - from : came;
  s[Y] = y;
  s[LAST] = last;
  return came;
}

/**
 * Rows of many slots from `from` on, each a step of its slot.
 *
 * @returns the first row whose value is not finite, or too far away to subtract, missing and carried or
 * ageing, or of a slot that is seeded and not settled
 */
function scanKeys(
  s: Float64Array,
  run: Run,
  there: Uint8Array | null,
  { decay, alpha }: Rate,
  { seeded, ages, carries }: StepPlan,
  raw: boolean,
  from: number,
): number {
  const { rows, x, out, gone } = run;
  const slots = run.slots!;
  for (let i = from; i < rows; i++) {
    const at = slots[i]! * STRIDE;
    if (there !== null && there[i] === 0) {
      if (ages || carries) return i;
      gone[i] = MISSING;
      out[i] = 0;
      continue;
    }
    const value = x[i]!;
    const had = s[at]!;
    let y = s[at + Y]!; // read ahead of any branch: many slots are far away, and memory is asked for several at a time
    let gain = alpha;
    let weight = 1;
    if (had !== 1) {
      if (seeded) return i;
      if (had === 0) y = value;
      const rest = decay * s[at + Q]!;
      weight = decay * had + alpha;
      if (weight > 0.5) weight = 1 - rest;
      gain = alpha / weight;
      y += gain * (value - y);
      if (y - y !== 0) return i;
      s[at] = weight;
      s[at + Q] = rest;
    } else {
      y += gain * (value - y);
      if (y - y !== 0) return i;
    }
    s[at + STEP]!++;
    s[at + Y] = y;
    out[i] = s[at + LAST] = raw ? weight * y : y;
  }
  return rows;
}
