import { DataType, Precision, type Data, type Decimal } from 'apache-arrow';

import { fromHalf } from '../values/half.js';

/** The types that `float64Values` reads; Float64 among them. */
export function isNumeric(type: DataType): boolean {
  return DataType.isInt(type) || DataType.isFloat(type) || DataType.isDecimal(type);
}

/**
 * A numeric column's rows, each as the double nearest to it, ties to even. What stands in null slots is of no meaning.
 *
 * @param data - of a type that `isNumeric`; a slice has its values cut already
 * @returns a copy, of `data.length`
 */
export function float64Values(data: Data): Float64Array {
  const { type, length } = data;
  if (DataType.isDecimal(type)) return decimals((data as Data<Decimal>).values, length, type);
  const values = data.values as Int32Array | BigInt64Array | BigUint64Array;
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) return longs(values, length);
  const rows = values.subarray(0, length); // builders and readers leave more behind the last row
  const isHalf = DataType.isFloat(type) && type.precision === Precision.HALF;
  return isHalf ? Float64Array.from(rows, fromHalf) : new Float64Array(rows);
}

/** Both products are exact, so the sum rounds once; five times as fast as `Number(bigint)`. */
function longs(values: BigInt64Array | BigUint64Array, length: number): Float64Array {
  const low = new Uint32Array(values.buffer, values.byteOffset, 2 * length);
  const high = values instanceof BigInt64Array ? new Int32Array(low.buffer, low.byteOffset, 2 * length) : low;
  const out = new Float64Array(length);
  for (let i = 0; i < length; i++) out[i] = high[2 * i + 1]! * 2 ** 32 + low[2 * i]!;
  return out;
}

/**
 * Unscaled integers in two's complement, `bitWidth / 32` words each, times 10^−scale.
 *
 * An integer below 2^53 and a power of ten up to 10^22 are exact, so their quotient rounds once; any other goes by its digits.
 */
function decimals(words: Uint32Array, length: number, { scale, bitWidth }: Decimal): Float64Array {
  const stride = bitWidth / 32;
  const power = Number(`1e${Math.abs(scale)}`);
  const out = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const small = Math.abs(scale) <= 22 ? smallInteger(words, i * stride, stride) : NaN;
    if (Number.isNaN(small)) out[i] = Number(`${integer(words.subarray(i * stride, (i + 1) * stride))}e${-scale}`);
    else out[i] = scale < 0 ? small * power : small / power;
  }
  return out;
}

/** The integer in words at … at + stride − 1 if it is below 2^53, or NaN. */
function smallInteger(words: Uint32Array, at: number, stride: number): number {
  const sign = words[at + stride - 1]! >> 31;
  for (let k = at + 2; k < at + stride; k++) if ((words[k]! | 0) !== sign) return NaN;
  const high = stride === 1 ? sign : words[at + 1]! | 0;
  if (high >> 31 !== sign) return NaN; // the words above are no sign extension of this one
  const value = high * 2 ** 32 + words[at]!;
  return Number.isSafeInteger(value) ? value : NaN;
}

function integer(words: Uint32Array): bigint {
  const value = words.reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n);
  return BigInt.asIntN(32 * words.length, value);
}
