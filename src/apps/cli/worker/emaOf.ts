import { resolveEwm, readStatistic } from '../../../ewmOptions.js';
import { resolveEma } from '../../../options.js';
import type { WorkerEma } from '../../scale/worker.js';
import { STEP_FLAGS } from '../stepFlags.js';
import { UsageError } from '../usageError.js';
import { asFlags } from './asFlags.js';
import { flagOf } from './flagOf.js';
import { stampOf } from './stampOf.js';
import type { StatName, WorkerFlags } from './workerFlags.js';

const WAYS = { ...STEP_FLAGS, halfLifeMs: '--half-life-ms', tauMs: '--tau-ms' } as const;
const SHARED = ['late', 'missing', 'weight', 'columns', 'maxKeys', 'idleMs'] as const;
/** What `emaScan` has, and `ewm` has not. */
const OF_EMA = ['decay', 'tau', 'hold', 'ages', 'start', 'raw'] as const;
const OF_EWM = ['adjust', 'ignoreNa', 'minPeriods'] as const;
/** Options of some statistics. */
const OWN = ['bias', 'width', 'x', 'y'] as const;
const OF_STATS: Readonly<Record<(typeof OWN)[number], readonly StatName[]>> = {
  bias: ['var', 'std', 'cov'],
  width: ['bands'],
  x: ['cov', 'corr'],
  y: ['cov', 'corr'],
};
/** Come beside the columns whatever is said. */
const NAMED: ReadonlySet<StatName> = new Set(['cov', 'corr', 'bands']);
/** What a bare number has no place for. */
const OF_FIELDS = ['time', 'weight', 'columns', 'append', 'x', 'y'] as const;

/** What is to be kept of each key. @throws UsageError for flags that make no sense together, or are out of range */
export function emaOf(flags: WorkerFlags): WorkerEma<never> {
  const { stat, codec = 'json' } = flags;
  checkWay(flags);
  if (codec === 'float64') refuse(flags, OF_FIELDS, 'with --codec json or arrow', 'float64');
  if (codec !== 'json') refuse(flags, ['timeUnit'], 'with --codec json', codec);
  if (codec === 'float64' && stat === 'bands')
    throw new UsageError('--stat bands must come with --codec json or arrow, got float64');
  if (stat === undefined) refuse(flags, [...OF_EWM, ...OWN], 'with --stat', 'none');
  else checkStat(flags, stat);
  const ema = {
    ...picked(flags, Object.keys(WAYS) as (keyof typeof WAYS)[]),
    ...picked(flags, SHARED),
    ...timeOf(flags),
    ...(flags.append && { as: appendedAs(stat ?? 'ema') }),
    ...(stat === undefined ? { ...picked(flags, ['hold', 'ages']), ...startOf(flags) } : picked(flags, OF_EWM)),
    ...(stat !== undefined && { statistic: { stat, ...picked(flags, OWN) } }),
  };
  asFlags(() => check(ema));
  return ema as unknown as WorkerEma<never>;
}

/** Lets the library say what is wrong, before anything is connected. */
function check({ statistic, ...options }: { readonly statistic?: object }): void {
  const keyed = { ...options, by: () => null };
  if (statistic === undefined) resolveEma(keyed);
  else resolveEwm(keyed, () => 0)(readStatistic(statistic));
}

function checkWay(flags: WorkerFlags): void {
  const given = (Object.keys(WAYS) as (keyof typeof WAYS)[]).filter((way) => flags[way] !== undefined);
  if (given.length === 1) return;
  const got = given.map((way) => WAYS[way]).join(' and ');
  throw new UsageError(`there must be one of ${Object.values(WAYS).join(', ')}, got ${got || 'none'}`);
}

function checkStat(flags: WorkerFlags, stat: StatName): void {
  refuse(flags, OF_EMA, 'without --stat', stat);
  if (NAMED.has(stat)) refuse(flags, ['append'], 'with mean, sum, var or std', stat);
  for (const name of OWN) {
    const stats = OF_STATS[name];
    if (!stats.includes(stat)) refuse(flags, [name], `with --stat ${stats.join(' or ')}`, stat);
    else if ((name === 'x' || name === 'y') && flags[name] === undefined) {
      throw new UsageError(`--stat ${stat} must come with --x and --y, got no --${name}`);
    }
  }
}

function refuse(flags: WorkerFlags, names: readonly (keyof WorkerFlags)[], company: string, got: string): void {
  const name = names.find((one) => flags[one] !== undefined);
  if (name !== undefined) throw new UsageError(`${flagOf(name)} must come ${company}, got ${got}`);
}

function timeOf({ time, timeUnit, columns }: WorkerFlags): object {
  if (time === undefined) {
    if (timeUnit === undefined) return {};
    throw new UsageError('--time-unit must come with --time, got none');
  }
  if (columns?.includes(time) === true)
    throw new UsageError(`--columns must not name what --time names, got '${time}'`);
  if (timeUnit === undefined || timeUnit === 'ms') return { time };
  if (columns !== undefined) return { time: stampOf(time, timeUnit) };
  throw new UsageError('--time-unit must come with --columns, got none: else the time would be smoothed too');
}

function startOf({ start }: WorkerFlags): object {
  if (start === undefined) return {};
  const [, size] = /^sma:(\d+)$/.exec(start) ?? [];
  if (size !== undefined) return { start: { sma: Number(size) } };
  if (start === 'zero' || start === 'first') return { start };
  throw new UsageError(`--start must be zero, first or sma:N, got '${start}'`);
}

function picked<K extends keyof WorkerFlags>(flags: WorkerFlags, names: readonly K[]): Partial<Pick<WorkerFlags, K>> {
  return Object.fromEntries(
    names.filter((name) => flags[name] !== undefined).map((name) => [name, flags[name]]),
  ) as Partial<Pick<WorkerFlags, K>>;
}

const appendedAs =
  (suffix: string) =>
  (column: string): string =>
    `${column}_${suffix}`;
