import type { Rate } from '../recurrence/weight.js';

/** One way to say how fast to forget: its range in words, and the rate it means. */
export interface Way {
  readonly range: string;
  rate(value: number): Rate | null;
}

const finite = (ok: boolean, rate: () => Rate): Rate | null => (ok ? rate() : null);

/** The six ways to give a constant rate per step (maths: M0). `rate` is null out of range. */
export const WAYS: Readonly<Record<'decay' | 'alpha' | 'span' | 'com' | 'halfLife' | 'tau', Way>> = {
  decay: {
    range: 'be in [0, 1)',
    rate: (d) => finite(d >= 0 && d < 1, () => ({ decay: d, alpha: 1 - d })),
  },
  alpha: {
    range: 'be in (0, 1]',
    rate: (a) => finite(a > 0 && a <= 1, () => ({ decay: 1 - a, alpha: a })),
  },
  span: {
    range: 'be >= 1 step and finite',
    rate: (s) => finite(s >= 1 && s < Infinity, () => ({ decay: (s - 1) / (s + 1), alpha: 2 / (s + 1) })),
  },
  com: {
    range: 'be >= 0 steps and finite',
    rate: (c) => finite(c >= 0 && c < Infinity, () => ({ decay: c / (1 + c), alpha: 1 / (1 + c) })),
  },
  halfLife: {
    range: 'be > 0 steps and finite',
    rate: (h) => finite(h > 0 && h < Infinity, () => ({ decay: 2 ** (-1 / h), alpha: -Math.expm1(-Math.LN2 / h) })),
  },
  tau: {
    range: 'be > 0 steps and finite',
    rate: (t) => finite(t > 0 && t < Infinity, () => ({ decay: Math.exp(-1 / t), alpha: -Math.expm1(-1 / t) })),
  },
};
