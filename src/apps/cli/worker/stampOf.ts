import { dateNumber, MICROSECONDS } from '../smooth/dateNumber.js';
import type { RecordTime } from './workerFlags.js';

/** Reads when a record was measured. ms since 1970; NaN if it does not say. */
export function stampOf(field: string, kind: RecordTime): (record: Readonly<Record<string, unknown>>) => number {
  if (kind === 'date') {
    return ({ [field]: text }) => (typeof text === 'string' ? dateNumber(text.trim(), 'ms') : NaN);
  }
  const ms = MICROSECONDS[kind] / MICROSECONDS.ms;
  return ({ [field]: value }) => (typeof value === 'number' ? value * ms : NaN);
}
