import { isUtf8 } from 'node:buffer';

import { shown, SmoothingError } from '../../../errors.js';
import { faultIn } from '../../../sources/faultIn.js';
import { parseJsonLine } from '../../../sources/parseJsonLine.js';
import type { Codec } from '../codec.js';
import { type Fields, JsonSplicer } from './jsonSplicer.js';

/**
 * Records in JSON: an object in UTF-8 text for each message.
 *
 * Only numbers that have changed are written anew, in the fewest digits that read as that very double. All else goes out to
 * the letter: the order of the fields and blanks between them, digits that a double can't hold (ids beyond 2^53), numbers
 * that came out as they went in. What `as`, or a statistic, appends comes behind the other fields. NaN and the infinities
 * are written as null, which in JSON stands for a missing value. A statistic that makes one number of a record (`cov`,
 * `corr`) goes out as that number.
 *
 * @typeParam T - the record; that it has these fields is not checked
 * @returns a codec, for any number of topics. `decode` throws a SmoothingError `VALUE_KIND` for what is not UTF-8, not JSON
 *   (NaN and Infinity, as Python writes them, are not) or no object. `encode` takes what has been smoothed of the record that
 *   `decode` made, and its text
 * @example
 * ```ts
 * import { Ema } from 'rx-ema';
 * import { jsonRecords } from 'rx-ema/kafka';
 * const codec = jsonRecords<{ id: number; celsius: number }>();
 * const ema = new Ema<{ id: number; celsius: number }>({ alpha: 0.5, columns: ['celsius'] });
 * for (const text of ['{"id": 9007199254740993, "celsius": 21}', '{"id": 9007199254740993, "celsius": 24}']) {
 *   const value = Buffer.from(text);
 *   console.log(Buffer.from(codec.encode(ema.update(codec.decode(value)), value)).toString());
 * }
 * // => {"id": 9007199254740993, "celsius": 21}
 * // => {"id": 9007199254740993, "celsius": 23}
 * ```
 * @see `float64` and `arrowBatches`, the other codecs; `fromJsonl`, which reads lines of a file
 */
export function jsonRecords<T extends object = Record<string, unknown>>(): Codec<T, T | number> {
  const splicer = new JsonSplicer();
  /** What was decoded last is what is encoded next. */
  let latest: { readonly value: Uint8Array; readonly record: object } | null = null;
  return {
    decode(value) {
      const record = recordIn(value);
      latest = { value, record: { ...record } }; // as it stands there: the other one is the caller's
      return record as T;
    },
    encode(smoothed, value) {
      if (typeof smoothed === 'number') return Buffer.from(JSON.stringify(smoothed));
      const record = latest?.value === value ? latest.record : recordIn(Buffer.from(value));
      latest = null;
      return splicer.splice(value, record as Fields, smoothed as Fields);
    },
  };
}

function recordIn(value: Buffer): object {
  if (!isUtf8(value)) throw refusal('bytes that are no UTF-8');
  const text = value.toString();
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch {
    throw refusal(whatIn(text));
  }
  if (typeof record === 'object' && record !== null && !Array.isArray(record)) return record;
  throw refusal(Array.isArray(record) ? 'an array' : shown(record).slice(0, SHORT));
}

const SHORT = 40;

/** Of a text that is not JSON. */
function whatIn(text: string): string {
  if (text === '') return 'nothing';
  if (text.includes('\0')) return 'UTF-16 or no text (a zero byte)';
  try {
    parseJsonLine(text);
    return 'NaN or Infinity, where null belongs';
  } catch {
    const { column, got } = faultIn(text);
    return `${got} at character ${column}`;
  }
}

function refusal(got: string): SmoothingError {
  return new SmoothingError('VALUE_KIND', `the value of a message must be a record in JSON, got ${got}`);
}
