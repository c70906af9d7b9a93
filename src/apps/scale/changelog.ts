import { SmoothingError } from '../../errors.js';
import type { Key } from '../../types.js';

/*
 * A partition of the changelog is a snapshot in pieces. Under HEAD_KEY it has `toBytes` of the state without its keys: the
 * options, the kind of values, the columns. Under the key of each message it has what is kept of it: the next offset of
 * the input, and the doubles of keyRow.ts, all little-endian. A message without a key counts as NULL_KEY.
 */
export const HEAD_KEY: Buffer = Buffer.from('\0rx-ema');
const NULL_KEY = Buffer.from('\0rx-ema:null');

/** A row of the changelog; null: the key is gone. */
export interface Row {
  readonly key: Buffer;
  readonly value: Buffer | null;
}

/** A message's key, as a state has it: a character for each byte, so that no two keys are one. */
export function keyOf(key: Buffer | null): Key {
  if (key === null) return null;
  const text = key.toString('latin1');
  if (text.startsWith('\0rx-ema')) {
    throw new SmoothingError(
      'KEY_KIND',
      `a message's key must not begin with '\\0rx-ema', which the changelog needs, got ${JSON.stringify(text)}`,
    );
  }
  return text;
}

/** The key of a row. */
export function keyTextOf(key: Buffer): Key {
  return key.equals(NULL_KEY) ? null : key.toString('latin1');
}

/** A key as text: UTF-8; where it is none, its bytes beyond ASCII are escaped. */
export function readable(key: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(key, 'latin1'));
  } catch {
    return key.replaceAll(/[\u0080-\u00ff]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16)}`);
  }
}

export function rowBytes(key: Key, next: number, row: Float64Array | undefined): Row {
  const bytes = key === null ? NULL_KEY : Buffer.from(key as string, 'latin1');
  if (row === undefined) return { key: bytes, value: null };
  const value = Buffer.allocUnsafe(8 * (1 + row.length)); // of a pool, where an array of doubles has memory of its own
  let at = value.writeDoubleLE(next);
  for (const double of row) at = value.writeDoubleLE(double, at);
  return { key: bytes, value };
}

export function rowOf(value: Buffer): { next: number; row: Float64Array } {
  if (value.length < 8 || value.length % 8 !== 0) throw damaged(`${value.length} bytes`);
  const next = value.readDoubleLE();
  if (!(Number.isSafeInteger(next) && next >= 0)) throw damaged(`${next} for an offset`);
  const row = new Float64Array(value.length / 8 - 1);
  for (let i = 0; i < row.length; i++) row[i] = value.readDoubleLE(8 * (i + 1));
  return { next, row };
}

function damaged(got: string): SmoothingError {
  return new SmoothingError('SNAPSHOT_CORRUPT', `a row of the changelog must be an offset and doubles, got ${got}`);
}
