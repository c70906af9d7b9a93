import type { Rate } from '../recurrence/weight.js';

/** One way to say how fast to forget: its range in words, and the rate it means. */
export interface Way {
  readonly range: string;
  rate(value: number): Rate | null;
}

/** The six ways to give a constant rate per step (maths: M0). `rate` is null out of range. */
export const WAYS: Readonly<Record<'decay' | 'alpha' | 'span' | 'com' | 'halfLife' | 'tau', Way>> = {
  decay: {
    range: 'be in [0, 1)',
    rate: (d) => (d >= 0 && d < 1 ? { decay: d, alpha: 1 - d } : null),
  },
  alpha: {
    range: 'be in (0, 1]',
    rate: (a) => (a > 0 && a <= 1 ? { decay: 1 - a, alpha: a } : null),
  },
  span: {
    range: 'be >= 1 step and finite',
    rate: (s) => (s >= 1 && s < Infinity ? { decay: (s - 1) / (s + 1), alpha: 2 / (s + 1) } : null),
  },
  com: {
    range: 'be >= 0 steps and finite',
    rate: (c) => (c >= 0 && c < Infinity ? { decay: c / (1 + c), alpha: 1 / (1 + c) } : null),
  },
  halfLife: {
    range: 'be > 0 steps and finite',
    rate: (h) => (h > 0 && h < Infinity ? { decay: 2 ** (-1 / h), alpha: -Math.expm1(-Math.LN2 / h) } : null),
  },
  tau: {
    range: 'be > 0 steps and finite',
    rate: (t) => (t > 0 && t < Infinity ? { decay: Math.exp(-1 / t), alpha: -Math.expm1(-1 / t) } : null),
  },
};
