/** Smallest absolute value of a number in each unit: seconds since 1973 and before 5138, and their thousandths below. */
const UNITS: readonly (readonly [least: number, perMs: number])[] = [
  [1e17, 1e6],
  [1e14, 1e3],
  [1e11, 1],
  [1e8, 1e-3],
];

/**
 * The time that a cell says, in ms since the Unix epoch.
 *
 * A number is taken for s, ms, µs or ns by its size, which is right from 1973 to 5138; a smaller one is time since some start,
 * and says nothing of when. Text is a date as `Date.parse` reads it: ISO 8601, also with a blank for its `T`; without a
 * zone a date with a time is local, and a date alone UTC.
 *
 * @returns NaN if it says none
 */
export function wallMs(value: unknown): number {
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'bigint') return wallMs(Number(value));
  if (typeof value === 'string') return Date.parse(value);
  if (typeof value !== 'number') return NaN;
  const unit = UNITS.find(([least]) => Math.abs(value) >= least);
  return unit === undefined ? NaN : value / unit[1];
}
