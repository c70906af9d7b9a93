import { Float64, makeData, TimestampMicrosecond, Utf8, type Data } from 'apache-arrow';

import { MICROSECONDS } from './dateNumber.js';
import type { TimeUnit } from './smoothFlags.js';

/** Numbers of which some are not there, as they are found. */
export class NumberColumn {
  readonly values: Float64Array;
  #valid: Uint8Array | null = null;
  #nulls = 0;

  constructor(rows: number) {
    this.values = new Float64Array(rows);
  }

  /** Row by row, after those before it. */
  setNull(row: number): void {
    this.#valid ??= new Uint8Array(((this.values.length + 63) >> 6) << 3).fill(0xff);
    this.#valid[row >> 3]! &= ~(1 << (row & 7));
    this.#nulls++;
  }

  data(): Data<Float64> {
    const type = new Float64();
    const { values, length } = { values: this.values, length: this.values.length };
    if (this.#valid === null) return makeData({ type, length, data: values });
    return makeData({ type, length, nullCount: this.#nulls, nullBitmap: this.#valid, data: values });
  }
}

/** Text of which some is not there. */
export function textData(texts: readonly (string | null)[]): Data<Utf8> {
  const encoded = texts.map((text) => (text === null ? null : Buffer.from(text)));
  const valueOffsets = new Int32Array(texts.length + 1);
  const nullBitmap = new Uint8Array((texts.length + 7) >> 3);
  let nullCount = 0;
  encoded.forEach((bytes, row) => {
    valueOffsets[row + 1] = valueOffsets[row]! + (bytes?.length ?? 0);
    if (bytes === null) nullCount++;
    else nullBitmap[row >> 3]! |= 1 << (row & 7);
  });
  const data = Buffer.concat(encoded.filter((bytes) => bytes !== null));
  return makeData({ type: new Utf8(), length: texts.length, nullCount, nullBitmap, valueOffsets, data });
}

/** Numbers of a unit as timestamps, to the microsecond: what a double of seconds since 1970 is good for. */
export function stampData(numbers: Float64Array, unit: TimeUnit): Data<TimestampMicrosecond> {
  const words = new Int32Array(2 * numbers.length);
  const factor = MICROSECONDS[unit];
  for (let row = 0; row < numbers.length; row++) {
    const stamp = Math.round(numbers[row]! * factor);
    words[2 * row] = (stamp % 2 ** 32) | 0;
    words[2 * row + 1] = Math.floor(stamp / 2 ** 32);
  }
  const data = new BigInt64Array(words.buffer);
  return makeData({ type: new TimestampMicrosecond(), length: numbers.length, data });
}
