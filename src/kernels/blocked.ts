import type { FloatVector } from './vectors.js';

/** Rows at a time. */
export const BLOCK = 8;

/** `scanBlocks` of either kind of column. */
export function scanFloats(
  x: FloatVector,
  out: FloatVector,
  from: number,
  rows: number,
  a: number,
  state: Float64Array,
  at: number,
): number {
  return x instanceof Float64Array
    ? scanBlocks(x, out as Float64Array, from, rows, a, state, at)
    : scanBlocks32(x, out as Float32Array, from, rows, a, state, at);
}

/**
 * v ← v + a·(x[i] − v) along rows from `from`, eight at a time: out[i] ← v. Within a block everything is a difference from
 * its first value r, so that a constant stays exactly constant, and only one multiply-add chain waits for the block
 * before.
 *
 * @returns the row it came to: the first of a block that is not finite throughout (an overflow counts), or of a tail
 * shorter than a block. `state[at]` holds v
 */
function scanBlocks(
  x: Float64Array,
  out: Float64Array,
  from: number,
  rows: number,
  a: number,
  state: Float64Array,
  at: number,
): number {
  const b = 1 - a;
  const b2 = b * b;
  const b3 = b2 * b;
  const b4 = b2 * b2;
  let v = state[at]!;
  let i = from;
  for (const end = rows - BLOCK; i <= end; i += BLOCK) {
    const r = x[i]!;
    const f1 = x[i + 1]! - r;
    const f2 = x[i + 2]! - r;
    const f3 = x[i + 3]! - r;
    const f4 = x[i + 4]! - r;
    const f5 = x[i + 5]! - r;
    const f6 = x[i + 6]! - r;
    const f7 = x[i + 7]! - r;
    const e = v - r;
    const all = f1 + f2 + f3 + (f4 + f5) + (f6 + f7) + e;
    if (all - all !== 0) break;
    const g1 = a * f1;
    const g2 = a * f2 + b * g1;
    const g3 = a * f3 + b * g2;
    const h0 = a * f4;
    const h1 = a * f5 + b * h0;
    const h2 = a * f6 + b * h1;
    const h3 = a * f7 + b * h2;
    const m = g3 + b4 * e;
    v = r + (h3 + b4 * m);
    out[i] = r + b * e;
    out[i + 1] = r + (g1 + b2 * e);
    out[i + 2] = r + (g2 + b3 * e);
    out[i + 3] = r + m;
    out[i + 4] = r + (h0 + b * m);
    out[i + 5] = r + (h1 + b2 * m);
    out[i + 6] = r + (h2 + b3 * m);
    out[i + 7] = v;
  }
  state[at] = v;
  return i;
}

/** The same, of columns in single precision: a function that has seen both kinds takes a third longer for doubles. */
function scanBlocks32(
  x: Float32Array,
  out: Float32Array,
  from: number,
  rows: number,
  a: number,
  state: Float64Array,
  at: number,
): number {
  const b = 1 - a;
  const b2 = b * b;
  const b3 = b2 * b;
  const b4 = b2 * b2;
  let v = state[at]!;
  let i = from;
  for (const end = rows - BLOCK; i <= end; i += BLOCK) {
    const r = x[i]!;
    const f1 = x[i + 1]! - r;
    const f2 = x[i + 2]! - r;
    const f3 = x[i + 3]! - r;
    const f4 = x[i + 4]! - r;
    const f5 = x[i + 5]! - r;
    const f6 = x[i + 6]! - r;
    const f7 = x[i + 7]! - r;
    const e = v - r;
    const all = f1 + f2 + f3 + (f4 + f5) + (f6 + f7) + e;
    if (all - all !== 0) break;
    const g1 = a * f1;
    const g2 = a * f2 + b * g1;
    const g3 = a * f3 + b * g2;
    const h0 = a * f4;
    const h1 = a * f5 + b * h0;
    const h2 = a * f6 + b * h1;
    const h3 = a * f7 + b * h2;
    const m = g3 + b4 * e;
    v = r + (h3 + b4 * m);
    out[i] = r + b * e;
    out[i + 1] = r + (g1 + b2 * e);
    out[i + 2] = r + (g2 + b3 * e);
    out[i + 3] = r + m;
    out[i + 4] = r + (h0 + b * m);
    out[i + 5] = r + (h1 + b2 * m);
    out[i + 6] = r + (h2 + b3 * m);
    out[i + 7] = v;
  }
  state[at] = v;
  return i;
}
