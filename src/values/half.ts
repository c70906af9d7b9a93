/** IEEE 754 half precision, as Arrow stores it: 16 raw bits. */
const bits = new DataView(new ArrayBuffer(8));

/** The value of a half's bits; exact. */
export function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The bits of the half nearest to a value, ties to even. */
export function toHalf(value: number): number {
  bits.setFloat64(0, value);
  const sign = bits.getUint16(0) & 0x8000 ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (size >= 65520) return sign | 0x7c00; // half-way between the largest half and the next power of two
  const exponent = Math.max(-14, Math.floor(Math.log2(size)));
  const steps = nearestEven(size / 2 ** (exponent - 10)); // in units of the last place; carries into the exponent
  return sign | (exponent === -14 ? steps : ((exponent + 14) << 10) + steps);
}

/** Exact for what a half can hold: `size / 2 ** k` above loses nothing. */
function nearestEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
