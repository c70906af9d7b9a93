import { CLOCK_WAYS, WAYS } from './decay/rates.js';
import { clockLaw } from './kernels/clock.js';
import type { Law } from './kernels/law.js';
import { momentLaw, type Moment, type MomentPlan } from './kernels/moments.js';
import { stepLaw } from './kernels/steps.js';
import {
  bad,
  choice,
  read,
  resolveClock,
  resolveRates,
  resolveWhere,
  SHARED,
  type Clock,
  type ColumnOptions,
  type Missing,
  type No,
  type OneOf,
  type Plan,
  type Steps,
  type Time,
} from './options.js';

/** pandas `Series.ewm`: its names in camelCase, its defaults. */
export type EwmOptions<T> = (
  | (OneOf<Pick<Steps, 'span' | 'com' | 'halfLife'> & { alpha: number }> &
      No<Clock & Time<T>> & {
        /** A missing value is no elapsed step; else the past fades over it. @default false */
        ignoreNa?: boolean;
      })
  | (OneOf<Clock> & No<Steps> & Omit<Time<T>, 'hold'> & { ignoreNa?: never })
) &
  ColumnOptions<T> & {
    /**
     * The value k steps back weighs d^k; else (1 − d)·d^k and the first one the rest, and under a decay per millisecond a
     * value stands for the time since the stamp before (`hold: 'next'`).
     * @default true
     */
    adjust?: boolean;
    /** Values that it takes before anything comes out, an integer >= 0; NaN or null until then. @default 0 */
    minPeriods?: number;
    /** As in `emaScan`. @default 'carry', as pandas: a missing value comes out as what was there before */
    missing?: Missing;
  };
/** Options of `ewm` that fit any stream. */
export type PlainEwmOptions = EwmOptions<unknown> & No<ColumnOptions<unknown>> & { time?: never };

const STEP_WAYS = { alpha: WAYS.alpha, span: WAYS.span, com: WAYS.com, halfLife: WAYS.halfLife };
const WAYS_OF_EWM = { ...STEP_WAYS, ...CLOCK_WAYS };
const OWN = ['adjust', 'ignoreNa', 'minPeriods', 'time', 'clock', 'late'];
const EWM_OPTIONS = [...Object.keys(WAYS_OF_EWM), ...OWN, ...SHARED.filter((name) => name !== 'emit')];

/** User options → a plan for each statistic. Throws whatever can be known now. */
export function resolveEwm(options: unknown, now: () => number): (moment: Moment, bias: boolean) => Plan {
  const given = read(options, EWM_OPTIONS);
  const rates = resolveRates(given, WAYS_OF_EWM, false);
  const missing = choice(given, 'missing', ['skip', 'carry', 'throw', 'propagate']) ?? 'carry';
  const adjust = choice(given, 'adjust', [true, false]) ?? true;
  const ignoreNa = choice(given, 'ignoreNa', [true, false]) ?? false;
  const minPeriods = given['minPeriods'] ?? 0;
  if (!(Number.isSafeInteger(minPeriods) && (minPeriods as number) >= 0)) {
    throw bad('minPeriods', 'be an integer >= 0', minPeriods);
  }
  const { constant: rate, perMs } = rates;
  const unfit = (perMs === null ? ['time', 'clock', 'late'] : ['ignoreNa']).find((name) => given[name] !== undefined);
  if (unfit !== undefined) {
    throw bad(unfit, `come with a decay per ${perMs === null ? 'millisecond' : 'step'}`, given[unfit]);
  }
  const where = resolveWhere(given);
  if (where.weight !== null && perMs !== null && !adjust) {
    throw bad('weight', 'come with adjust: true under a decay per millisecond', where.weight);
  }
  const shared = {
    rate,
    perMs,
    adjust,
    ignoreNa,
    minPeriods: minPeriods as number,
    carries: missing === 'carry',
    propagates: missing === 'propagate',
  };
  const late = choice(given, 'late', ['throw', 'skip']) ?? 'throw';
  const clock = resolveClock(given, now);
  return (moment, bias) => {
    if (moment === 'sum' && !adjust) throw bad('adjust', 'be true for a sum', adjust);
    return {
      ...rates,
      ...where,
      constant: null,
      law: (moment === 'mean' && meanLaw(shared)) || momentLaw(moment, bias, shared),
      missing,
      echoes: false,
      late,
      now: clock,
      ages: perMs === null && !ignoreNa,
      emit: null,
      seeded: false,
      sma: minPeriods as number,
      seed: undefined,
    };
  };
}

/** The mean alone, where another law has the same numbers sooner. */
function meanLaw({ rate, perMs, adjust, ignoreNa, minPeriods, carries, propagates }: MomentPlan): Law | null {
  if (minPeriods > 1) return null;
  if (perMs !== null) return clockLaw({ perMs, hold: adjust ? 'sample' : 'next', carries, propagates });
  if (rate === null || !adjust) return null;
  const start = { seeded: false, sma: 0 };
  return stepLaw({ ...start, constant: rate, rateAt: () => rate, ages: !ignoreNa, carries, propagates });
}

/** Options of one statistic: `bias` of variances, `width` of bands. */
export function resolveStatistic(options: unknown, known: 'bias' | 'width'): { bias: boolean; width: number } {
  if (options !== undefined && (typeof options !== 'object' || options === null)) {
    throw bad('options', `be like { ${known} }`, options);
  }
  const given = read(options ?? {}, [known]);
  const { width = 2 } = given;
  if (!(typeof width === 'number' && width > 0 && width < Infinity)) throw bad('width', 'be > 0 and finite', width);
  return { bias: choice(given, 'bias', [true, false]) ?? false, width };
}

/** Throws unless both of a pair are names. */
export function checkPair(x: unknown, y: unknown): void {
  for (const [name, one] of [
    ['x', x],
    ['y', y],
  ] as const) {
    if (typeof one !== 'string') throw bad(name, 'be the name of a field or column', one);
  }
}
