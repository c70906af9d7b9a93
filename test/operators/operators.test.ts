import { Field, Float64, makeData, RecordBatch, Schema, Struct, vectorFromArray } from 'apache-arrow';
import {
  biasCorrected,
  emaBank,
  emaScan,
  ewm,
  modelEma,
  type Bands,
  type EmaOptions,
  type Ewm,
  type WeightMap,
} from 'rx-ema';
import { pipe, Subject, type OperatorFunction } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { cases, copiedHalf, correctedHalf, rawHalf, type Operator } from '../cases.js';
import { directSums, type Statistic } from '../support/directSums.js';

type Floats = WeightMap<Float64Array>;

const numbers = { value: (x: number) => x, read: (out: unknown) => out as number, lends: false, bad: 'four' };
const weights = {
  value: (x: number) => ({ w: Float64Array.of(x) }),
  read: (out: unknown) => (out as Floats)['w']![0]!,
  bad: 4,
};
const modelHalf = (emit: 'live' | 'copy') => modelEma({ decay: 0.5, emit }) as OperatorFunction<unknown, unknown>;

/** A statistic as the direct sums have it, of x and of the pairs (x, x²); 0 for "not yet". */
const summed =
  (statistic: Statistic) =>
  (xs: readonly number[]): number[] => {
    const samples = xs.map((x) => (statistic.startsWith('co') ? { x, y: x * x } : { x }));
    return directSums(statistic, samples, { alpha: 0.5, bias: true }).map((one) => one ?? 0);
  };
const half = ewm({ alpha: 0.5 });
const squares = {
  value: (x: number) => ({ x, y: x * x }),
  read: (out: unknown) => (Number.isNaN(out) ? 0 : (out as number)),
  lends: false,
  bad: 4,
};

/** A second apart, in the order in which the cases send them. */
const stampOf = (x: number): number => ({ 4: 1000, 8: 2000, 1: 3000 })[x]!;
const clock = { halfLifeMs: 1000, time: stampOf };
const plain = (options: object) => ewm(options as { alpha: number }) as Ewm<unknown>;

const FIELDS = ['x', 'y'].map((name) => new Field(name, new Float64(), true));
const batches = {
  value(x: number) {
    const children = [x, x * x].map((one) => vectorFromArray([one], new Float64()).data[0]!);
    return new RecordBatch(
      new Schema(FIELDS),
      makeData({ type: new Struct(FIELDS), length: 1, nullCount: 0, children }),
    );
  },
  lends: false,
  bad: 'four',
};
const cell = (name: string) => (out: unknown) => ((out as RecordBatch).getChild(name)!.get(0) as number | null) ?? 0;

const operators: readonly Operator[] = [
  { ...numbers, name: 'emaScan', operator: () => emaScan({ decay: 0.5 }), smoothed: rawHalf },
  {
    ...numbers,
    name: 'emaScan, biasCorrected',
    operator: () => pipe(emaScan({ decay: 0.5 }), biasCorrected()),
    smoothed: correctedHalf,
  },
  {
    ...numbers,
    name: 'emaBank',
    operator: () => emaBank({ decays: [0.9, 0.5] }) as OperatorFunction<unknown, unknown>,
    read: (out) => (out as Float64Array)[1]!,
    smoothed: correctedHalf,
  },
  {
    name: 'emaScan of live vectors',
    operator: () => emaScan<unknown>({ decay: 0.5, emit: 'live' }),
    value: (x) => Float64Array.of(x),
    read: (out) => (out as Float64Array)[0]!,
    smoothed: rawHalf,
    lends: true,
    bad: 'four',
  },
  { ...weights, name: 'modelEma', operator: () => modelHalf('live'), smoothed: copiedHalf, lends: true },
  { ...weights, name: 'modelEma of copies', operator: () => modelHalf('copy'), smoothed: copiedHalf, lends: false },
  {
    ...weights,
    name: 'modelEma, biasCorrected',
    operator: () => pipe(modelHalf('live'), biasCorrected()),
    smoothed: correctedHalf,
    lends: true,
  },
  { ...numbers, name: 'ewm mean', operator: () => half.mean(), smoothed: summed('mean') },
  { ...numbers, name: 'ewm sum', operator: () => half.sum(), smoothed: summed('sum') },
  { ...numbers, name: 'ewm var', operator: () => half.var({ bias: true }), smoothed: summed('var') },
  { ...numbers, name: 'ewm std', operator: () => half.std({ bias: true }), smoothed: summed('std') },
  { ...squares, name: 'ewm cov', operator: () => half.cov('x', 'y', { bias: true }), smoothed: summed('cov') },
  { ...squares, name: 'ewm corr', operator: () => half.corr('x', 'y'), smoothed: summed('corr') },
  {
    ...numbers,
    name: 'ewm bands',
    operator: () => half.bands(),
    read: (out) => (out as Bands).mean,
    smoothed: summed('mean'),
  },
  {
    ...numbers,
    name: 'emaScan by the clock',
    operator: () => emaScan(clock as unknown as EmaOptions<unknown>),
    smoothed: correctedHalf,
  },
  {
    ...numbers,
    name: 'emaScan by the clock, biasCorrected',
    operator: () => pipe(emaScan({ ...clock, hold: 'next' } as unknown as EmaOptions<unknown>), biasCorrected()),
    smoothed: copiedHalf,
  },
  {
    ...numbers,
    name: 'emaScan by key',
    operator: () => emaScan({ decay: 0.5, by: () => 'k' } as EmaOptions<unknown>),
    smoothed: rawHalf,
  },
  {
    ...numbers,
    name: 'emaScan with weights, biasCorrected',
    operator: () => pipe(emaScan({ decay: 0.5, weight: () => 2 } as EmaOptions<unknown>), biasCorrected()),
    smoothed: correctedHalf,
  },
  {
    ...numbers,
    name: 'emaScan by key and clock, with weights',
    operator: () =>
      emaScan({ ...clock, by: () => null, weight: () => 2, idleMs: 1e6 } as unknown as EmaOptions<unknown>),
    smoothed: correctedHalf,
  },
  {
    ...batches,
    name: 'emaScan of batches',
    operator: () => emaScan<unknown>({ decay: 0.5 }),
    read: cell('x'),
    smoothed: rawHalf,
  },
  {
    ...batches,
    name: 'emaBank of batches',
    operator: () => emaBank({ decays: [0.9, 0.5], columns: ['x'] } as never) as OperatorFunction<unknown, unknown>,
    read: cell('x_ema_0.5'),
    smoothed: correctedHalf,
  },
  { ...numbers, name: 'ewm mean by the clock', operator: () => plain(clock).mean(), smoothed: correctedHalf },
  {
    ...numbers,
    name: 'ewm mean by the clock, not adjusted',
    operator: () => plain({ ...clock, adjust: false }).mean(),
    smoothed: copiedHalf,
  },
  {
    ...numbers,
    name: 'ewm var by key',
    operator: () => plain({ alpha: 0.5, by: () => 'k' }).var({ bias: true }),
    smoothed: summed('var'),
  },
  {
    ...numbers,
    name: 'ewm mean with weights',
    operator: () => plain({ alpha: 0.5, weight: () => 2 }).mean(),
    smoothed: correctedHalf,
  },
  {
    ...batches,
    name: 'ewm std of batches',
    operator: () => half.std({ bias: true }),
    read: cell('x'),
    smoothed: summed('std'),
  },
  {
    ...batches,
    name: 'ewm corr of batches',
    operator: () => half.corr('x', 'y'),
    read: cell('x_y_corr'),
    smoothed: summed('corr'),
  },
  {
    ...numbers,
    name: 'emaBank of half-lives',
    operator: () => emaBank({ halfLives: [1] }) as OperatorFunction<unknown, unknown>,
    read: (out) => (out as Float64Array)[0]!,
    smoothed: correctedHalf,
  },
];

for (const operator of operators) cases(operator);

describe('a callback that throws', () => {
  const weighty = { w: Float64Array.of(1) };
  const callbacks: readonly [string, unknown, (call: () => never) => OperatorFunction<unknown, unknown>][] = [
    ['a schedule', 4, (decay) => emaScan({ decay })],
    ['time', 4, (time) => emaScan({ halfLifeMs: 1, time } as unknown as EmaOptions<unknown>)],
    ['clock', 4, (now) => emaScan({ halfLifeMs: 1, clock: { now } })],
    ['by', 4, (by) => emaScan({ decay: 0.5, by } as unknown as EmaOptions<unknown>)],
    ['weight', 4, (weight) => emaScan({ decay: 0.5, weight } as unknown as EmaOptions<unknown>)],
    ['as', { x: 4 }, (as) => emaScan({ decay: 0.5, as } as unknown as EmaOptions<unknown>)],
    ['time of ewm', 4, (time) => plain({ halfLifeMs: 1, time }).var()],
    ['by of ewm', 4, (by) => plain({ alpha: 0.5, by }).bands()],
    ['weight of ewm', { x: 4, y: 1 }, (weight) => plain({ alpha: 0.5, weight }).cov('x' as never, 'y' as never)],
    ['as of ewm', { x: 4 }, (as) => plain({ alpha: 0.5, as }).sum()],
    [
      'as of emaBank',
      batches.value(4),
      (as) => emaBank({ decays: [0.5], as } as never) as OperatorFunction<unknown, unknown>,
    ],
    ['the rule of modelEma', weighty, (rule) => modelEma({ decay: 0.5, rule }) as OperatorFunction<unknown, unknown>],
    ['the schedule of modelEma', weighty, (decay) => modelEma({ decay }) as OperatorFunction<unknown, unknown>],
  ];

  it.each(callbacks)('%s: an error notification, its own error, and the source is let go', (_, value, operator) => {
    const error = new RangeError('of the callback');
    const source = new Subject<unknown>();
    const events: unknown[] = [];
    source
      .pipe(
        operator(() => {
          throw error;
        }),
      )
      .subscribe({ error: (one) => events.push(one), complete: () => events.push('complete') });
    source.next(value);
    source.next(value); // the first weights of modelEma are copied
    expect(events).toEqual([error]);
    expect(source.observed).toBe(false);
  });
});
