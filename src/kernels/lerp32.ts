const { fround } = Math;

/**
 * y[i] += gain·(x[i] − y[i]) in float32. Checks nothing: the caller has compared the lengths.
 *
 * The twin of assembly/lerp32.ts: the same operations in the same order, each rounded to float32, so that both give the same
 * bits.
 *
 * @param low - what rounding added to y, taken out of the next step (two-term arithmetic, maths M10); null without
 * @param guarded - leave out x[i] that is not finite, and let a y[i] that is not finite take x[i]; else they go on as IEEE
 * has them
 * @returns how many elements were left out
 */
export function lerp32(
  y: Float32Array,
  low: Float32Array | null,
  x: Float32Array,
  gain: number,
  guarded: boolean,
): number {
  const share = fround(gain);
  if (share === 1) return replace32(y, low, x, guarded);
  let refused = 0;
  for (let i = 0; i < y.length; i++) {
    const mean = y[i]!;
    const gap = fround(x[i]! - mean);
    if (gap - gap !== 0) {
      refused += bridge32(y, low, x, share, guarded, i);
    } else if (low === null) {
      y[i] = mean + fround(share * gap);
    } else {
      const step = fround(fround(share * gap) - low[i]!);
      const after = fround(mean + step);
      y[i] = after;
      low[i] = fround(after - mean) - step;
    }
  }
  return refused;
}

/** x[i] − y[i] is not finite: x[i] or y[i] is not, or the difference overflows. */
function bridge32(
  y: Float32Array,
  low: Float32Array | null,
  x: Float32Array,
  share: number,
  guarded: boolean,
  i: number,
): number {
  const value = x[i]!;
  const mean = y[i]!;
  const [there, known] = [Number.isFinite(value), Number.isFinite(mean)];
  if (guarded && !there) return 1;
  if (guarded && !known) y[i] = value;
  else if (there && known) y[i] = fround(fround(1 - share) * mean) + fround(share * value);
  else y[i] = mean + fround(share * fround(value - mean));
  if (low !== null) low[i] = 0;
  return 0;
}

/** A gain of 1 gives x itself, whatever y is. */
function replace32(y: Float32Array, low: Float32Array | null, x: Float32Array, guarded: boolean): number {
  let refused = 0;
  for (let i = 0; i < y.length; i++) {
    const value = x[i]!;
    if (guarded && value - value !== 0) {
      refused++;
      continue;
    }
    y[i] = value;
    if (low !== null) low[i] = 0;
  }
  return refused;
}
