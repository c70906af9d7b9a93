import { biasCorrected, emaBank, emaScan, ewm, modelEma, type Bands, type WeightMap } from 'rx-ema';
import { pipe, type OperatorFunction } from 'rxjs';
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
];

for (const operator of operators) cases(operator);
