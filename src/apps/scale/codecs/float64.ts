import { shown, SmoothingError } from '../../../errors.js';
import { choice, read } from '../../../options.js';
import type { Codec } from '../codec.js';

/** Options of {@link float64}. */
export interface Float64Options {
  /** The byte of the sign comes first, as Java's `DoubleSerializer` writes it. @default false */
  readonly bigEndian?: boolean;
}

const BYTES = 8;

/**
 * Numbers as they lie in memory: the 8 bytes of a double (IEEE 754 binary64) for each message, little-endian unless
 * something else is said. NaN is a missing value.
 *
 * @returns a codec, for any number of topics. `decode` throws a SmoothingError `VALUE_KIND` for any other number of bytes,
 *   `encode` for what is no number
 * @throws SmoothingError `OPTION_UNKNOWN`, `OPTION_VALUE`
 * @example
 * ```ts
 * import { float64 } from 'rx-ema/kafka';
 * const value = Buffer.from('000000000000f83f', 'hex');
 * const codec = float64();
 * console.log(codec.decode(value), Buffer.from(codec.encode(-2, value)).toString('hex'));
 * // => 1.5 00000000000000c0
 * ```
 * @see `jsonRecords` and `arrowBatches`, the other codecs
 */
export function float64(options: Float64Options = {}): Codec<number> {
  const bigEndian = choice(read(options, ['bigEndian']), 'bigEndian', [true, false]) ?? false;
  return {
    decode(value) {
      if (value.length === BYTES) return bigEndian ? value.readDoubleBE() : value.readDoubleLE();
      throw new SmoothingError(
        'VALUE_KIND',
        `the value of a message must be a double of ${BYTES} bytes, got ${value.length} bytes`,
      );
    },
    encode(smoothed: unknown) {
      if (typeof smoothed !== 'number') {
        throw new SmoothingError('VALUE_KIND', `what comes out must be a number, got ${shown(smoothed)}`);
      }
      const value = Buffer.allocUnsafe(BYTES);
      if (bigEndian) value.writeDoubleBE(smoothed);
      else value.writeDoubleLE(smoothed);
      return value;
    },
  };
}
