/**
 * y + gain·(x − y). The difference form keeps a constant exactly constant; a gain of 1 gives x itself, whatever y is.
 */
export function lerp(y: number, x: number, gain: number): number {
  if (gain === 1) return x;
  const gap = x - y;
  if (gap - gap === 0) return y + gain * gap;
  return bridged(y, x, gain, gap);
}

/** x − y can overflow though both are finite; what is not finite goes on as IEEE has it. */
function bridged(y: number, x: number, gain: number, gap: number): number {
  return x - x === 0 && y - y === 0 ? (1 - gain) * y + gain * x : y + gain * gap;
}
