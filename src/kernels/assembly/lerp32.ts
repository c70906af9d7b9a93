// AssemblyScript: `npm run build:wasm` compiles it into ../lerp32Bytes.ts. Its twin in TypeScript is ../lerp32.ts: the same
// operations in float32 in the same order, so that both give the same bits. Addresses are bytes in the imported memory.

/** How many elements a round of the loops below takes. */
const ROUND: u32 = 16;

/**
 * y += gain·(x − y), n times. Sixteen at once while every x − y is finite; the rest, and rounds where one is not, one by one.
 * `low`, if it is not 0, holds what rounding added to y, and takes it out of the next step.
 */
export function lerp32(y: usize, low: usize, x: usize, n: u32, gain: f32, guarded: bool): u32 {
  const rounds: u32 = gain == 1 ? 0 : n / ROUND;
  const end = y + rounds * ROUND * 4;
  let refused: u32 = 0;
  if (low == 0) {
    for (; y < end; y += 64, x += 64) {
      if (!round(y, x, gain)) refused += each(y, 0, x, ROUND, gain, guarded);
    }
  } else {
    for (; y < end; y += 64, x += 64, low += 64) {
      if (!roundTwoTerm(y, low, x, gain)) refused += each(y, low, x, ROUND, gain, guarded);
    }
  }
  return refused + each(y, low, x, n - rounds * ROUND, gain, guarded);
}

function round(y: usize, x: usize, gain: f32): bool {
  const y0 = v128.load(y);
  const y1 = v128.load(y, 16);
  const y2 = v128.load(y, 32);
  const y3 = v128.load(y, 48);
  const gap0 = f32x4.sub(v128.load(x), y0);
  const gap1 = f32x4.sub(v128.load(x, 16), y1);
  const gap2 = f32x4.sub(v128.load(x, 32), y2);
  const gap3 = f32x4.sub(v128.load(x, 48), y3);
  if (!finite(gap0, gap1, gap2, gap3)) return false;
  const share = f32x4.splat(gain);
  v128.store(y, f32x4.add(y0, f32x4.mul(share, gap0)));
  v128.store(y, f32x4.add(y1, f32x4.mul(share, gap1)), 16);
  v128.store(y, f32x4.add(y2, f32x4.mul(share, gap2)), 32);
  v128.store(y, f32x4.add(y3, f32x4.mul(share, gap3)), 48);
  return true;
}

function roundTwoTerm(y: usize, low: usize, x: usize, gain: f32): bool {
  const gap0 = f32x4.sub(v128.load(x), v128.load(y));
  const gap1 = f32x4.sub(v128.load(x, 16), v128.load(y, 16));
  const gap2 = f32x4.sub(v128.load(x, 32), v128.load(y, 32));
  const gap3 = f32x4.sub(v128.load(x, 48), v128.load(y, 48));
  if (!finite(gap0, gap1, gap2, gap3)) return false;
  const share = f32x4.splat(gain);
  stepTwoTerm(y, low, f32x4.mul(share, gap0));
  stepTwoTerm(y + 16, low + 16, f32x4.mul(share, gap1));
  stepTwoTerm(y + 32, low + 32, f32x4.mul(share, gap2));
  stepTwoTerm(y + 48, low + 48, f32x4.mul(share, gap3));
  return true;
}

function stepTwoTerm(y: usize, low: usize, part: v128): void {
  const before = v128.load(y);
  const step = f32x4.sub(part, v128.load(low));
  const after = f32x4.add(before, step);
  v128.store(y, after);
  v128.store(low, f32x4.sub(f32x4.sub(after, before), step));
}

/** True if all are: their sum tells, and where it overflows the slow way is as right. */
function finite(a: v128, b: v128, c: v128, d: v128): bool {
  const sum = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
  return !v128.any_true(f32x4.sub(sum, sum));
}

function each(y: usize, low: usize, x: usize, n: u32, gain: f32, guarded: bool): u32 {
  let refused: u32 = 0;
  for (let i: u32 = 0; i < n; i++, y += 4, x += 4) {
    const value = load<f32>(x);
    const mean = load<f32>(y);
    const gap = value - mean;
    const there = value - value == 0;
    if (guarded && !there) {
      refused++;
    } else if (gap - gap == 0 && gain != 1) {
      const step = low == 0 ? gain * gap : gain * gap - load<f32>(low);
      const after = mean + step;
      store<f32>(y, after);
      if (low != 0) store<f32>(low, after - mean - step);
    } else {
      const known = mean - mean == 0;
      if (gain == 1 || (guarded && !known)) store<f32>(y, value);
      else if (there && known)
        store<f32>(y, (1 - gain) * mean + gain * value); // x − y overflows
      else store<f32>(y, mean + gain * gap);
      if (low != 0) store<f32>(low, 0);
    }
    if (low != 0) low += 4;
  }
  return refused;
}
