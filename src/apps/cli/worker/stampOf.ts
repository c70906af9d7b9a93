import { dateNumber, MICROSECONDS } from '../smooth/dateNumber.js';
import type { TimeUnit } from '../smooth/smoothFlags.js';

/** Reads when a record was measured: a number of a unit, or a date as text. ms since 1970; NaN if it says neither. */
export function stampOf(field: string, unit: TimeUnit): (record: Readonly<Record<string, unknown>>) => number {
  const ms = MICROSECONDS[unit] / MICROSECONDS.ms;
  return (record) => {
    const value = record[field];
    if (typeof value === 'number') return value * ms;
    return typeof value === 'string' ? dateNumber(value.trim(), 'ms') : NaN;
  };
}
