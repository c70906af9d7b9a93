import { planOf, type DecaySchedule } from '../decay/schedule.js';
import { CLOCK_WAYS, WAYS } from '../decay/rates.js';
import type { Given } from '../options.js';

/**
 * The options that decide what a state means, as canonical text: the way to forget, and those in `defaults`. The
 * package's schedules are noted with their parameters, other functions as `custom`, a start value that is not a number
 * as `given`.
 */
export function planText(options: object, defaults: Given): string {
  const given = options as Given;
  const names = [
    ...Object.keys({ ...WAYS, ...CLOCK_WAYS }).filter((way) => given[way] !== undefined),
    ...Object.keys(defaults),
  ];
  return JSON.stringify(Object.fromEntries(names.map((name) => [name, noted(given[name] ?? defaults[name])])));
}

function noted(value: unknown): unknown {
  if (typeof value === 'function') return planOf(value as DecaySchedule);
  if (typeof value !== 'object' || value === null || !('value' in value)) return value;
  return typeof value.value === 'number' ? value : { value: 'given' };
}
