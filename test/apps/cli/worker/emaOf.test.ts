import { describe, expect, it } from 'vitest';
import { emaOf } from '../../../../src/apps/cli/worker/emaOf.js';
import type { RecordTime, WorkerFlags } from '../../../../src/apps/cli/worker/workerFlags.js';
import { UsageError } from '../../../../src/apps/cli/usageError.js';

const topics = { in: 'a', out: 'b' };
const of = (flags: Partial<WorkerFlags>) => emaOf({ ...topics, ...flags }) as object as Record<string, unknown>;

/** What is read of a time that a record says. */
function read(time: unknown, timeUnit: RecordTime): number {
  const options = of({ halfLifeMs: 5, time: 'at', columns: ['c'], timeUnit });
  return (options['time'] as (record: object) => number)({ at: time });
}

describe('the flags of rx-ema worker', () => {
  it.each<[Partial<WorkerFlags>, object]>([
    [{ halfLife: 50 }, { halfLife: 50 }],
    [
      { decay: 0.5, ages: true, start: 'first', missing: 'carry', weight: 'n', maxKeys: 9, idleMs: 60_000 },
      { decay: 0.5, ages: true, start: 'first', missing: 'carry', weight: 'n', maxKeys: 9, idleMs: 60_000 },
    ],
    [
      { span: 20, start: 'sma:20' },
      { span: 20, start: { sma: 20 } },
    ],
    [
      { tauMs: 5, hold: 'next', late: 'skip' },
      { tauMs: 5, hold: 'next', late: 'skip' },
    ],
    [
      { halfLifeMs: 5, time: 'at' },
      { halfLifeMs: 5, time: 'at' },
    ],
    [
      { halfLifeMs: 5, time: 'at', timeUnit: 'ms' },
      { halfLifeMs: 5, time: 'at' },
    ],
    [
      { halfLifeMs: 5, time: 'at', columns: ['c'], timeUnit: 'ms' },
      { halfLifeMs: 5, time: 'at', columns: ['c'] },
    ],
    [
      { com: 3, stat: 'sum' },
      { com: 3, statistic: { stat: 'sum' } },
    ],
    [
      { alpha: 0.5, stat: 'var', bias: true, ignoreNa: true, minPeriods: 3, adjust: false },
      { alpha: 0.5, ignoreNa: true, minPeriods: 3, adjust: false, statistic: { stat: 'var', bias: true } },
    ],
    [
      { span: 20, stat: 'bands', width: 3 },
      { span: 20, statistic: { stat: 'bands', width: 3 } },
    ],
    [
      { span: 20, stat: 'corr', x: 'a', y: 'b' },
      { span: 20, statistic: { stat: 'corr', x: 'a', y: 'b' } },
    ],
    [{ halfLife: 50, codec: 'float64' }, { halfLife: 50 }],
  ])('%o are these options of the library', (flags, options) => {
    expect(of(flags)).toEqual(options);
  });

  it('read a time in its unit, or a date, which without a zone is in UTC', () => {
    expect([read(1.5, 's'), read(1500, 'us'), read(1_500_000, 'ns')]).toEqual([1500, 1.5, 1.5]);
    expect([read('1970-01-01 00:00:02', 'date'), read('1970-01-01T01:00:02+01:00', 'date')]).toEqual([2000, 2000]);
    expect([read(null, 's'), read('1', 's'), read('soon', 'date'), read(1, 'date')]).toEqual([NaN, NaN, NaN, NaN]);
  });

  it.each<[Partial<WorkerFlags>, string]>([
    [{ halfLife: 50, append: true }, 'c_ema'],
    [{ halfLife: 50, append: true, stat: 'std' }, 'c_std'],
  ])('%o name what is put behind a field', (flags, name) => {
    expect((of(flags)['as'] as (column: string) => string)('c')).toBe(name);
  });

  it.each<[Partial<WorkerFlags>, string | RegExp]>([
    [{}, /^there must be one of --half-life, --decay, .*--tau-ms, got none$/],
    [{ halfLife: 1, tauMs: 2 }, /^there must be one of .*, got --half-life and --tau-ms$/],
    [{ halfLife: 0 }, '--half-life must be > 0 steps and finite, got 0'],
    [{ halfLifeMs: -1 }, '--half-life-ms must be > 0 ms and finite, got -1'],
    [{ halfLife: 1, idleMs: 0 }, '--idle-ms must be > 0 ms, got 0'],
    [{ halfLife: 1, time: 'at' }, "--time must come with a decay per millisecond, got 'at'"],
    [{ halfLifeMs: 1, ages: true }, '--ages must come with a decay per step, got true'],
    [{ halfLifeMs: 1, timeUnit: 's' }, '--time-unit must come with --time, got none'],
    [
      { halfLifeMs: 1, time: 'at', timeUnit: 's' },
      '--time-unit must come with --columns, got none: else the time would be smoothed too',
    ],
    [{ halfLifeMs: 1, time: 'at', columns: ['at'] }, "--columns must not name what --time names, got 'at'"],
    [{ halfLife: 1, columns: ['a', 'a'] }, "--columns must be a list of different names, got ['a', 'a']"],
    [{ halfLife: 1, start: 'sma' }, "--start must be zero, first or sma:N, got 'sma'"],
    [{ halfLife: 1, start: 'sma:0' }, '--start must be an integer >= 1, got 0'],
    [{ halfLife: 1, codec: 'float64', columns: ['a'] }, '--columns must come with --codec json or arrow, got float64'],
    [
      { halfLife: 1, codec: 'float64', stat: 'bands' },
      '--stat bands must come with --codec json or arrow, got float64',
    ],
    [
      { halfLifeMs: 1, codec: 'arrow', time: 'at', timeUnit: 's' },
      '--time-unit must come with --codec json, got arrow',
    ],
    [{ halfLife: 1, minPeriods: 2 }, '--min-periods must come with --stat, got none'],
    [{ halfLife: 1, adjust: true }, '--adjust must come with --stat, got none'],
    [{ halfLife: 1, stat: 'std', raw: true }, '--raw must come without --stat, got std'],
    [{ tau: 1, stat: 'std' }, '--tau must come without --stat, got std'],
    [{ halfLife: 1, stat: 'mean', bias: true }, '--bias must come with --stat var or std or cov, got mean'],
    [{ halfLife: 1, stat: 'cov', x: 'a' }, '--stat cov must come with --x and --y, got no --y'],
    [{ halfLife: 1, stat: 'bands', append: true }, '--append must come with mean, sum, var or std, got bands'],
    [{ halfLife: 1, stat: 'bands', width: 0 }, '--width must be > 0 and finite, got 0'],
    [{ halfLife: 1, stat: 'sum', adjust: false }, '--adjust must be true for a sum, got false'],
    [{ halfLife: 1, stat: 'mean', minPeriods: 1.5 }, '--min-periods must be an integer >= 0, got 1.5'],
  ])('%o are refused in words of the flags', (flags, message) => {
    expect(() => of(flags)).toThrow(UsageError);
    expect(() => of(flags)).toThrow(message);
  });
});
