const cell = new Float32Array(1);
const bits = new Uint32Array(cell.buffer);

/** The value of a bfloat16's bits, which are the upper half of the float32 of the same value; exact. */
export function fromBrainFloat(half: number): number {
  bits[0] = half << 16;
  return cell[0]!;
}

/** The bits of the bfloat16 nearest to a value, ties to even. */
export function toBrainFloat(value: number): number {
  if (Number.isNaN(value)) return 0x7fc0;
  cell[0] = value;
  const nearest = cell[0];
  const [at] = bits as unknown as [number];
  const isTie = (at & 0xffff) === 0x8000;
  if (isTie && nearest !== value) return (at >>> 16) + (Math.abs(value) > Math.abs(nearest) ? 1 : 0); // float32 rounded it to the tie
  return (at + 0x7fff + ((at >>> 16) & 1)) >>> 16; // the largest carry into infinity
}
