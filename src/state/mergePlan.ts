import { CLOCK_WAYS, WAYS } from '../decay/rates.js';
import { SmoothingError } from '../errors.js';
import { clockLaw } from '../kernels/clock.js';
import type { Law } from '../kernels/law.js';
import { clockMerger } from '../kernels/mergeClock.js';
import { momentMerger } from '../kernels/mergeMoments.js';
import { stepMerger, type SlotMerge } from '../kernels/mergeSteps.js';
import { momentLaw, type Moment } from '../kernels/moments.js';
import { stepLaw } from '../kernels/steps.js';
import type { Rate } from '../recurrence/weight.js';
import { corrupt } from './saved.js';
import { makerOf } from './snapshot.js';

/** What a snapshot's plan says of merging. */
export interface MergePlan {
  readonly law: Law;
  readonly merge: SlotMerge;
  readonly keyed: boolean;
  readonly timed: boolean;
  readonly ages: boolean;
  /** Rows come with a key, a stamp or a weight. */
  readonly attended: boolean;
  /** Every weight is a share of 1. */
  readonly shares: boolean;
  /** Name of the field or column that stamps are in. */
  readonly time: unknown;
}

type Noted = Readonly<Record<string, unknown>>;
const MOMENTS: readonly unknown[] = ['mean', 'sum', 'var', 'std', 'bands', 'cov', 'corr'] satisfies Moment[];

/** How snapshots of this plan merge. Throws `SNAPSHOT_OPTIONS` if they do not. */
export function mergePlanOf(text: string): MergePlan {
  const noted = read(text);
  const maker = makerOf(noted);
  if (maker === 'a ModelEma') throw unmergeable('one of a ModelEma, whose average starts from its first weights');
  const ways = { ...WAYS, ...CLOCK_WAYS };
  const name = (Object.keys(ways) as (keyof typeof ways)[]).find((way) => way in noted);
  const value = name && noted[name];
  if (typeof value === 'string') throw unmergeable(`a schedule: ${name}: ${value}`);
  const rate = name === undefined || typeof value !== 'number' ? null : ways[name].rate(value);
  if (rate === null) throw corrupt(`a plan of ${text}`);
  const perMs = ways[name!].perMs?.(value as number) ?? null;
  return {
    ...(maker === 'an Ema' ? ofEma(noted, rate, perMs) : ofEwm(noted, rate, perMs)),
    keyed: noted['by'] !== null,
    timed: perMs !== null,
    attended: noted['by'] !== null || noted['weight'] !== null || perMs !== null,
    time: noted['time'],
  };
}

type Merging = Pick<MergePlan, 'law' | 'merge' | 'ages' | 'shares'>;

function ofEma({ start, hold, ages, weight }: Noted, rate: Rate, perMs: number | null): Merging {
  if (start !== 'zero') throw unmergeable(`start: ${JSON.stringify(start)}`);
  if (hold !== 'sample') throw unmergeable(`hold: ${JSON.stringify(hold)}`);
  const reading = { carries: false, propagates: false };
  const aging = perMs === null && ages === true;
  const steps = { ...reading, ages: aging, constant: rate, rateAt: () => rate, seeded: false, sma: 0 };
  const law = perMs === null ? stepLaw(steps) : clockLaw({ perMs, hold, ...reading });
  if (perMs !== null) return { law, merge: clockMerger(law, perMs), ages: false, shares: false };
  const weighted = weight !== null;
  return { law, merge: stepMerger({ rate, ages: aging, weighted }), ages: aging, shares: !weighted };
}

function ofEwm({ stat, bias, adjust, ignoreNa, minPeriods }: Noted, rate: Rate, perMs: number | null): Merging {
  if (adjust !== true) throw unmergeable(`adjust: ${JSON.stringify(adjust)}`);
  if (!MOMENTS.includes(stat)) throw corrupt(`a statistic of ${JSON.stringify(stat)}`);
  const moment = stat as Moment;
  const forget = perMs === null ? { rate, perMs: null } : { rate: null, perMs };
  const own = { ...forget, minPeriods: Number(minPeriods) };
  const reading = { adjust, ignoreNa: ignoreNa === true, carries: false, propagates: false };
  const law = momentLaw(moment, bias === true, { ...own, ...reading });
  const ages = perMs === null && !reading.ignoreNa;
  return { law, merge: momentMerger({ ...own, moment, law, ages }), ages, shares: false };
}

function read(text: string): Noted {
  try {
    const noted: unknown = JSON.parse(text);
    if (typeof noted === 'object' && noted !== null) return noted as Noted;
  } catch {
    // not JSON: the same as nothing
  }
  throw unmergeable('no readable plan');
}

function unmergeable(got: string): SmoothingError {
  return new SmoothingError(
    'SNAPSHOT_OPTIONS',
    `the snapshots must be of options under which halves merge, got ${got}`,
  );
}
