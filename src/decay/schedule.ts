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

/** What a schedule says about itself, beside its decays. */
const PLAN = Symbol.for('rx-ema/plan');
const LN_OVER = Symbol.for('rx-ema/ln-over');

/** ln of the product of the decays of the steps from `after` + 1 up to `upTo`. */
export type LnOver = (after: number, upTo: number) => number;

/** What a snapshot notes of a schedule: name and parameters for the package's own, `custom` for the user's. */
export function planOf(schedule: DecaySchedule): string {
  return (schedule as { [PLAN]?: string })[PLAN] ?? 'custom';
}

/** How a schedule tells the decays of many steps at once; null if it cannot. */
export function lnOverOf(schedule: DecaySchedule): LnOver | null {
  return (schedule as { [LN_OVER]?: LnOver })[LN_OVER] ?? null;
}

/** The schedule with what it says about itself. */
export function described(schedule: DecaySchedule, plan: string, lnOver: LnOver | null = null): DecaySchedule {
  return Object.assign(schedule, { [PLAN]: plan }, lnOver && { [LN_OVER]: lnOver });
}

type Limit = (value: number) => string | null;
type Own<P> = Omit<P, keyof Bounds>;

/** One of the package's schedules, before it has its parameters. */
interface Formula<P extends Bounds> {
  /** Of each parameter: null if the value is in its range, else what it must do. */
  readonly limits: { readonly [K in keyof Own<P>]-?: Limit };
  readonly defaults?: Partial<Own<P>>;
  /** The decay at a step, counted from 1 after `startAfter`. */
  readonly decay: (step: number, own: Required<P>) => number;
  /** The same for many steps at once, where that is known. */
  readonly lnOver?: (after: number, upTo: number, own: Required<P>) => number;
}

/** Checks a copy of the parameters of one of the package's schedules and wraps its formula of them in the bounds. */
export function schedule<P extends Bounds>(name: string, parameters: P, formula: Formula<P>): DecaySchedule {
  if (typeof parameters !== 'object' || parameters === null) {
    throw new SmoothingError('OPTION_VALUE', `${name} must get its parameters as an object, got ${String(parameters)}`);
  }
  const checks: Record<string, Limit> = { ...formula.limits, ...BOUNDS };
  const given = parameters as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(given)) {
    if (!Object.hasOwn(checks, key)) {
      throw new SmoothingError('OPTION_UNKNOWN', `${name} must get ${Object.keys(checks).join(', ')}, got ${key}`);
    }
  }
  const all: Record<string, unknown> = { min: 0, max: 1, startAfter: 0, ...formula.defaults };
  for (const [key, check] of Object.entries(checks)) {
    if (given[key] !== undefined) all[key] = given[key];
    const must = typeof all[key] === 'number' ? check(all[key]) : 'be a number';
    if (must !== null) {
      throw new SmoothingError('DECAY_RANGE', `${key} of ${name} must ${must}, got ${String(all[key])}`);
    }
  }
  const own = all as Required<P>;
  const { min, max, startAfter } = own as Required<Bounds>;
  if (min > max) throw new SmoothingError('DECAY_RANGE', `min of ${name} must be <= max (${max}), got ${min}`);
  const at: DecaySchedule = ({ step }) =>
    step <= startAfter && startAfter > 0 ? 0 : Math.min(max, Math.max(min, formula.decay(step - startAfter, own)));
  const { lnOver } = formula;
  const over: LnOver = (after, upTo) =>
    after < startAfter ? -Infinity : lnOver!(after - startAfter, upTo - startAfter, own);
  const known = lnOver !== undefined && min === 0 && max === 1;
  return described(at, `${name}(${JSON.stringify(all, Object.keys(checks).sort())})`, known ? over : null);
}

/** Limits that schedules share. */
export const within01: Limit = (value) => (value >= 0 && value <= 1 ? null : 'be in [0, 1]');
export const positive: Limit = (value) => (value > 0 && value < Infinity ? null : 'be > 0 and finite');
export const positiveSteps: Limit = (value) => (value > 0 && value < Infinity ? null : 'be > 0 steps and finite');
const count: Limit = (value) => (Number.isSafeInteger(value) && value >= 0 ? null : 'be an integer >= 0');
const BOUNDS = { min: within01, max: within01, startAfter: count };
