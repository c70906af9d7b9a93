import type { Rate } from '../recurrence/weight.js';
import { scanFloats } from './blocked.js';
import { MISSING, type Run } from './law.js';

/** What loops over one column of moments need to know; each is one step, and weighs what the others do. */
interface Steady extends Rate {
  /** Weights decay from 1; else the newest weighs alpha, and they add up to 1. */
  readonly adjust: boolean;
  readonly ignoreNa: boolean;
  readonly carries: boolean;
  /** Which number comes out: one of MEAN and those below. */
  readonly reads: number;
  /**
   * Rows over which the mean is a difference from what it was before them: so few that a jump which is far greater than
   * what follows is still felt at the end.
   */
  readonly piece: number;
}

export const MEAN = 0;
export const BIASED = 1;
export const UNBIASED = 2;
/** Added to one of these two: its square root. */
export const ROOT = 2;
/** The mean, and the root of the unbiased variance beside it. */
export const BAND = 5;

/** For decays of 0.5 and more: rows that leave a weight of 2^-32, at most 256. */
export function pieceOf(decay: number): number {
  return Math.min(256, 32 / Math.abs(Math.log2(decay))) & ~3; // the quotient may exceed 32 bits, or be infinite
}

/** Where weights have faded below this, steps are taken one by one. */
const FAINT = 2 ** -300;

const [N, W, D, Y, LOW, C, LAST, SPREAD] = [0, 1, 2, 3, 4, 5, 7, 8] as const;
const [OTHER, OTHER_LOW, CX, CY] = [8, 9, 10, 11] as const;

/**
 * M5 over rows of one column from `from` on, with what it moves in registers: the mean is A + u, and d = (x − A) − u.
 *
 * @returns the row it came to: the first of a piece in which something is not finite, or weighs almost nothing
 */
export function scanSpread(s: Float64Array, run: Run, plan: Steady, there: Uint8Array | null, from: number): number {
  let i = from;
  for (let next = 0; i < run.rows; i = next) {
    if (plan.reads === MEAN && there === null && isSteady(s, plan)) i = scanMeans(s, run, plan, i);
    next = Math.min(i + plan.piece, run.rows);
    const done =
      there === null && (next - i) % 4 === 0 && plan.reads !== MEAN && isSettled(s, plan)
        ? spreadBlocks(s, run, plan, i, next)
        : spreadRows(s, run, plan, there, i, next);
    if (!done) break;
  }
  return i;
}

/** True once another value leaves W as it is: then the gain is a constant. */
function isSteady(s: Float64Array, { decay, alpha, adjust }: Steady): boolean {
  return decay * s[W]! + (adjust ? 1 : alpha) === s[W];
}

/** True if it leaves D too: then so is the scale. */
function isSettled(s: Float64Array, plan: Steady): boolean {
  const { decay, alpha, adjust } = plan;
  return isSteady(s, plan) && decay * decay * s[D]! + 2 * (adjust ? 1 : alpha) * (decay * s[W]!) === s[D];
}

/** Returns the row it came to, as `scanFloats` does: the rest of a piece is taken row by row. */
function scanMeans(s: Float64Array, { rows, x, out }: Run, { alpha, adjust }: Steady, from: number): number {
  s[Y]! += s[LOW]!;
  s[LOW] = 0;
  const to = scanFloats(x, out, from, rows, (adjust ? 1 : alpha) / s[W]!, s, Y);
  s[N]! += to - from;
  if (to > from) s[LAST] = s[Y]!;
  return to;
}

/** What a sum C of squared deviations is multiplied by. */
function scaleOf(reads: number, weight: number, d: number): number {
  return reads === BIASED || reads === BIASED + ROOT ? 1 / weight : weight / d;
}

/** Four rows at a time, a multiple of four of them. False, and nothing changed, if something is not finite. */
function spreadBlocks(s: Float64Array, run: Run, plan: Steady, from: number, to: number): boolean {
  const { x, out, spread } = run;
  const { decay: b, adjust, reads } = plan;
  const a = (adjust ? 1 : plan.alpha) / s[W]!;
  const k = a * (b * s[W]!);
  const b2 = b * b;
  const b3 = b2 * b;
  const b4 = b2 * b2;
  const scale = scaleOf(reads, s[W]!, s[D]!);
  const base = s[Y]!;
  let u = s[LOW]!;
  let c = s[C]!;
  for (let i = from; i < to; i += 4) {
    const r = x[i]! - base;
    const f1 = x[i + 1]! - base - r;
    const f2 = x[i + 2]! - base - r;
    const f3 = x[i + 3]! - base - r;
    const e = u - r;
    const u0 = b * e;
    const g1 = a * f1;
    const g2 = a * f2 + b * g1;
    const u1 = g1 + b2 * e;
    const u2 = g2 + b3 * e;
    const u3 = a * f3 + b * g2 + b4 * e;
    const d1 = f1 - u0;
    const d2 = f2 - u1;
    const d3 = f3 - u2;
    const p0 = k * (e * e);
    const p1 = k * (d1 * d1) + b * p0;
    const p2 = k * (d2 * d2) + b * p1;
    const c0 = p0 + b * c;
    const c1 = p1 + b2 * c;
    const c2 = p2 + b3 * c;
    const c3 = k * (d3 * d3) + b * p2 + b4 * c;
    u = r + u3;
    c = c3;
    if (reads < BIASED + ROOT) {
      out[i] = scale * c0;
      out[i + 1] = scale * c1;
      out[i + 2] = scale * c2;
      out[i + 3] = scale * c3;
      continue;
    }
    const to4 = reads === BAND ? spread! : out;
    to4[i] = Math.sqrt(scale * c0);
    to4[i + 1] = Math.sqrt(scale * c1);
    to4[i + 2] = Math.sqrt(scale * c2);
    to4[i + 3] = Math.sqrt(scale * c3);
    if (reads !== BAND) continue;
    out[i] = base + (r + u0);
    out[i + 1] = base + (r + u1);
    out[i + 2] = base + (r + u2);
    out[i + 3] = base + u;
  }
  if (u - u + (c - c) !== 0) return false;
  rebase(s, Y, base, u);
  s[C] = c;
  s[N]! += to - from;
  tell(s, plan, scale * c);
  return true;
}

/** A row at a time, also over missing ones. False, and nothing changed, if something is not finite or too faint. */
function spreadRows(
  s: Float64Array,
  run: Run,
  plan: Steady,
  there: Uint8Array | null,
  from: number,
  to: number,
): boolean {
  const { x, out, gone } = run;
  const spread = run.spread ?? null;
  const { decay: b, alpha, adjust, ignoreNa, carries, reads } = plan;
  const taken = adjust ? 1 : alpha;
  const b2 = b * b;
  const biased = reads === BIASED || reads === BIASED + ROOT;
  const base = s[Y]!;
  let n = s[N]!;
  let w = s[W]!;
  let d2 = s[D]!;
  let u = s[LOW]!;
  let c = s[C]!;
  let last = s[LAST]!;
  let width = spread === null ? 0 : s[SPREAD]!;
  for (let i = from; i < to; i++) {
    const came = there === null || there[i] === 1;
    if (came || !ignoreNa) {
      w *= b;
      d2 *= b2;
      c *= b;
    }
    if (came) {
      const weight = w + taken;
      const gain = taken / weight;
      const d = x[i]! - base - u;
      u += gain * d;
      c += gain * w * (d * d);
      d2 += 2 * taken * w;
      w = weight;
      if (!adjust && weight !== 1) {
        c /= weight;
        d2 /= weight * weight;
        w = 1;
      }
      n++;
      const v = reads === MEAN ? 0 : c * (biased ? 1 / w : w / d2);
      last = reads === MEAN || reads === BAND ? base + u : reads < BIASED + ROOT ? v : Math.sqrt(v);
      if (reads === BAND) width = Math.sqrt(v);
    } else if (!carries) {
      gone[i] = MISSING;
    }
    out[i] = last;
    if (spread !== null) spread[i] = width;
  }
  if (u - u + (reads === MEAN ? 0 : c - c) !== 0 || w < FAINT) return false;
  s[N] = n;
  s[W] = w;
  rebase(s, Y, base, u);
  s[LAST] = last;
  if (reads === MEAN) return true;
  s[D] = d2;
  s[C] = c;
  if (spread !== null) s[SPREAD] = width;
  return true;
}

/** What came out last, where a variance v did. */
function tell(s: Float64Array, { reads }: Steady, v: number): void {
  if (reads === BAND) s[SPREAD] = Math.sqrt(v);
  s[LAST] = reads === BAND ? s[Y]! : reads < BIASED + ROOT ? v : Math.sqrt(v);
}

/** A mean base + u, in two terms. */
function rebase(s: Float64Array, at: number, base: number, u: number): void {
  const sum = base + u;
  const back = sum - base;
  s[at] = sum;
  s[at + 1] = base - (sum - back) + (u - back);
}

/** The same for pairs: their covariance, or, where `reads` is MEAN, their correlation. */
export function scanPairs(s: Float64Array, run: Run, plan: Steady, there: Uint8Array | null, from: number): number {
  let i = from;
  for (let next = 0; i < run.rows; i = next) {
    next = Math.min(i + plan.piece, run.rows);
    const done =
      there === null && isSettled(s, plan)
        ? settledPairs(s, run, plan, i, next)
        : pairRows(s, run, plan, there, i, next);
    if (!done) break;
  }
  return i;
}

/** Rows under a constant gain and scale. False, and nothing changed, if something is not finite, or too faint. */
function settledPairs(s: Float64Array, run: Run, plan: Steady, from: number, to: number): boolean {
  const { x, out } = run;
  const y = run.y!;
  const { decay: b, adjust, reads } = plan;
  const a = (adjust ? 1 : plan.alpha) / s[W]!;
  const k = a * (b * s[W]!);
  const scale = scaleOf(reads, s[W]!, s[D]!);
  const base = s[Y]!;
  const other = s[OTHER]!;
  let u = s[LOW]!;
  let v = s[OTHER_LOW]!;
  let c = s[C]!;
  let cx = s[CX]!;
  let cy = s[CY]!;
  for (let i = from; i < to; i++) {
    const d = x[i]! - base - u;
    const e = y[i]! - other - v;
    u += a * d;
    v += a * e;
    c = b * c + k * (d * e);
    cx = b * cx + k * (d * d);
    cy = b * cy + k * (e * e);
    out[i] = reads === MEAN ? ratioOf(c, cx, cy) : scale * c;
  }
  if (u - u + (v - v) + (c - c) + (cx - cx) + (cy - cy) !== 0) return false;
  if (reads === MEAN && (cx < FAINT || cy < FAINT)) return false;
  s[N]! += to - from;
  rebase(s, Y, base, u);
  rebase(s, OTHER, other, v);
  s[C] = c;
  s[CX] = cx;
  s[CY] = cy;
  s[LAST] = reads === MEAN ? ratioOf(c, cx, cy) : scale * c;
  return true;
}

/** A correlation, as rounding may push it out of [−1, 1]. */
export function ratioOf(c: number, cx: number, cy: number): number {
  const both = cx * cy;
  // their product may overflow, or underflow
  const ratio = both > FAINT && both < 1 / FAINT ? c / Math.sqrt(both) : c / Math.sqrt(cx) / Math.sqrt(cy);
  return ratio > 1 ? 1 : ratio < -1 ? -1 : ratio;
}

function pairRows(
  s: Float64Array,
  run: Run,
  plan: Steady,
  there: Uint8Array | null,
  from: number,
  to: number,
): boolean {
  const { x, out, gone } = run;
  const y = run.y!;
  const { decay: b, alpha, adjust, ignoreNa, carries, reads } = plan;
  const taken = adjust ? 1 : alpha;
  const b2 = b * b;
  const base = s[Y]!;
  const other = s[OTHER]!;
  let n = s[N]!;
  let w = s[W]!;
  let d2 = s[D]!;
  let u = s[LOW]!;
  let v = s[OTHER_LOW]!;
  let c = s[C]!;
  let cx = s[CX]!;
  let cy = s[CY]!;
  let last = s[LAST]!;
  for (let i = from; i < to; i++) {
    const came = there === null || there[i] === 1;
    if (came || !ignoreNa) {
      w *= b;
      d2 *= b2;
      c *= b;
      cx *= b;
      cy *= b;
    }
    if (came) {
      const weight = w + taken;
      const gain = taken / weight;
      const d = x[i]! - base - u;
      const e = y[i]! - other - v;
      const share = gain * w;
      u += gain * d;
      v += gain * e;
      c += share * (d * e);
      cx += share * (d * d);
      cy += share * (e * e);
      d2 += 2 * taken * w;
      w = weight;
      if (!adjust && weight !== 1) {
        c /= weight;
        cx /= weight;
        cy /= weight;
        d2 /= weight * weight;
        w = 1;
      }
      n++;
      last = reads === MEAN ? ratioOf(c, cx, cy) : c * (reads === BIASED ? 1 / w : w / d2);
    } else if (!carries) {
      gone[i] = MISSING;
    }
    out[i] = last;
  }
  if (u - u + (v - v) + (c - c) + (cx - cx) + (cy - cy) !== 0 || w < FAINT) return false;
  if (reads === MEAN && (cx < FAINT || cy < FAINT)) return false;
  s[N] = n;
  s[W] = w;
  s[D] = d2;
  rebase(s, Y, base, u);
  rebase(s, OTHER, other, v);
  s[C] = c;
  s[CX] = cx;
  s[CY] = cy;
  s[LAST] = last;
  return true;
}

/** Rows of a sum: S ← d·S + x. Returns the row it came to: the first of a piece in which something is not finite. */
export function scanSums(s: Float64Array, run: Run, plan: Steady, there: Uint8Array | null, from: number): number {
  const { rows, x, out, gone } = run;
  const { decay, ignoreNa, carries, piece } = plan;
  let i = from;
  for (let next = 0; i < rows; i = next) {
    next = Math.min(i + piece, rows);
    let sum = s[C]!;
    let n = 0;
    for (let row = i; row < next; row++) {
      const came = there === null || there[row] === 1;
      if (came || !ignoreNa) sum *= decay;
      if (came) {
        sum += x[row]!;
        n++;
      } else if (!carries) gone[row] = MISSING;
      out[row] = sum;
    }
    if (sum - sum !== 0) break;
    s[C] = s[LAST] = sum;
    s[N]! += n;
  }
  return i;
}
