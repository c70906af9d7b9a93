import type { Rate } from '../recurrence/weight.js';

/** One way to say how fast to forget: its range in words, and the rate it means. */
export interface Way {
  readonly range: string;
  readonly rate: (value: number) => Rate | null;
  /** Of a decay per millisecond: ln of what the past keeps over one. */
  readonly perMs?: (value: number) => number;
}

const rate = (ok: boolean, decay: number, alpha: number): Rate | null => (ok ? { decay, alpha } : null);

/** The six ways to give a constant rate per step (maths: M0). `rate` is null out of range. */
export const WAYS: Readonly<Record<'decay' | 'alpha' | 'span' | 'com' | 'halfLife' | 'tau', Way>> = {
  decay: {
    range: 'be in [0, 1)',
    rate: (d) => rate(d >= 0 && d < 1, d, 1 - d),
  },
  alpha: {
    range: 'be in (0, 1]',
    rate: (a) => rate(a > 0 && a <= 1, 1 - a, a),
  },
  span: {
    range: 'be >= 1 step and finite',
    rate: (s) => rate(s >= 1 && s < Infinity, (s - 1) / (s + 1), 2 / (s + 1)),
  },
  com: {
    range: 'be >= 0 steps and finite',
    rate: (c) => rate(c >= 0 && c < Infinity, c / (1 + c), 1 / (1 + c)),
  },
  halfLife: {
    range: 'be > 0 steps and finite',
    rate: (h) => rate(h > 0 && h < Infinity, 2 ** (-1 / h), -Math.expm1(-Math.LN2 / h)),
  },
  tau: {
    range: 'be > 0 steps and finite',
    rate: (t) => rate(t > 0 && t < Infinity, Math.exp(-1 / t), -Math.expm1(-1 / t)),
  },
};

/** The two ways to give a rate per millisecond. */
export const CLOCK_WAYS: Readonly<Record<'halfLifeMs' | 'tauMs', Way>> = {
  halfLifeMs: { range: 'be > 0 ms and finite', rate: WAYS.halfLife.rate, perMs: (h) => -Math.LN2 / h },
  tauMs: { range: 'be > 0 ms and finite', rate: WAYS.tau.rate, perMs: (t) => -1 / t },
};
