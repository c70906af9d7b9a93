import { shown, SmoothingError } from '../errors.js';
import type { Snapshot } from '../types.js';
import { packed } from './packed.js';
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
 * A snapshot as bytes, for a file, a database or another worker; `fromBytes` is its inverse.
 *
 * Format: a versioned prefix with length and CRC-32, a JSON header, the arrays as they lie in memory. All values are kept bit
 * for bit: NaN, infinities and −0 among the scalars too.
 *
 * @param snapshot - of an `Ema` or a `ModelEma`
 * @returns a copy
 * @throws SmoothingError `SNAPSHOT_VERSION` if the snapshot is of another version, `SNAPSHOT_CORRUPT` if it is not a snapshot
 *   or holds what a snapshot may not
 * @example
 * ```ts
 * import { Ema, fromBytes, toBytes } from 'rx-ema';
 * const ema = new Ema({ alpha: 0.5 });
 * ema.update(1);
 * const bytes = toBytes(ema.snapshot());
 * const resumed = new Ema({ alpha: 0.5 }, fromBytes(bytes));
 * console.log(resumed.update(4) === ema.update(4), resumed.get());
 * // => true 3
 * ```
 * @see `encodeSafetensors`, for averaged weights that other programs shall read
 */
export function toBytes(snapshot: Snapshot): Uint8Array<ArrayBuffer> {
  check(snapshot);
  const arrays: ArrayEntry[] = [];
  let offset = 0;
  for (const [name, array] of Object.entries(snapshot.shadows)) {
    const dtype = array[Symbol.toStringTag];
    arrays.push({ name, dtype, length: array.length, offset });
    offset += aligned(array.byteLength);
  }
  const scalars = Object.fromEntries(Object.entries(snapshot.scalars).map(([name, value]) => [name, packed(value)]));
  const header: Header = { version: 1, plan: snapshot.plan, scalars, arrays };
  const json = new TextEncoder().encode(JSON.stringify(header));
  const payload = PREFIX + aligned(json.byteLength);

  const bytes = new Uint8Array(payload + offset);
  bytes.fill(0x20, PREFIX, payload);
  bytes.set(json, PREFIX);
  for (const entry of arrays) {
    const { buffer, byteOffset, byteLength } = snapshot.shadows[entry.name]!;
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), payload + entry.offset);
  }
  bytes.set(MAGIC);
  const view = new DataView(bytes.buffer);
  view.setUint16(6, FORMAT, true);
  view.setBigUint64(8, BigInt(bytes.byteLength), true);
  view.setUint32(20, payload - PREFIX, true);
  view.setUint32(16, checksum(bytes), true);
  return bytes;
}

function check(snapshot: Snapshot): void {
  if (!isObject(snapshot)) throw corrupt(`a version, a plan, scalars and shadows, got ${shown(snapshot)}`);
  if (snapshot.version !== 1) {
    throw new SmoothingError('SNAPSHOT_VERSION', `the snapshot must be of version 1, got ${shown(snapshot.version)}`);
  }
  const { plan, scalars, shadows } = snapshot;
  if (typeof plan !== 'string') throw corrupt(`a plan that is text, got ${shown(plan)}`);
  if (!isObject(scalars)) throw corrupt(`scalars by name, got ${shown(scalars)}`);
  if (!isObject(shadows)) throw corrupt(`shadows by name, got ${shown(shadows)}`);
  for (const [name, value] of Object.entries<unknown>(scalars)) {
    if (typeof value !== 'number' && typeof value !== 'string') {
      throw corrupt(`scalars that are numbers or strings, got ${shown(value)} for '${name}'`);
    }
  }
  for (const [name, value] of Object.entries<unknown>(shadows)) {
    if (!ArrayBuffer.isView(value) || !arrayTypes.has(Reflect.get(value, Symbol.toStringTag))) {
      throw corrupt(`shadows that are typed arrays, got ${shown(value)} for '${name}'`);
    }
  }
}
