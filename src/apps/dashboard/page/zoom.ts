import type { Range } from './view.js';

const DIGITS = 6;

/** The part of a range between two fractions of it, as it is drawn. */
export function partOf(range: Range, from: number, to: number, log: boolean): Range {
  return [at(range, Math.min(from, to), log), at(range, Math.max(from, to), log)];
}

/** A range that is `factor` times as long, with the same value at one fraction of it. */
export function scaledAt(range: Range, fraction: number, factor: number, log: boolean): Range {
  return partOf(range, fraction - fraction * factor, fraction + (1 - fraction) * factor, log);
}

/** A range moved by a fraction of its length. */
export function moved(range: Range, by: number, log: boolean): Range {
  return partOf(range, by, 1 + by, log);
}

/** The value at a fraction of a range. */
export function at([from, to]: Range, fraction: number, log: boolean): number {
  if (!log) return from + fraction * (to - from);
  return from * (to / from) ** fraction;
}

/** Where a value stands in a range: 0 at its start, 1 at its end. */
export function fractionOf([from, to]: Range, value: number, log: boolean): number {
  return log ? Math.log(value / from) / Math.log(to / from) : (value - from) / (to - from);
}

/** A value of a range in as few digits as a screen can show. */
export function tidy(value: number, [from, to]: Range, log: boolean): number {
  if (log) return Number(value.toPrecision(DIGITS));
  const digits = DIGITS - 1 - Math.floor(Math.log10(to - from));
  return digits > 100 ? value : Number(value.toFixed(Math.max(0, digits)));
}

/** Whether numbers can still tell places of a range apart. */
export function isWide([from, to]: Range): boolean {
  return to - from > Math.max(Math.abs(from), Math.abs(to)) * 1e-12 && Number.isFinite(to - from);
}
