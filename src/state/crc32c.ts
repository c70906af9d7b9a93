import { remaindersBy } from './crc32.js';

const remainders = remaindersBy(0x82f63b78);

/**
 * CRC-32C (Castagnoli), as in iSCSI and TFRecord files: any change within 32 neighbouring bits changes it.
 *
 * @param bytes - of which a part is summed
 * @param begin - where the part begins
 * @param end - behind its last byte
 * @returns an integer in [0, 2^32)
 * @example crc32c(new TextEncoder().encode('123456789')) // => 0xe3069283
 * @see `crc32`, of another polynomial
 */
export function crc32c(bytes: Uint8Array, begin = 0, end: number = bytes.length): number {
  let rest = -1;
  for (let i = begin; i < end; i++) rest = remainders[(rest ^ bytes[i]!) & 0xff]! ^ (rest >>> 8);
  return ~rest >>> 0;
}
