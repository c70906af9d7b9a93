import { lerp } from '../recurrence/lerp.js';

export type FloatVector = Float32Array | Float64Array;

/** y[i] += gain·(x[i] − y[i]). Checks nothing: the adapter has compared the lengths. */
export function lerpInto(y: FloatVector, x: ArrayLike<number>, gain: number): void {
  for (let i = 0; i < y.length; i++) y[i] = lerp(y[i]!, x[i]!, gain);
}

/**
 * The same for finite x[i] only; an empty (not finite) y[i] takes the value.
 *
 * @returns how many elements were not finite and so left out
 */
export function lerpFiniteInto(y: FloatVector, x: ArrayLike<number>, gain: number): number {
  let refused = 0;
  for (let i = 0; i < y.length; i++) {
    const value = x[i]!;
    const mean = y[i]!;
    if (value - value !== 0) refused++;
    else y[i] = mean - mean === 0 ? lerp(mean, value, gain) : value;
  }
  return refused;
}

/** out[i] = factor·y[i]. */
export function scaleInto(out: FloatVector, y: FloatVector, factor: number): void {
  for (let i = 0; i < y.length; i++) out[i] = factor * y[i]!;
}

/** True if every element is finite. */
export function allFinite(x: ArrayLike<number>): boolean {
  let zeros = 0;
  for (let i = 0; i < x.length; i++) zeros += x[i]! - x[i]!; // Infinity − Infinity and NaN − NaN are NaN, and NaN stays
  return zeros === 0;
}
