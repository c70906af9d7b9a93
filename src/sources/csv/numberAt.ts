import { POWERS } from './powers.js';
import { wideNumber } from './wideNumber.js';

const ZERO = 0x30;
const POINT = 0x2e;
const PLUS = 0x2b;
const MINUS = 0x2d;
const SMALL_E = 0x65;
const BLANK = 0x20;
const TAB = 0x09;

const ascii = new TextDecoder('latin1');

/**
 * The double nearest to a decimal number, ties to even, as `Number` has it; NaN if something else stands there.
 *
 * An integer below 2^53 and a power of ten up to 10^22 are exact, so that their product or quotient rounds once (Clinger's fast
 * path); more digits go by {@link wideNumber}, and what is left by its text. Blanks around it don't count. Zeros in front of other digits make it no number, but an
 * id: `007`.
 */
export function numberAt(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  let to = end;
  while (at < to && (bytes[at] === BLANK || bytes[at] === TAB)) at++;
  while (to > at && (bytes[to - 1] === BLANK || bytes[to - 1] === TAB)) to--;
  const from = at;
  const sign = bytes[at]!;
  if (sign === MINUS || sign === PLUS) at++;
  const first = at;
  let digits = 0; // all of them as an integer, exact below 2^53
  let digit = 0;
  while (at < to && (digit = bytes[at]! - ZERO) >= 0 && digit <= 9) {
    digits = digits * 10 + digit;
    at++;
  }
  let count = at - first;
  if (count > 1 && bytes[first] === ZERO) return NaN;
  let power = 0;
  if (at < to && bytes[at] === POINT) {
    const point = ++at;
    while (at < to && (digit = bytes[at]! - ZERO) >= 0 && digit <= 9) {
      digits = digits * 10 + digit;
      at++;
    }
    power = point - at;
    count -= power;
  }
  if (count === 0) return NaN;
  const last = at;
  if (at < to) {
    const exponent = exponentAt(bytes, at, to);
    if (exponent !== exponent) return NaN;
    power += exponent;
  }
  if (digits < 2 ** 53 && power >= -22 && power <= 22) {
    const value = power < 0 ? digits / POWERS[-power]! : digits * POWERS[power]!;
    return sign === MINUS ? -value : value;
  }
  if (power >= -22 && power <= 0) {
    const value = wideNumber(bytes, first, last, power);
    if (value === value) return sign === MINUS ? -value : value;
  }
  return Number(ascii.decode(bytes.subarray(from, to)));
}

/** What stands behind the digits, as an exponent: `e-5`; NaN if it is none. */
function exponentAt(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  if ((bytes[at++]! | BLANK) !== SMALL_E) return NaN;
  const sign = bytes[at];
  if (sign === MINUS || sign === PLUS) at++;
  if (at === end) return NaN;
  let exponent = 0;
  for (; at < end; at++) {
    const digit = bytes[at]! - ZERO;
    if (!(digit >= 0 && digit <= 9)) return NaN;
    exponent = exponent * 10 + digit;
  }
  return sign === MINUS ? -exponent : exponent;
}
