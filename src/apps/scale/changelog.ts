import { SmoothingError } from '../../errors.js';
import type { Key } from '../../types.js';
import { withRoom } from './withRoom.js';

/*
 * A partition of the changelog is a snapshot in pieces. Under HEAD_KEY it has `toBytes` of the state without its keys: the
 * options, the kind of values, the columns. Under `rows-1`, `rows-2`, … it has bundles: rows of many keys, as a message of
 * its own for each would cost more than what is computed. Of a key, what the latest bundle says holds; which bundles there
 * are, bundles.ts decides.
 *
 * A bundle, all little-endian: the next offset of the input as a double; then, for each key, the length of its bytes and the
 * number of its doubles as 32-bit integers, its bytes, and the doubles of keyRow.ts. A key that is gone has no doubles. The
 * length of NO_KEY stands for messages without a key.
 */
export const HEAD_KEY: Buffer = Buffer.from('head');
const BUNDLE = 'rows-';
const NO_KEY = 2 ** 32 - 1;

/** A message of the changelog; null: what was under its key no longer counts. */
export interface ChangelogMessage {
  readonly key: Buffer;
  readonly value: Buffer | null;
}

/** A message's key, as a state has it: a character for each byte, so that no two keys are one. */
export function keyOf(key: Buffer | null): Key {
  return key === null ? null : key.toString('latin1');
}

/** A key as text: UTF-8; where it is none, its bytes beyond ASCII are escaped. */
export function readable(key: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(key, 'latin1'));
  } catch {
    return key.replaceAll(/[\u0080-\u00ff]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16)}`);
  }
}

/** The key of a bundle. */
export function bundleKey(number: number): Buffer {
  return Buffer.from(BUNDLE + number);
}

/** The number of a bundle, by its key. */
export function bundleNumber(key: Buffer): number {
  const text = key.toString('latin1');
  const number = Number(text.slice(BUNDLE.length));
  if (!text.startsWith(BUNDLE) || !(Number.isSafeInteger(number) && number > 0)) {
    throw damaged(`a message under ${JSON.stringify(text.slice(0, 40))}`);
  }
  return number;
}

/** How many bytes of a bundle a row takes. */
export const bytesOf = (key: Key, row: Float64Array | undefined): number =>
  8 + ((key as string | null)?.length ?? 0) + 8 * (row?.length ?? 0);

/** Rows on their way into a bundle. */
export class BundleWriter {
  #bytes: Buffer = Buffer.allocUnsafe(1024);
  #at = 8;

  /** How long the bundle is by now. */
  get bytes(): number {
    return this.#at;
  }

  /** @param row - undefined: the key is gone */
  add(key: Key, row: Float64Array | undefined): void {
    const text = (key ?? '') as string;
    const bytes = (this.#bytes = withRoom(this.#bytes, this.#at, bytesOf(key, row)));
    let at = bytes.writeUInt32LE(key === null ? NO_KEY : text.length, this.#at);
    at = bytes.writeUInt32LE(row?.length ?? 0, at);
    at += bytes.write(text, at, 'latin1');
    if (row !== undefined) for (let i = 0; i < row.length; i++) at = bytes.writeDoubleLE(row[i]!, at);
    this.#at = at;
  }

  /** The bundle, in memory of its own; the next one is empty. @param next - the offset of the input behind it */
  finish(next: number): Buffer {
    this.#bytes.writeDoubleLE(next);
    const bundle = Buffer.from(this.#bytes.subarray(0, this.#at));
    this.#at = 8;
    return bundle;
  }
}

/** The next offset of the input, as a bundle has it. */
export function nextOffset(bundle: Buffer): number {
  const next = bundle.length < 8 ? NaN : bundle.readDoubleLE();
  if (!(Number.isSafeInteger(next) && next >= 0)) throw damaged(`${next} for an offset`);
  return next;
}

/**
 * Reads a bundle.
 *
 * @param take - is given each key, and its row, which is its own only until it returns; null: the key is gone
 */
export function readBundle(bundle: Buffer, take: (key: Key, row: Float64Array | null) => void): void {
  let row = new Float64Array(0);
  for (let at = 8; at < bundle.length;) {
    if (at + 8 > bundle.length) throw damaged('half a row');
    const length = bundle.readUInt32LE(at);
    const doubles = bundle.readUInt32LE(at + 4);
    const from = at + 8;
    const to = length === NO_KEY ? from : from + length;
    at = to + 8 * doubles;
    if (at > bundle.length) throw damaged('half a row');
    if (doubles !== row.length) row = new Float64Array(doubles);
    for (let i = 0; i < doubles; i++) row[i] = bundle.readDoubleLE(to + 8 * i);
    take(length === NO_KEY ? null : bundle.toString('latin1', from, to), doubles === 0 ? null : row);
  }
}

function damaged(got: string): SmoothingError {
  return new SmoothingError('SNAPSHOT_CORRUPT', `the changelog must have a head and bundles of rows, got ${got}`);
}
