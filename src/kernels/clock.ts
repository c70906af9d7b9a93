import { lerp } from '../recurrence/lerp.js';
import { Elapsed } from './elapsed.js';
import { MISSING, NOT_YET, presence, type Law, type Run } from './law.js';
import { fadingOf, scanStamped, SIGN, unitsBetween, type Fading } from './stamped.js';
import type { FloatVector } from './vectors.js';

/** What a value stands for between two stamps (maths: M4). */
export type Hold = 'sample' | 'next' | 'last' | 'linear';

/** What a decay per millisecond needs to know. */
interface ClockPlan {
  /** ln of what the past keeps over a millisecond, < 0. */
  readonly perMs: number;
  readonly hold: Hold;
  readonly carries: boolean;
  /** Every number counts, also NaN and the infinities. */
  readonly propagates: boolean;
}

/**
 * `weight`: the sum of the weights, decayed; where time weighs, how many samples the newest stamp has. `group`: their
 * mean, or the newest value. `gain`: what the newest stamp moved y by. `waited`: ms that missing values have let pass.
 */
const SLOT = ['weight', 'step', 'y', 'waited', 'group', 'gain'] as const;
const [WEIGHT, STEP, Y, WAITED, GROUP, GAIN] = [0, 1, 2, 3, 4, 5];
const STRIDE = SLOT.length;

/** The average over time: each step decays by what has elapsed since the key's newest stamp. */
export function clockLaw({ perMs, hold, carries, propagates }: ClockPlan): Law {
  const since = new Elapsed(perMs);
  const take = hold === 'sample' ? sample : held;

  function scanRows(s: Float64Array, run: Run, from: number, to: number): number {
    const there = presence(run, propagates);
    const { x, slots, fresh, elapsed, weights, out, gone } = run;
    let lacking = 0;
    for (let i = from; i < to; i++) {
      const at = slots === null ? 0 : slots[i]! * STRIDE;
      if (fresh !== null && fresh[i] === 1) s.set(run.seed!, at);
      const value = x[i]!;
      const came = there === null ? propagates || value - value === 0 : there[i] === 1;
      const ms = s[at + WAITED]! + elapsed![i]!;
      if (came) {
        since.set(ms);
        take(s, at, x, i, weights);
        s[at + STEP]!++;
      }
      s[at + WAITED] = came ? 0 : ms;
      if (s[at + WEIGHT] !== 0 && (came || carries)) {
        out[i] = s[at + Y]!;
      } else {
        gone[i] = came ? NOT_YET : MISSING;
        out[i] = 0; // the memory may not be zeroed
        lacking++;
      }
    }
    return lacking;
  }

  function scan(s: Float64Array, run: Run): number {
    const { rows, weights, gone } = run;
    const isPlain = weights === null && (hold === 'sample' || hold === 'next');
    if (!isPlain) return scanRows(s, run, 0, rows);
    const there = presence(run, propagates);
    let lacking = 0;
    for (let i = 0; i < rows; i++) {
      const from = i;
      i = scanPlain(s, run, there, perMs, hold === 'next', carries, i);
      if (there !== null) for (let row = from; row < i; row++) lacking += gone[row]!;
      if (i < rows) lacking += scanRows(s, run, i, i + 1);
    }
    return lacking;
  }

  /** W ← u·W + w; y ← y + (w/W)·(x − y): every sample weighs the same (pandas `times`). */
  function sample(s: Float64Array, at: number, x: FloatVector, i: number, weights: Float64Array | null): void {
    const w = weights === null ? 1 : weights[i]!;
    const had = s[at + WEIGHT]!;
    const weight = (since.a < 0.5 ? had - since.lost * had : since.kept * had) + w;
    s[at + WEIGHT] = weight === 0 && had > 0 ? Number.MIN_VALUE : weight; // the mean is still there
    if (w !== 0) s[at + Y] = lerp(s[at + Y]!, x[i]!, w / weight);
  }

  /**
   * y ← u·y + (1 − u)·m. `next`: m = x, a value holds since the stamp before (polars `_by`); values at one stamp count as
   * their mean. `last`: m = x₋₁, a value holds until the next stamp. `linear`: m is the decayed mean of a straight line.
   */
  function held(s: Float64Array, at: number, x: FloatVector, i: number): void {
    const value = x[i]!;
    const before = s[at + GROUP]!;
    const had = s[at + WEIGHT]!;
    const same = since.a === 0 && had > 0;
    const n = same ? had + 1 : 1;
    const gain = had === 0 ? 1 : since.lost;
    const group = same && hold === 'next' ? lerp(before, value, 1 / n) : value;
    s[at + GROUP] = group;
    if (had === 0 || (same && s[at + GAIN] === Infinity)) s[at + Y] = value;
    else if (hold === 'last') s[at + Y] = lerp(s[at + Y]!, before, gain);
    else if (!same)
      s[at + Y] = lerp(s[at + Y]!, hold === 'next' ? value : lerp(before, value, since.rising / gain), gain);
    else if (hold === 'next') s[at + Y]! += s[at + GAIN]! * (group - before);
    s[at + WEIGHT] = n;
    if (!same) s[at + GAIN] = had === 0 && hold === 'last' ? Infinity : gain; // no time has passed yet
  }

  let fading: Fading | null = null;

  function scanStamps(s: Float64Array, run: Run, words: Int32Array, newest: Float64Array, unitMs: number): boolean {
    const { rows, x, out } = run;
    const samples = hold === 'sample';
    const isNew = s[STEP] === 0;
    if ((!isNew && s[WEIGHT] === 0) || s[WAITED] !== 0 || rows < 2) return false;
    if (fading === null || fading.a !== -perMs * unitMs) fading = fadingOf(-perMs * unitMs);
    const weight = samples && !isNew ? s[WEIGHT]! : 1;
    const course = { y: s[Y]!, weight, high: newest[0]!, low: newest[1]! ^ SIGN, units: 0, lost: 0 };
    if (isNew) {
      course.y = out[0] = x[0]!;
      course.low = words[0]! ^ SIGN;
      course.high = words[1]!;
    }
    if (!scanStamped(course, x, out, isNew ? 1 : 0, rows, words, fading, samples)) return false;
    s.set([course.weight, s[STEP]! + rows, course.y, 0]);
    if (samples) return true;
    since.set(unitsBetween(words, rows) * unitMs);
    s[GROUP] = x[rows - 1]!;
    s[GAIN] = since.lost;
    return true;
  }

  return {
    fields: SLOT,
    last: Y,
    fresh: [0, 0, NaN, 0, 0, 0],
    mayThrow: false,
    scan,
    ...((hold === 'sample' || hold === 'next') && { scanStamps }),
    later(s, at, ms) {
      if (hold !== 'last' || s[at + WEIGHT] === 0) return s[at + Y]!; // elsewhere a pause moves no mean
      since.set(s[at + WAITED]! + ms);
      return lerp(s[at + Y]!, s[at + GROUP]!, since.lost);
    },
  };
}

/**
 * Rows from `from` on under `sample` or `next`.
 *
 * @returns the first row that is not finite, too far away to subtract, missing and carried, or of the stamp before under
 * `next`
 */
function scanPlain(
  s: Float64Array,
  run: Run,
  there: Uint8Array | null,
  perMs: number,
  isNext: boolean,
  carries: boolean,
  from: number,
): number {
  const { rows, x, slots, fresh, out, gone } = run;
  const elapsed = run.elapsed!;
  let known = 0;
  let lost = 0;
  let kept = 1;
  for (let i = from; i < rows; i++) {
    const at = slots === null ? 0 : slots[i]! * STRIDE;
    const value = x[i]!;
    const anew = fresh !== null && fresh[i] === 1;
    if (there !== null && there[i] === 0) {
      if (anew || carries) return i;
      s[at + WAITED]! += elapsed[i]!;
      gone[i] = MISSING;
      out[i] = 0;
      continue;
    }
    const had = anew ? 0 : s[at + WEIGHT]!;
    let weight = 1;
    let gain = 1;
    let y = value;
    if (had > 0) {
      const ms = s[at + WAITED]! + elapsed[i]!;
      if (ms !== known) {
        known = ms;
        lost = -Math.expm1(perMs * ms);
        kept = lost < 0.5 ? 1 - lost : Math.exp(perMs * ms);
      }
      if (isNext) {
        if (ms === 0) return i;
        gain = lost;
      } else {
        weight += lost < 0.5 ? had - lost * had : kept * had;
        gain = 1 / weight;
      }
      y = s[at + Y]!;
      y = gain === 1 ? value : y + gain * (value - y);
    }
    if (y - y !== 0) return i;
    if (had === 0) s[at + STEP] = 0;
    s[at + WEIGHT] = weight;
    s[at + STEP]!++;
    s[at + Y] = y;
    s[at + WAITED] = 0;
    if (isNext) {
      s[at + GROUP] = value;
      s[at + GAIN] = gain;
    }
    out[i] = y;
  }
  return rows;
}
