import { lowPart } from './lowPart.js';
import { POWERS } from './powers.js';

const ZERO = 0x30;
const POINT = 0x2e;
/** More than what all the roundings here come to, of the quotient's second term. */
const DOUBT = 2 ** -40;

/**
 * The double nearest to `digits · 10^power`, for digits that no double holds: 17 of them are what shortest representations have
 * at most.
 *
 * As a sum of two doubles, which is divided as one; if what is left of doubt lies on both sides of the middle between two doubles,
 * NaN is returned.
 *
 * @param start - of the digits, which may have a point between them, up to `end`
 * @param power - from -22 to 0
 */
export function wideNumber(bytes: Uint8Array, start: number, end: number, power: number): number {
  let head = 0;
  let tail = 0;
  let scale = 1;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === POINT) continue;
    if (head < 1e14) {
      head = head * 10 + (byte - ZERO);
    } else {
      tail = tail * 10 + (byte - ZERO);
      scale *= 10;
    }
  }
  if (scale > 1e6) return NaN;
  const most = head * scale;
  const rest = lowPart(head, scale, most) + tail; // exact: both are integers far below 2^53
  const divisor = POWERS[-power]!;
  const high = most / divisor;
  const product = high * divisor;
  const low = (most - product - lowPart(high, divisor, product) + rest) / divisor;
  const value = high + low * (1 + DOUBT);
  return value === high + low * (1 - DOUBT) ? value : NaN;
}
