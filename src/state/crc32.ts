/** The remainder of each byte by a reversed polynomial. */
export function remaindersBy(polynomial: number): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let rest = byte;
    for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ polynomial : rest >>> 1;
    return rest;
  });
}

const remainders = remaindersBy(0xedb88320);

/**
 * CRC-32 as in gzip and PNG: any change within 32 neighbouring bits changes it.
 *
 * @param bytes - what to sum
 * @param before - the CRC of what lies in front of them; default of nothing
 * @returns an integer in [0, 2^32)
 * @example crc32(new TextEncoder().encode('123456789')) // => 0xcbf43926
 * @see `crc32c`, of another polynomial
 */
export function crc32(bytes: Uint8Array, before = 0): number {
  let rest = ~before;
  for (let i = 0; i < bytes.length; i++) rest = remainders[(rest ^ bytes[i]!) & 0xff]! ^ (rest >>> 8);
  return ~rest >>> 0;
}
