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
 * What an average rests on: the weight W, the rest Q = 1 − W, the number of steps taken. Q is carried because W's own
 * recurrence sticks short of 1 (6e-11 at d = 0.999999); 1 − Q reaches it.
 */
export interface WeightSum {
  weight: number;
  rest: number;
  step: number;
}

export function noWeight(): WeightSum {
  return { weight: 0, rest: 1, step: 0 };
}

export const WEIGHT = ['weight', 'rest', 'step'] as const;

/** W ← 1, as after a seed. */
export function settle(s: WeightSum): void {
  s.weight = 1;
  s.rest = 0;
}

/**
 * A value arrives: W ← d·W + (1 − d).
 *
 * @returns the gain (1 − d)/W of y ← y + gain·(x − y): 1 for the first value, and 0 while a frozen schedule has let
 * nothing in
 */
export function advance(s: WeightSum, rate: Rate, start: Start): number {
  const step = ++s.step;
  const before = s.weight;
  if (before === 1) return rate.alpha; // d + (1 − d) = 1: settled or seeded
  if (before === 0 && start.seeded) {
    if (step >= start.sma) settle(s);
    return 1 / step; // the mean of the first `sma`; with 'first' the value itself
  }
  const weight = decayed(s, rate, rate.alpha, 0);
  if (weight === 0) return 0;
  if (start.seeded) settle(s);
  return before === 0 ? 1 : rate.alpha / weight;
}

/** A gap that counts as an elapsed step: W ← d·W. Before the first value there is nothing to age. */
export function age(s: WeightSum, rate: Rate): void {
  if (s.weight === 0) return;
  s.step++;
  decayed(s, rate, 0, rate.alpha);
}

function decayed(s: WeightSum, rate: Rate, taken: number, lost: number): number {
  const weight = rate.decay * s.weight + taken;
  s.rest = rate.decay * s.rest + lost;
  return (s.weight = weight > 0.5 ? 1 - s.rest : weight);
}
