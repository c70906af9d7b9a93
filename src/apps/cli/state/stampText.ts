import { STAMP_UNITS, type StampUnit } from '../../../state/stampUnit.js';
import { WORD } from '../../../values/arrivals.js';

/** Digits behind those of the milliseconds. */
const MORE_DIGITS: Readonly<Record<StampUnit, number>> = { SECOND: 0, MILLISECOND: 0, MICROSECOND: 3, NANOSECOND: 6 };

/** A stamp of two words as ISO 8601 has it, in UTC, to its last digit; null if nothing has come. */
export function stampText(high: number, low: number, unit: StampUnit): string | null {
  if (Number.isNaN(high)) return null;
  const digits = MORE_DIGITS[unit];
  const [times, per] = STAMP_UNITS[unit];
  if (digits === 0) return dateText((high * WORD + low) * times);
  const units = BigInt(high) * BigInt(WORD) + BigInt(low);
  const rest = ((units % BigInt(per)) + BigInt(per)) % BigInt(per);
  const text = dateText(Number((units - rest) / BigInt(per)));
  return text.replace(/Z$/, `${String(rest).padStart(digits, '0')}Z`);
}

/** As a number of ms if it is no date: a clock may count from anywhere. */
function dateText(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? `${ms} ms` : date.toISOString();
}
