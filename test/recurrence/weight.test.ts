import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advance, age, noWeight, settle, type Rate } from '../../src/recurrence/weight.js';
import { holds } from '../holds.js';

const rate = (decay: number): Rate => ({ decay, alpha: 1 - decay });
const ZERO = { seeded: false, sma: 0 };

/** W after each of n steps at a constant rate. */
function weights(n: number, { decay, alpha }: Rate): { weight: number; gain: number }[] {
  const state = noWeight();
  return Array.from({ length: n }, () => {
    const gain = advance(state, 0, { decay, alpha }, ZERO);
    return { weight: state[0]!, gain };
  });
}

describe('W of a zero start', () => {
  it('is 1 − d^t, and the gain alpha / W', () => {
    const d = 0.9;
    weights(50, rate(d)).forEach(({ weight, gain }, i) => {
      const want = -Math.expm1((i + 1) * Math.log(d));
      expect(Math.abs(weight - want)).toBeLessThanOrEqual(4 * Number.EPSILON * want); // a rounding or two that do not add up
      expect(Math.abs(gain - (1 - d) / want)).toBeLessThanOrEqual(4 * Number.EPSILON);
    });
  });

  it.each([0.5, 0.9, 0.99, 0.999, 0.9999])('reaches exactly 1 at decay %d and stays there', (d) => {
    const steps = Math.ceil(40 / (1 - d)); // d^t < 1e-17 by then
    const state = noWeight();
    for (let t = 0; t < steps; t++) advance(state, 0, rate(d), ZERO);
    expect(state[0]!).toBe(1);
    expect(advance(state, 0, rate(d), ZERO)).toBe(1 - d);
    expect(state[0]!).toBe(1);
  });

  it('is 1 at once when nothing is remembered', () => {
    expect(weights(2, rate(0))).toEqual([
      { weight: 1, gain: 1 },
      { weight: 1, gain: 1 },
    ]);
  });

  it('is 1 − product of the decays under a schedule, gaps that do not age left out', () => {
    holds(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 40 }), (decays) => {
        const state = noWeight();
        for (const d of decays) advance(state, 0, rate(d), ZERO);
        const want = 1 - decays.reduce((a, b) => a * b, 1);
        return Math.abs(state[0]! - want) <= 40 * Number.EPSILON * Math.max(want, 1e-3);
      }),
    );
  });

  it('keeps its digits for a tiny alpha', () => {
    const tiny = { decay: 1 - 1e-12, alpha: 1e-12 };
    const [first, second, third] = weights(3, tiny);
    expect([first!.weight, second!.weight, third!.weight].map((w) => w / 1e-12)).toEqual([
      1,
      expect.closeTo(2 - 1e-12, 12),
      expect.closeTo(3 - 3e-12, 11),
    ]);
    expect(first!.gain).toBe(1);
    expect(Math.abs(second!.gain - 1 / 2)).toBeLessThan(1e-12);
  });
});

describe('an ageing gap', () => {
  it('multiplies W by d and counts as a step', () => {
    const state = noWeight();
    advance(state, 0, rate(0.5), ZERO);
    advance(state, 0, rate(0.5), ZERO);
    age(state, 0, rate(0.5));
    expect([state[0]!, state[1], state[2]]).toEqual([0.375, 0.625, 3]);
  });

  it('before the first value changes nothing', () => {
    const state = noWeight();
    age(state, 0, rate(0.5));
    expect(state).toEqual(noWeight());
  });

  it('takes W away from 1 again', () => {
    const state = noWeight();
    settle(state);
    age(state, 0, rate(0.9));
    expect(state[0]!).toBeCloseTo(0.9, 15);
    expect(state[1]).toBeCloseTo(0.1, 15);
  });
});

describe('a seeded start', () => {
  it('takes the first value whole and keeps W at 1', () => {
    const state = noWeight();
    const gains = [1, 2, 3].map(() => advance(state, 0, rate(0.9), { seeded: true, sma: 1 }));
    expect(gains).toEqual([1, 1 - 0.9, 1 - 0.9]);
    expect(state[0]!).toBe(1);
  });

  it('of a mean has gains 1, 1/2, 1/3 and no weight before the n-th value', () => {
    const state = noWeight();
    const seen = [1, 2, 3, 4].map(() => [advance(state, 0, rate(0.9), { seeded: true, sma: 3 }), state[0]!]);
    expect(seen).toEqual([
      [1, 0],
      [1 / 2, 0],
      [1 / 3, 1],
      [1 - 0.9, 1],
    ]);
  });

  it('after a gap of one gives the value alpha/(d² + alpha), as pandas without adjust', () => {
    const state = noWeight();
    const start = { seeded: true, sma: 1 };
    advance(state, 0, rate(0.5), start);
    age(state, 0, rate(0.5));
    expect(advance(state, 0, rate(0.5), start)).toBeCloseTo(0.5 / (0.25 + 0.5), 15);
    expect(state[0]!).toBe(1);
  });
});

describe('a frozen schedule', () => {
  it('lets nothing in before anything came in, and then takes the first value whole', () => {
    const state = noWeight();
    expect(advance(state, 0, rate(1), ZERO)).toBe(0);
    expect(state[0]!).toBe(0);
    expect(advance(state, 0, rate(0.5), ZERO)).toBe(1);
  });

  it('holds what is there', () => {
    const state = noWeight();
    advance(state, 0, rate(0.5), ZERO);
    expect(advance(state, 0, rate(1), ZERO)).toBe(0);
    expect(state[0]!).toBe(0.5);
  });
});
