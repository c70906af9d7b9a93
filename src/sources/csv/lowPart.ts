/** Cuts a double into halves whose products are exact (Dekker). */
const SPLIT = 2 ** 27 + 1;

/** a · b − product, exactly, where product is a · b rounded. */
export function lowPart(a: number, b: number, product: number): number {
  const pa = SPLIT * a;
  const pb = SPLIT * b;
  const ah = pa - (pa - a);
  const bh = pb - (pb - b);
  const al = a - ah;
  const bl = b - bh;
  return al * bl - (product - ah * bh - al * bh - ah * bl);
}
