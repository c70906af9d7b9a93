/** How much one step forgets: decay d is what the past keeps, alpha = 1 − d what the value brings. */
export interface Rate {
  readonly decay: number;
  /** Kept beside `decay`, each from the parameter that was given: 1 − (1 − 1e-9) costs eight digits. */
  readonly alpha: number;
}

/** ln d, from the one of the two that keeps its digits: −∞ if nothing is kept. */
export const lnDecay = ({ decay, alpha }: Rate): number => (alpha < 0.5 ? Math.log1p(-alpha) : Math.log(decay));

/** Where averages start: empty, or seeded so that W stays 1; `sma` > 0 seeds with the mean of the first n. */
export interface Start {
  readonly seeded: boolean;
  readonly sma: number;
}

/**
 * What an average rests on, as three numbers from `at` on: the weight W, the rest Q = 1 − W, the number of steps taken.
 * Q is carried because W's own recurrence sticks short of 1 (6e-11 at d = 0.999999); 1 − Q reaches it.
 */
export const WEIGHT = ['weight', 'rest', 'step'] as const;
export const W = 0;
export const Q = 1;
export const STEP = 2;

export function noWeight(): Float64Array {
  return Float64Array.of(0, 1, 0);
}

/** W ← 1, as after a seed. */
export function settle(s: Float64Array, at = 0): void {
  s[at + W] = 1;
  s[at + Q] = 0;
}

/**
 * A value arrives: W ← d·W + (1 − d).
 *
 * @returns the gain (1 − d)/W of y ← y + gain·(x − y): 1 for the first value, and 0 while a frozen schedule has let
 * nothing in
 */
export function advance(s: Float64Array, at: number, rate: Rate, start: Start): number {
  const step = ++s[at + STEP]!;
  const before = s[at + W]!;
  if (before === 1) return rate.alpha; // d + (1 − d) = 1: settled or seeded
  if (before === 0 && start.seeded && step <= start.sma) {
    if (step === start.sma) settle(s, at);
    return 1 / step; // the mean of the first `sma`; with 'first' the value itself
  }
  const weight = decayed(s, at, rate, rate.alpha, 0);
  if (weight === 0) return 0;
  if (start.seeded) settle(s, at);
  return before === 0 ? 1 : rate.alpha / weight;
}

/**
 * The same for a sample of weight w >= 0, as M1 has it with a = alpha·w: W ← d·W + alpha·w. Here W is no share of 1, and Q
 * holds the sum of the weights while a start is the mean of the first n.
 */
export function advanceBy(w: number, s: Float64Array, at: number, rate: Rate, start: Start): number {
  const step = ++s[at + STEP]!;
  const before = s[at + W]!;
  if (before === 0 && start.seeded) {
    const sum = w + (step > 1 ? s[at + Q]! : 0);
    s[at + Q] = sum;
    if (step >= start.sma && sum > 0) settle(s, at);
    return sum === 0 ? 0 : w / sum;
  }
  const weight = faded(before, rate) + rate.alpha * w;
  s[at + W] = start.seeded ? 1 : weight;
  return weight === 0 ? 0 : (rate.alpha * w) / weight;
}

/** A gap of weighted samples: W ← d·W. */
export function ageBy(s: Float64Array, at: number, rate: Rate): void {
  if (s[at + W] === 0) return;
  s[at + STEP]!++;
  s[at + W] = faded(s[at + W]!, rate);
}

/** What is left of a weight: not nothing, however long it has been, unless nothing is kept. */
function faded(weight: number, { decay }: Rate): number {
  const left = decay * weight;
  return left === 0 && weight > 0 && decay > 0 ? Number.MIN_VALUE : left;
}

/** A gap that counts as an elapsed step: W ← d·W. Before the first value there is nothing to age. */
export function age(s: Float64Array, at: number, rate: Rate): void {
  if (s[at + W] === 0) return;
  s[at + STEP]!++;
  decayed(s, at, rate, 0, rate.alpha);
}

function decayed(s: Float64Array, at: number, rate: Rate, taken: number, lost: number): number {
  const weight = rate.decay * s[at + W]! + taken;
  s[at + Q] = rate.decay * s[at + Q]! + lost;
  return (s[at + W] = weight > 0.5 ? 1 - s[at + Q]! : weight);
}
