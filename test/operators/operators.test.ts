import { biasCorrected, emaBank, emaScan, modelEma, type WeightMap } from 'rx-ema';
import { pipe, type OperatorFunction } from 'rxjs';
import { cases, copiedHalf, correctedHalf, rawHalf, type Operator } from '../cases.js';

type Floats = WeightMap<Float64Array>;

const numbers = { value: (x: number) => x, read: (out: unknown) => out as number, lends: false, bad: 'four' };
const weights = {
  value: (x: number) => ({ w: Float64Array.of(x) }),
  read: (out: unknown) => (out as Floats)['w']![0]!,
  bad: 4,
};
const modelHalf = (emit: 'live' | 'copy') => modelEma({ decay: 0.5, emit }) as OperatorFunction<unknown, unknown>;

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
];

for (const operator of operators) cases(operator);
