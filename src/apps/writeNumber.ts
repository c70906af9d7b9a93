import { lowPart } from '../sources/csv/lowPart.js';
import { POWERS } from '../sources/csv/powers.js';

const ZERO = 0x30;
const POINT = 0x2e;
const MINUS = 0x2d;
/** The digits of a double are 17 at most: nine of them in one integer, and eight in another, below this. */
const LOW = 1e8;
/** What the roundings here may come to, and far more: closer calls are left to `String`. */
const DOUBT = 1e-6;

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
/** Where the word of the exponent is. */
const UPPER = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 1 : 0;
/** By the exponent's bits: half of the gap to the next double, and the power of ten below. */
const HALF_GAPS = Float64Array.from({ length: 2048 }, (_, exponent) => 2 ** (exponent - 1076));
const TENS = Int32Array.from({ length: 2048 }, (_, exponent) => Math.floor(Math.log10(2 ** (exponent - 1023)) + 1e-9));

/** The digits of 0 to 99, two by two. */
const PAIRS = Uint8Array.from({ length: 200 }, (_, i) => ZERO + (i % 2 === 0 ? Math.floor(i / 20) : (i >> 1) % 10));

/**
 * Writes a number as `String` spells it, in the fewest digits that read as that very double, in half the time.
 *
 * Scaled to 17 digits, exactly, as a sum of two doubles: the shortest is the multiple of 100, else of 10, else the integer
 * nearest to it that lies closer than half the gap to the next double. From 2^−19 to 10^15; any other number, and what is too
 * close to call, goes by `String`.
 *
 * @returns where it has come to
 */
export function writeNumber(value: number, out: Uint8Array, start: number): number {
  const size = Math.abs(value);
  if (!(size >= 2 ** -19 && size < 1e15)) return writeText(String(value), out, start);
  double[0] = size;
  const word = words[UPPER]!;
  const exponent = word >>> 20;
  if ((word & 0xfffff) === 0 && words[1 - UPPER] === 0) return writeText(String(value), out, start); // the gap below is half as wide
  let ten = TENS[exponent]!;
  let scale = POWERS[16 - ten]!;
  let high = size * scale;
  if (high >= 1e17) high = size * (scale = POWERS[16 - ++ten]!);
  const half = HALF_GAPS[exponent]! * scale;

  let front = Math.floor(high / LOW);
  const low = high - front * LOW + lowPart(size, scale, high); // front · 10^8 is exact, as is what it leaves
  let back = shortest(low, half);
  if (back !== back) return writeText(String(value), out, start);
  if (back < 0) {
    front--;
    back += LOW;
  } else if (back >= LOW) {
    front++;
    back -= LOW;
  }
  if (!(front >= 1e8 && front < 1e9)) return writeText(String(value), out, start);
  let at = start;
  if (value < 0) out[at++] = MINUS;
  return writeDigits(front, back, ten, out, at);
}

/** The roundest integer closer than `half`, the nearest of those as round; NaN if that is too close to call. */
function shortest(value: number, half: number): number {
  const hundreds = Math.round(value / 100) * 100;
  const off = Math.abs(hundreds - value);
  if (off < half - DOUBT) return hundreds;
  if (off < half + DOUBT) return NaN;
  const tens = Math.round(value / 10) * 10;
  const offTens = Math.abs(tens - value);
  if (offTens < half - DOUBT) return offTens < 5 - DOUBT ? tens : NaN;
  if (offTens < half + DOUBT) return NaN;
  const ones = Math.round(value);
  return Math.abs(ones - value) < 0.5 - DOUBT ? ones : NaN;
}

/** The digits without the zeros behind them; the point stands behind the first `ten + 1`. */
function writeDigits(front: number, back: number, ten: number, out: Uint8Array, start: number): number {
  let at = start;
  if (ten < 0) {
    out[at++] = ZERO;
    out[at++] = POINT;
    for (let i = -1; i > ten; i--) out[at++] = ZERO;
  }
  const first = ten < 0 ? at : at + 1; // leaves room for the point, before which the whole digits move
  out[first] = ZERO + writePairs(front, out, first + 1);
  writePairs(back, out, first + 9);
  let end = first + 17;
  while (out[end - 1] === ZERO) end--;
  if (ten < 0) return end;
  for (let i = 0; i <= ten; i++) out[at + i] = out[first + i]!;
  const point = first + ten;
  if (end <= point + 1) return point;
  out[point] = POINT;
  return end;
}

/** The last eight digits of an integer. Returns what is before them. */
function writePairs(integer: number, out: Uint8Array, at: number): number {
  let rest = integer | 0;
  for (let i = 6; i >= 0; i -= 2) {
    const next = (rest / 100) | 0;
    const pair = 2 * (rest - 100 * next);
    out[at + i] = PAIRS[pair]!;
    out[at + i + 1] = PAIRS[pair + 1]!;
    rest = next;
  }
  return rest;
}

function writeText(text: string, out: Uint8Array, start: number): number {
  let at = start;
  for (let i = 0; i < text.length; i++) out[at++] = text.charCodeAt(i);
  return at;
}
