/** How much one step forgets: decay d is what the past keeps, alpha = 1 − d what the value brings. */
export interface Rate {
  readonly decay: number;
  /** Kept beside `decay`, each from the parameter that was given: 1 − (1 − 1e-9) costs eight digits. */
  readonly alpha: number;
}

/** Where averages start: empty, or seeded so that W stays 1; `sma` > 0 seeds with the mean of the first n. */
export interface Start {
  readonly seeded: boolean;
  readonly sma: number;
}

/**
 * What n averages rest on, one entry each: the weight W, the rest Q = 1 − W, the number of steps taken. Q is carried
 * because W's own recurrence sticks short of 1 (6e-11 at d = 0.999999); 1 − Q reaches it.
 */
export interface Weights {
  weight: Float64Array;
  rest: Float64Array;
  step: Float64Array;
}

export function emptyWeights(n: number): Weights {
  return { weight: new Float64Array(n), rest: new Float64Array(n).fill(1), step: new Float64Array(n) };
}

/** W ← 1 for average `i`, as after a seed. */
export function settle(s: Weights, i: number): void {
  s.weight[i] = 1;
  s.rest[i] = 0;
}

/**
 * A value arrives at average `i`: W ← d·W + (1 − d).
 *
 * @returns the gain (1 − d)/W of y ← y + gain·(x − y): 1 for the first value, and 0 while a frozen schedule has let
 * nothing in
 */
export function advance(s: Weights, i: number, rate: Rate, start: Start): number {
  const step = s.step[i]! + 1;
  s.step[i] = step;
  const before = s.weight[i]!;
  if (before === 1) return rate.alpha; // d + (1 − d) = 1: settled or seeded
  if (before === 0 && start.seeded) {
    if (step >= start.sma) settle(s, i);
    return 1 / step; // the mean of the first `sma`; with 'first' the value itself
  }
  decayed(s, i, rate, rate.alpha, 0);
  const weight = s.weight[i]!;
  if (weight === 0) return 0;
  if (start.seeded) settle(s, i);
  return before === 0 ? 1 : rate.alpha / weight;
}

/** A gap that counts as an elapsed step: W ← d·W. Before the first value there is nothing to age. */
export function age(s: Weights, i: number, rate: Rate): void {
  if (s.weight[i] === 0) return;
  s.step[i]!++;
  decayed(s, i, rate, 0, rate.alpha);
}

function decayed(s: Weights, i: number, rate: Rate, taken: number, lost: number): void {
  const rest = rate.decay * s.rest[i]! + lost;
  const weight = rate.decay * s.weight[i]! + taken;
  s.rest[i] = rest;
  s.weight[i] = weight > 0.5 ? 1 - rest : weight;
}
