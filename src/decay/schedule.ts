import { SmoothingError } from '../errors.js';

/**
 * A decay per step: `step` counts values from 1. The result is in [0, 1]; 1 freezes the average at that step;
 * while nothing has come in yet there is nothing to freeze, and what comes out is NaN.
 *
 * Results outside the range end the stream with `SCHEDULE_RANGE`.
 */
export type DecaySchedule = (at: { readonly step: number }) => number;

/** What every schedule of the package takes beside its own parameters. */
export interface Bounds {
  /** Lower limit of the decay, in [0, 1]. @default 0 */
  min?: number;
  /** Upper limit of the decay, in [0, 1]. @default 1 */
  max?: number;
  /** Steps before which the decay is 0, so that the average copies; the schedule counts from there. @default 0 */
  startAfter?: number;
}

const PLAN = Symbol.for('rx-ema/plan');

/** What a snapshot notes of a schedule: name and parameters for the package's own, `custom` for the user's. */
export function planOf(schedule: DecaySchedule): string {
  return (schedule as { [PLAN]?: string })[PLAN] ?? 'custom';
}

/** Checks a copy of the parameters of one of the package's schedules and wraps its formula of them in the bounds. */
export function schedule<P extends Bounds>(
  name: string,
  parameters: P,
  limits: { readonly [K in Exclude<keyof P, keyof Bounds>]-?: (value: number) => string | null },
  formula: (step: number, own: P) => number,
): DecaySchedule {
  if (typeof parameters !== 'object' || parameters === null) {
    throw new SmoothingError('OPTION_VALUE', `${name} must get its parameters as an object, got ${String(parameters)}`);
  }
  const checks: Record<string, (value: number) => string | null> = { ...limits, ...BOUNDS };
  for (const key of Object.keys(parameters)) {
    if (!Object.hasOwn(checks, key)) {
      throw new SmoothingError('OPTION_UNKNOWN', `${name} must get ${Object.keys(checks).join(', ')}, got ${key}`);
    }
  }
  const own = { ...parameters };
  const { min = 0, max = 1, startAfter = 0 } = own;
  const all = { ...own, min, max, startAfter } as unknown as Readonly<Record<string, unknown>>;
  for (const [key, check] of Object.entries(checks)) {
    const must = typeof all[key] === 'number' ? check(all[key]) : 'be a number';
    if (must !== null) {
      throw new SmoothingError('DECAY_RANGE', `${key} of ${name} must ${must}, got ${String(all[key])}`);
    }
  }
  if (min > max) throw new SmoothingError('DECAY_RANGE', `min of ${name} must be <= max (${max}), got ${min}`);
  const at: DecaySchedule = ({ step }) =>
    step <= startAfter && startAfter > 0 ? 0 : Math.min(max, Math.max(min, formula(step - startAfter, own)));
  return Object.assign(at, { [PLAN]: `${name}(${JSON.stringify(all, Object.keys(checks).sort())})` });
}

/** Limits that schedules share: null if kept, else what the parameter must do. */
export const within01 = (value: number): string | null => (value >= 0 && value <= 1 ? null : 'be in [0, 1]');
export const positive = (value: number): string | null =>
  value > 0 && value < Infinity ? null : 'be > 0 steps and finite';
const count = (value: number): string | null =>
  Number.isSafeInteger(value) && value >= 0 ? null : 'be an integer >= 0';
const BOUNDS = { min: within01, max: within01, startAfter: count };
