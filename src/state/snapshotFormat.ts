import { SmoothingError } from '../errors.js';
import type { SavedArray } from '../types.js';
import { crc32 } from './crc32.js';

/*
 * The bytes, numbers little-endian:
 *
 *   0  'rx-ema'
 *   6  u16  version of this format
 *   8  u64  length of all bytes
 *  16  u32  CRC-32 of all bytes but these four
 *  20  u32  length of the header
 *  24  header: JSON, then spaces up to a multiple of 8
 *      payload: the arrays in the header's order, each begins at a multiple of 8
 *
 * Every later version keeps the first 20 bytes as they are, so that an old package tells "of another version" from "broken".
 */
export const MAGIC: Uint8Array = new TextEncoder().encode('rx-ema');
export const FORMAT: number = 1;
export const PREFIX: number = 24;

export interface Header {
  readonly version: unknown;
  readonly plan: unknown;
  readonly scalars: unknown;
  readonly arrays: unknown;
}

export interface ArrayEntry {
  readonly name: string;
  readonly dtype: string;
  readonly length: number;
  /** Bytes from the begin of the payload. */
  readonly offset: number;
}

/** The arrays that a snapshot may hold, by name. */
export const arrayTypes: ReadonlyMap<unknown, { BYTES_PER_ELEMENT: number; new (memory: ArrayBuffer): SavedArray }> =
  new Map(
    [
      Float32Array,
      Float64Array,
      Int8Array,
      Uint8Array,
      Uint8ClampedArray,
      Int16Array,
      Uint16Array,
      Int32Array,
      Uint32Array,
      BigInt64Array,
      BigUint64Array,
    ].map((type) => [type.name, type]),
  );

/** The sum of all bytes but its own four. */
export function checksum(bytes: Uint8Array): number {
  return crc32(bytes.subarray(20), crc32(bytes.subarray(0, 16)));
}

export function aligned(length: number): number {
  return Math.ceil(length / 8) * 8;
}

export function corrupt(need: string): SmoothingError {
  return new SmoothingError('SNAPSHOT_CORRUPT', `a snapshot must have ${need}`);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
