import { CLOCK_WAYS, WAYS } from './decay/rates.js';
import { clockLaw } from './kernels/clock.js';
import type { Law } from './kernels/law.js';
import { momentLaw, type Moment, type MomentPlan } from './kernels/moments.js';
import { stepLaw } from './kernels/steps.js';
import {
  bad,
  choice,
  read,
  refuseUnfit,
  resolveClock,
  resolveRates,
  resolveWhere,
  SHARED,
  type Clock,
  type Column,
  type ColumnOptions,
  type Given,
  type Missing,
  type No,
  type NoTime,
  type OneOf,
  type Plan,
  type Steps,
  type Time,
} from './options.js';
import type { Pair } from './values/pairs.js';

/** pandas `Series.ewm`: its names in camelCase, its defaults. */
export type EwmOptions<T> = (
  | (OneOf<Pick<Steps, 'span' | 'com' | 'halfLife'> & { alpha: number }> &
      NoTime<T> & {
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
const EWM_OWN = ['adjust', 'ignoreNa', 'minPeriods', 'time', 'clock', 'late'];
const EWM_OPTIONS = [...Object.keys(WAYS_OF_EWM), ...EWM_OWN, ...SHARED.filter((name) => name !== 'emit')];

/**
 * User options → a plan for each statistic. Throws whatever can be known now.
 *
 * @param lawOf - how the numbers of a statistic move; `momentLaw` is the one whose slots can be merged
 */
export function resolveEwm(
  options: unknown,
  now: () => number,
  lawOf: typeof momentLaw = momentLaw,
): (statistic: Pick<Statistic, 'stat' | 'bias'>) => Plan {
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
  refuseUnfit(given, perMs === null, perMs === null ? ['time', 'clock', 'late'] : ['ignoreNa']);
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
  return ({ stat, bias }) => {
    if (stat === 'sum' && !adjust) throw bad('adjust', 'be true for a sum', adjust);
    return {
      ...rates,
      ...where,
      constant: null,
      law: lawOf(stat, bias, shared),
      missing,
      echoes: false,
      late,
      ...clock,
      ages: perMs === null && !ignoreNa,
      emit: null,
      seeded: false,
      sma: minPeriods as number,
      seed: undefined,
    };
  };
}

/** How the numbers of a statistic move that are not saved: the mean by a law of `emaScan`, if that has the same sooner. */
export function streamLaw(moment: Moment, bias: boolean, plan: MomentPlan): Law {
  return (moment === 'mean' && meanLaw(plan)) || momentLaw(moment, bias, plan);
}

function meanLaw({ rate, perMs, adjust, ignoreNa, minPeriods, carries, propagates }: MomentPlan): Law | null {
  if (minPeriods > 1) return null;
  if (perMs !== null) return clockLaw({ perMs, hold: adjust ? 'sample' : 'next', carries, propagates });
  if (rate === null || !adjust) return null;
  const start = { seeded: false, sma: 0 };
  return stepLaw({ ...start, constant: rate, rateAt: () => rate, ages: !ignoreNa, carries, propagates });
}

/** Which of the statistics an `EwmState` keeps, with its own options. */
export type EwmStatistic<T> = SameKind | OfPairs<T> | OfBands;
/** What comes out is of the kind that goes in. */
export type SameKind =
  | { readonly stat: 'mean' | 'sum' }
  | {
      readonly stat: 'var' | 'std';
      /** Leaves the correction for few effective samples out. @default false */
      readonly bias?: boolean;
    };
/** A number of each record, a column more for each batch. */
export type OfPairs<T> =
  | {
      readonly stat: 'cov';
      /** Two number fields of a record, or floating columns of a batch. */
      readonly x: Column<T>;
      readonly y: Column<T>;
      /** Leaves the correction for few effective samples out. @default false */
      readonly bias?: boolean;
    }
  | { readonly stat: 'corr'; readonly x: Column<T>; readonly y: Column<T> };
/** A mean, and a band of `width` standard deviations to either side. */
export interface OfBands {
  readonly stat: 'bands';
  /** > 0 and finite. @default 2 */
  readonly width?: number;
}

/** What a statistic comes to, checked. */
export interface Statistic {
  readonly stat: Moment;
  readonly bias: boolean;
  readonly width: number;
  readonly pair: Pair | null;
}

const OWN: Readonly<Record<Moment, readonly string[]>> = {
  mean: [],
  sum: [],
  var: ['bias'],
  std: ['bias'],
  cov: ['bias'],
  corr: [],
  bands: ['width'],
};
const isPaired = (stat: Moment): boolean => stat === 'cov' || stat === 'corr';

/** One statistic and its own options → what it comes to. Throws whatever can be known now. */
export function resolveStatistic(stat: Moment, options?: unknown, x?: unknown, y?: unknown): Statistic {
  const known = OWN[stat];
  if (options !== undefined && (typeof options !== 'object' || options === null)) {
    throw bad('options', `be like { ${known.join(', ')} }`, options);
  }
  const given = read(options ?? {}, known);
  const { width = 2 } = given;
  if (!(typeof width === 'number' && width > 0 && width < Infinity)) throw bad('width', 'be > 0 and finite', width);
  const bias = choice(given, 'bias', [true, false]) ?? false;
  const pair = isPaired(stat)
    ? { x: nameOf('x', x), y: nameOf('y', y), name: `${String(x)}_${String(y)}_${stat}` }
    : null;
  return { stat, bias, width, pair };
}

/** The same of `{ stat, … }`. */
export function readStatistic(statistic: unknown): Statistic {
  const stats = Object.keys(OWN) as Moment[];
  if (typeof statistic !== 'object' || statistic === null) throw bad('statistic', "be like { stat: 'var' }", statistic);
  const stat = choice(statistic as Given, 'stat', stats);
  if (stat === undefined) throw bad('stat', `be one of ${stats.join(', ')}`, stat);
  const { x, y, ...own } = read(statistic, ['stat', ...(isPaired(stat) ? ['x', 'y'] : []), ...OWN[stat]]);
  return resolveStatistic(stat, Object.fromEntries(Object.entries(own).filter(([name]) => name !== 'stat')), x, y);
}

function nameOf(option: string, name: unknown): string {
  if (typeof name === 'string') return name;
  throw bad(option, 'be the name of a field or column', name);
}
