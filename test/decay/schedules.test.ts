import { rampDecay, warmupDecay, type DecaySchedule } from 'rx-ema';
import { describe, expect, it } from 'vitest';
import { planOf } from '../../src/decay/schedule.js';
import { refusal } from '../refusal.js';

const at = (schedule: DecaySchedule, steps: readonly number[]): number[] => steps.map((step) => schedule({ step }));

describe('rampDecay', () => {
  it('is decay · (1 − exp(−step / tau)): yolov5’s values', () => {
    // maths M6, as yolov5 computes them, to the digits given there
    const values = at(rampDecay({ decay: 0.9999, tau: 2000 }), [1, 100, 2000, 10_000]);
    [0.00049983, 0.0487657, 0.63205735, 0.99316273].forEach((want, i) => {
      expect(Math.abs(values[i]! - want)).toBeLessThan(5e-8);
    });
  });

  it('rises to its decay and never above it', () => {
    const values = at(rampDecay({ decay: 0.9, tau: 3 }), [1, 2, 5, 10, 50, 1e3, 1e9]);
    expect(values).toEqual([...values].sort((a, b) => a - b));
    expect(values.at(-1)).toBe(0.9);
  });
});

describe('warmupDecay', () => {
  it('is min(decay, (1 + n)/(10 + n)), n from 0: TensorFlow’s values', () => {
    const values = at(warmupDecay({ decay: 0.9999 }), [1, 2, 101, 89_991, 1e6]);
    [1 / 10, 2 / 11, 101 / 110, 0.9999, 0.9999].forEach((want, i) => {
      expect(Math.abs(values[i]! - want)).toBeLessThan(1e-15);
    });
  });

  it('reaches 0.9999 at n = 89990 and not before', () => {
    const [before, there] = at(warmupDecay({ decay: 0.9999 }), [89_990, 89_991]);
    expect(before).toBeLessThan(0.9999);
    expect(there).toBe(0.9999);
  });
});

describe.each([
  ['rampDecay', (bounds: object) => rampDecay({ decay: 0.9, tau: 2, ...bounds })],
  ['warmupDecay', (bounds: object) => warmupDecay({ decay: 0.9, ...bounds })],
] as const)('%s, bounded', (name, make) => {
  const plain = make({});

  it('never goes below min or above max', () => {
    const [low, mid, high] = at(make({ min: 0.2, max: 0.5 }), [1, 4, 1000]);
    expect(low).toBe(Math.max(0.2, Math.min(0.5, plain({ step: 1 }))));
    expect(mid).toBe(Math.max(0.2, Math.min(0.5, plain({ step: 4 }))));
    expect(high).toBe(0.5);
    expect(make({ min: 0.7 })({ step: 1 })).toBe(0.7);
  });

  it('copies for startAfter steps and counts from there', () => {
    const late = make({ startAfter: 3 });
    expect(at(late, [1, 2, 3])).toEqual([0, 0, 0]);
    expect(at(late, [4, 5, 6])).toEqual(at(plain, [1, 2, 3]));
  });

  it('tells its name and all parameters to snapshots, in one order', () => {
    expect(planOf(make({ startAfter: 3, max: 0.5 }))).toBe(planOf(make({ max: 0.5, startAfter: 3 })));
    expect(planOf(make({ startAfter: 3 }))).not.toBe(planOf(plain));
    expect(planOf(plain)).toMatch(new RegExp(String.raw`^${name}\(\{.*"decay":0\.9`));
    expect(planOf(plain)).toBe(planOf(make({ min: 0, max: 1, startAfter: 0 })));
  });

  it.each([
    [{ decay: 1.1 }, 'DECAY_RANGE', `decay of ${name} must be in [0, 1], got 1.1`],
    [{ decay: NaN }, 'DECAY_RANGE', `decay of ${name} must be in [0, 1], got NaN`],
    [{ decay: '0.9' }, 'DECAY_RANGE', `decay of ${name} must be a number, got 0.9`],
    [{ decay: undefined }, 'DECAY_RANGE', `decay of ${name} must be a number, got undefined`],
    [{ min: -0.1 }, 'DECAY_RANGE', `min of ${name} must be in [0, 1], got -0.1`],
    [{ max: 2 }, 'DECAY_RANGE', `max of ${name} must be in [0, 1], got 2`],
    [{ min: 0.6, max: 0.5 }, 'DECAY_RANGE', `min of ${name} must be <= max (0.5), got 0.6`],
    [{ startAfter: 1.5 }, 'DECAY_RANGE', `startAfter of ${name} must be an integer >= 0, got 1.5`],
    [{ startAfter: -1 }, 'DECAY_RANGE', `startAfter of ${name} must be an integer >= 0, got -1`],
  ])('refuses %o', (bounds, code, message) => {
    expect(refusal(() => make(bounds))).toEqual({ code, message });
  });

  it('refuses an unknown parameter', () => {
    const { code, message } = refusal(() => make({ rate: 1 }));
    expect(code).toBe('OPTION_UNKNOWN');
    expect(message).toMatch(new RegExp(`^${name} must get decay, .*min, max, startAfter, got rate$`));
  });
});

it.each([0, -1, NaN, Infinity])('rampDecay refuses tau %d', (tau) => {
  expect(refusal(() => rampDecay({ decay: 0.9, tau }))).toEqual({
    code: 'DECAY_RANGE',
    message: `tau of rampDecay must be > 0 steps and finite, got ${tau}`,
  });
});

it.each([
  ['rampDecay', rampDecay],
  ['warmupDecay', warmupDecay],
])('%s refuses to be called without an object', (name, make) => {
  expect(refusal(() => make(undefined as never))).toEqual({
    code: 'OPTION_VALUE',
    message: `${name} must get its parameters as an object, got undefined`,
  });
});

it('a schedule of one’s own reads custom in a snapshot', () => {
  expect(planOf(() => 0.5)).toBe('custom');
});
