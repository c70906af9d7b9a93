import type { Given } from '../../../options.js';

/** What a schedule or another function is noted as, if it is the user's. */
const CUSTOM = 'custom';

const RATES: Readonly<Record<string, (value: string) => string>> = {
  decay: (d) => `decay ${d}`,
  alpha: (alpha) => `alpha ${alpha}`,
  span: (span) => `span ${span}`,
  com: (com) => `com ${com}`,
  halfLife: (n) => `half-life ${n} steps`,
  tau: (n) => `tau ${n} steps`,
  halfLifeMs: (ms) => `half-life ${ms} ms`,
  tauMs: (ms) => `tau ${ms} ms`,
};

/** The options that a state is of, in words: the way to forget, and what is not as usual. */
export function planWords(plan: Given): string {
  const way = Object.keys(RATES).find((name) => name in plan);
  const rate = way === undefined ? [] : [RATES[way]!(functionOr(plan[way]))];
  const isModel = 'stepsPerUpdate' in plan;
  const words = isModel ? ofModel(plan) : [...ofStatistic(plan), ...ofValues(plan), ...ofRoles(plan, way)];
  const usual = 'stat' in plan ? 'carry' : 'skip';
  return [...rate, ...words, ...said(plan['missing'] !== usual, `missing values: ${String(plan['missing'])}`)].join(
    ', ',
  );
}

function ofModel({ stepsPerUpdate, rule, compensated }: Given): string[] {
  return [
    ...said(stepsPerUpdate !== 1, `${String(stepsPerUpdate)} training steps per update`),
    ...said(rule !== 'floats' && rule !== undefined, `rule ${functionOr(rule)}`),
    ...said(compensated === true, 'compensated'),
  ];
}

function ofStatistic({ stat, bias, x, y, adjust, ignoreNa, minPeriods }: Given): string[] {
  if (stat === undefined) return [];
  return [
    ...said(x != null, `of ${String(x)} and ${String(y)}`),
    ...said(bias === true, 'biased'),
    ...said(adjust === false, 'not adjusted'),
    ...said(ignoreNa === true, 'gaps are no steps'),
    ...said(Number(minPeriods) > 0, `from ${String(minPeriods)} values on`),
  ];
}

function ofValues({ start, hold, ages }: Given): string[] {
  const { sma, value } = Object(start) as { sma?: number; value?: unknown };
  return [
    ...said(start === 'first', 'starts at the first value'),
    ...said(sma !== undefined, `starts at the mean of the first ${sma}`),
    ...said(value !== undefined, `starts at ${value === 'given' ? 'a value that was given' : String(value)}`),
    ...said(hold !== undefined && hold !== 'sample', `hold ${String(hold)}`),
    ...said(ages === true, 'gaps age'),
  ];
}

function ofRoles({ by, time, weight }: Given, way: string | undefined): string[] {
  const isTimed = way === 'halfLifeMs' || way === 'tauMs';
  return [
    ...said(by != null, `keys by ${[by].flat().map(functionOr).join(', ')}`),
    ...said(isTimed, time == null ? 'stamps by the clock' : `stamps by ${functionOr(time)}`),
    ...said(weight != null, `weights by ${functionOr(weight)}`),
  ];
}

const said = (is: boolean, words: string): string[] => (is ? [words] : []);
const functionOr = (value: unknown): string => (value === CUSTOM ? 'a function' : String(value));
