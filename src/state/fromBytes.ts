import { shown, SmoothingError } from '../errors.js';
import type { SavedArray, Snapshot } from '../types.js';
import { unpacked } from './packed.js';
import {
  aligned,
  arrayTypes,
  checksum,
  corrupt,
  FORMAT,
  isObject,
  MAGIC,
  PREFIX,
  type ArrayEntry,
  type Header,
} from './snapshotFormat.js';

/**
 * The snapshot that `toBytes` wrote.
 *
 * @param bytes - all of them, at any offset in their buffer
 * @returns copies: the arrays own their memory
 * @throws SmoothingError `SNAPSHOT_CORRUPT` if the bytes are cut short, longer or changed anywhere, or are no snapshot;
 *   `SNAPSHOT_VERSION` if the format or the snapshot is of another version
 * @example
 * ```ts
 * import { Ema, fromBytes, SmoothingError, toBytes } from 'rx-ema';
 * const bytes = toBytes(new Ema({ span: 9 }).snapshot());
 * console.log(fromBytes(bytes).version);
 * // => 1
 * try {
 *   fromBytes(bytes.subarray(0, 100));
 * } catch (error) {
 *   if (error instanceof SmoothingError) console.log(error.code);
 *   // => SNAPSHOT_CORRUPT
 * }
 * ```
 */
export function fromBytes(bytes: Uint8Array): Snapshot {
  const header = headerOf(bytes);
  if (header.version !== 1) {
    throw new SmoothingError('SNAPSHOT_VERSION', `the snapshot must be of version 1, got ${shown(header.version)}`);
  }
  const { plan, scalars, arrays } = header;
  if (typeof plan !== 'string') throw corrupt(`a plan that is text, got ${shown(plan)}`);
  if (!isObject(scalars)) throw corrupt(`scalars by name, got ${shown(scalars)}`);
  return {
    version: 1,
    plan,
    scalars: Object.fromEntries(Object.entries(scalars).map(([name, value]) => [name, unpacked(name, value)])),
    shadows: arraysOf(arrays, bytes.subarray(PREFIX + headerLength(bytes))),
  };
}

/** Magic, length, checksum, format, in this order: what is broken is told apart from what is of another version. */
function headerOf(bytes: Uint8Array): Header {
  if (!(bytes instanceof Uint8Array)) throw corrupt(`bytes in a Uint8Array, got ${shown(bytes)}`);
  const { byteLength: length } = bytes;
  if (length < PREFIX) throw corrupt(`at least ${PREFIX} bytes, got ${length}`);
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) throw corrupt(`'rx-ema' as its first bytes, got others`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, PREFIX);
  const whole = view.getBigUint64(8, true);
  if (whole !== BigInt(length)) throw corrupt(`the length that it says, ${whole} bytes, got ${length}`);
  if (view.getUint32(16, true) !== checksum(bytes)) throw corrupt('the bytes that were saved, got changed ones');
  const format = view.getUint16(6, true);
  if (format !== FORMAT) {
    throw new SmoothingError('SNAPSHOT_VERSION', `a snapshot's bytes must be of format ${FORMAT}, got ${format}`);
  }
  try {
    const json = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(PREFIX, PREFIX + headerLength(bytes)));
    const header = JSON.parse(json) as unknown;
    if (isObject(header)) return header as unknown as Header;
  } catch {
    // told below: bytes with a right checksum that toBytes did not write
  }
  throw corrupt('a header in JSON');
}

function headerLength(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, PREFIX).getUint32(20, true);
}

function arraysOf(entries: unknown, payload: Uint8Array): Record<string, SavedArray> {
  if (!Array.isArray(entries)) throw corrupt(`a list of arrays, got ${shown(entries)}`);
  let at = 0;
  const arrays = entries.map((entry: unknown): [string, SavedArray] => {
    const { name, dtype, length, offset } = (isObject(entry) ? entry : {}) as Partial<ArrayEntry>;
    const type = arrayTypes.get(dtype);
    if (typeof name !== 'string' || type === undefined || !isCount(length) || offset !== at) {
      throw corrupt(`arrays with name, dtype, length and offset, got ${JSON.stringify(entry)}`);
    }
    const size = length * type.BYTES_PER_ELEMENT;
    if (offset + size > payload.byteLength) throw corrupt(`all of its arrays, got ${JSON.stringify(entry)} cut short`);
    at += aligned(size);
    const memory = new Uint8Array(size); // of its own, so it is aligned wherever `bytes` begin
    memory.set(payload.subarray(offset, offset + size));
    return [name, new type(memory.buffer)];
  });
  if (at !== payload.byteLength) throw corrupt(`${at} bytes of arrays, got ${payload.byteLength}`);
  return Object.fromEntries(arrays);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
