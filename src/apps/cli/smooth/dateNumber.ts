import type { TimeUnit } from './smoothFlags.js';

/** In one of a unit. */
export const MICROSECONDS: Readonly<Record<TimeUnit, number>> = { s: 1e6, ms: 1e3, us: 1, ns: 1e-3 };

/** A date as a number of a unit; NaN if it is none. One without a zone is in UTC. */
export function dateNumber(text: string, unit: TimeUnit): number {
  const isBare = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)?$/.test(text);
  return (
    (Date.parse(isBare && text.length > 10 ? `${text.replace(' ', 'T').replace(',', '.')}Z` : text) * 1e3) /
    MICROSECONDS[unit]
  );
}
