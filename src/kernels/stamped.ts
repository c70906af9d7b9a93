import { lerp } from '../recurrence/lerp.js';
import { scanFloats } from './blocked.js';
import type { FloatVector } from './vectors.js';

/** Rows whose stamps are looked at together: a multiple of those that `scanFloats` takes at a time. */
const PIECE = 128;

/** Stamps are two words, the lower one without a sign: with this bit turned, numbers with one are in its order. */
export const SIGN = 0x80000000;
const WORD = 2 ** 32;

const BITS = 10;
const NEAR = 2 ** BITS;

/** What an average loses over n units of time, 1 − e^(−a·n): n < 2^20 is looked up as 1024·k + m. */
export interface Fading {
  readonly a: number;
  /** 1 − e^(−a·m), and the same of 1024·k, and its rest. */
  readonly near: Float64Array;
  readonly far: Float64Array;
  readonly kept: Float64Array;
}

export function fadingOf(a: number): Fading {
  const near = Float64Array.from({ length: NEAR }, (_, m) => -Math.expm1(-a * m));
  const far = Float64Array.from({ length: NEAR }, (_, k) => -Math.expm1(-a * NEAR * k));
  return { a, near, far, kept: Float64Array.from({ length: NEAR }, (_, k) => Math.exp(-a * NEAR * k)) };
}

/** An average on its way over time: what it rests on, and the words of its newest stamp, `low` with `SIGN` turned. */
interface Course {
  y: number;
  weight: number;
  high: number;
  low: number;
  /** The gap before that was looked up in no table, and what was lost over it. */
  units: number;
  lost: number;
}

/**
 * y ← y + gain·(x − y) along rows from `from`, with gain = lost, or 1/W under W ← W − lost·W + 1 where samples weigh.
 *
 * @param words - stamps in so many units, lower word first
 * @returns false if something is not finite, stamps run backwards, or two are equal where time weighs: then the course
 * is of no account
 */
export function scanStamped(
  course: Course,
  x: FloatVector,
  out: FloatVector,
  from: number,
  rows: number,
  words: Int32Array,
  fading: Fading,
  samples: boolean,
): boolean {
  const held = new Float64Array(1);
  for (let i = from, next = 0; i < rows; i = next) {
    next = Math.min(i + PIECE, rows);
    const gain = next - i === PIECE ? evenGain(course, words, fading, samples, i, next) : 0;
    if (gain === 0) {
      for (let row = i; row < next; row++) {
        row = unevenly(course, x, out, words, fading, samples, row, next);
        const done = row === next || (course.y - course.y === 0 && leap(course, x, out, words, fading, samples, row));
        if (!done) return false;
      }
      if (course.y - course.y !== 0) return false;
      continue;
    }
    held[0] = course.y;
    if (scanFloats(x, out, i, next, gain, held, 0) < next) return false;
    course.y = held[0]!;
    course.high = words[2 * next - 1]!;
    course.low = words[2 * next - 2]! ^ SIGN;
  }
  return true;
}

/** The gain of rows that are evenly spaced, if it is one for all of them; else 0. */
function evenGain(
  course: Course,
  words: Int32Array,
  fading: Fading,
  samples: boolean,
  from: number,
  to: number,
): number {
  const { weight, high, low } = course;
  const units = unitsFrom(high, low, words, from);
  if (!(units > 0) || !isEven(words, units, from, to)) return 0;
  const lost = lostOver(course, units, fading);
  if (!samples) return lost < 1 ? lost : 0;
  if (lost > 0.5) return 0;
  return weight - lost * weight + 1 === weight ? 1 / weight : 0;
}

/** True if all rows are so many units apart. */
function isEven(words: Int32Array, units: number, from: number, to: number): boolean {
  const high = words[2 * from + 1]!;
  if (units > 0x7fffffff || words[2 * to - 1] !== high) return isWidelyEven(words, units, from, to);
  let before = words[2 * from]! ^ SIGN;
  for (let at = 2 * from + 2; at < 2 * to; at += 2) {
    const now = words[at]! ^ SIGN;
    if (now < before || ((now - before) | 0) !== units || words[at + 1] !== high) return false;
    before = now;
  }
  return true;
}

/** The same where the higher words move. */
function isWidelyEven(words: Int32Array, units: number, from: number, to: number): boolean {
  for (let at = 2 * from + 2; at < 2 * to; at += 2) {
    const low = (words[at]! >>> 0) - (words[at - 2]! >>> 0);
    if ((words[at + 1]! - words[at - 1]!) * WORD + low !== units) return false;
  }
  return true;
}

/** What is lost over any gap. */
function lostOver(course: Course, units: number, { a, near, far, kept }: Fading): number {
  if (units < NEAR * NEAR) return far[units >> BITS]! + kept[units >> BITS]! * near[units & (NEAR - 1)]!;
  if (units !== course.units) {
    course.units = units;
    course.lost = -Math.expm1(-a * units);
  }
  return course.lost;
}

/** From a stamp to that of a row. */
function unitsFrom(high: number, low: number, words: Int32Array, row: number): number {
  return (words[2 * row + 1]! - high) * WORD + ((words[2 * row]! >>> 0) - ((low ^ SIGN) >>> 0));
}

/** Rows less than 2^20 units apart, which leave half of the weight or more where samples weigh. Returns the first that is not. */
function unevenly(
  course: Course,
  x: FloatVector,
  out: FloatVector,
  words: Int32Array,
  { near, far, kept }: Fading,
  samples: boolean,
  from: number,
  to: number,
): number {
  let { y, weight, low } = course;
  const { high } = course;
  let i = from;
  for (; i < to; i++) {
    const now = words[2 * i]! ^ SIGN;
    const gap = (now - low) | 0;
    if (words[2 * i + 1] !== high || now < low || gap < 0 || gap >= NEAR * NEAR) break;
    const k = gap >> BITS;
    const lost = far[k]! + kept[k]! * near[gap & (NEAR - 1)]!;
    if (samples ? lost > 0.5 : gap === 0 || lost === 1) break;
    low = now;
    if (samples) weight += 1 - lost * weight;
    y += samples ? (x[i]! - y) / weight : lost * (x[i]! - y);
    out[i] = y;
  }
  course.y = y;
  course.weight = weight;
  course.low = low;
  return i;
}

/** Any one row. False if it is of the stamp before, and time weighs, or came before it. */
function leap(
  course: Course,
  x: FloatVector,
  out: FloatVector,
  words: Int32Array,
  fading: Fading,
  samples: boolean,
  row: number,
): boolean {
  const units = unitsFrom(course.high, course.low, words, row);
  if (units < 0 || (units === 0 && !samples)) return false;
  const lost = lostOver(course, units, fading);
  if (samples) {
    const { weight } = course;
    course.weight = (lost < 0.5 ? weight - lost * weight : Math.exp(-fading.a * units) * weight) + 1;
  }
  course.y = lerp(course.y, x[row]!, samples ? 1 / course.weight : lost);
  course.high = words[2 * row + 1]!;
  course.low = words[2 * row]! ^ SIGN;
  out[row] = course.y;
  return true;
}

/** From the stamp of the last row but one to that of the last. */
export function unitsBetween(words: Int32Array, rows: number): number {
  const at = 2 * rows - 2;
  return (words[at + 1]! - words[at - 1]!) * WORD + ((words[at]! >>> 0) - (words[at - 2]! >>> 0));
}
