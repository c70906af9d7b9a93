import type { RecordBatch } from 'apache-arrow';
import { Ema, EwmState, ModelEma, rampDecay, type EmaOptions, type EwmOptions, type EwmStatistic } from 'rx-ema';
import { expect, it } from 'vitest';
import { planWords } from '../../../../src/apps/cli/state/planWords.js';

type Row = Record<string, number>;
const words = ({ plan }: { readonly plan: string }): string => planWords(JSON.parse(plan) as Record<string, unknown>);

it.each<[EmaOptions<Row>, string]>([
  [{ decay: 0.9 }, 'decay 0.9'],
  [{ alpha: 0.5, start: 'first', ages: true }, 'alpha 0.5, starts at the first value, gaps age'],
  [{ span: 20, start: { sma: 20 }, missing: 'carry' }, 'span 20, starts at the mean of the first 20, missing values: carry'], // prettier-ignore
  [{ com: 3, start: { value: { x: 1 } } }, 'com 3, starts at a value that was given'],
  [{ halfLife: 50, by: 'device' }, 'half-life 50 steps, keys by device'],
  [{ tau: 5, by: ['site', 'device'], weight: 'n' }, 'tau 5 steps, keys by site, device, weights by n'],
  [{ halfLifeMs: 2000, by: () => 'a' }, 'half-life 2000 ms, keys by a function, stamps by the clock'],
  [{ tauMs: 5, time: 'at', hold: 'next' }, 'tau 5 ms, hold next, stamps by at'],
  [{ tauMs: 5, time: ({ at }) => at! }, 'tau 5 ms, stamps by a function'],
  [{ decay: ({ step }) => 1 / step }, 'decay a function'],
  [
    { decay: rampDecay({ decay: 0.99, tau: 9 }) },
    'decay rampDecay({"decay":0.99,"max":1,"min":0,"startAfter":0,"tau":9})',
  ],
])('options of an Ema are said, but for what is usual: %o', (options, said) => {
  expect(words(new Ema<Row>(options).snapshot())).toBe(said);
});

it('a number that an average starts at is said', () => {
  expect(words(new Ema({ decay: 0.9, start: { value: 7 } }).snapshot())).toBe('decay 0.9, starts at 7');
});

it.each<[EwmOptions<RecordBatch>, EwmStatistic<RecordBatch>, string]>([
  [{ span: 20 }, { stat: 'mean' }, 'span 20'],
  [{ alpha: 0.5, adjust: false, ignoreNa: true, minPeriods: 3 }, { stat: 'var', bias: true }, 'alpha 0.5, biased, not adjusted, gaps are no steps, from 3 values on'], // prettier-ignore
  [{ halfLifeMs: 5, time: 'at', missing: 'skip' }, { stat: 'corr', x: 'a', y: 'b' }, 'half-life 5 ms, of a and b, stamps by at, missing values: skip'], // prettier-ignore
])('those of an EwmState: %o %o', (options, statistic, said) => {
  expect(words(new EwmState<RecordBatch>(options, statistic as { stat: 'mean' }).snapshot())).toBe(said);
});

it('those of a ModelEma', () => {
  expect(words(new ModelEma<Float32Array>({ decay: 0.999 }).snapshot())).toBe('decay 0.999');
  const options = { alpha: 0.1, stepsPerUpdate: 60, rule: 'timm', compensated: true, missing: 'throw' } as const;
  expect(words(new ModelEma<Float32Array>(options).snapshot())).toBe(
    'alpha 0.1, 60 training steps per update, rule timm, compensated, missing values: throw',
  );
});
