import type { Codec } from '../codec.js';

/** Records in JSON. */
export function jsonRecords<T extends object>(): Codec<T> {
  return {
    decode: (value) => JSON.parse(value.toString('utf8')) as T,
    encode: (smoothed) => Buffer.from(JSON.stringify(smoothed)),
  };
}
