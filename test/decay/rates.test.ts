import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WAYS } from '../../src/decay/rates.js';
import { holds } from '../holds.js';

type Name = keyof typeof WAYS;

/** Relative tolerance: a few roundings of the conversion. */
const RTOL = 4 * Number.EPSILON;

const close = (got: number, want: number, rtol = RTOL): boolean => Math.abs(got - want) <= rtol * Math.abs(want);

/** By hand, from the definitions: span = 2/alpha − 1, com = 1/alpha − 1, halfLife = −ln 2/ln d, tau = −1/ln d. */
it.each<[Name, number, decay: number, alpha: number]>([
  ['decay', 0.9, 0.9, 0.1],
  ['decay', 0, 0, 1],
  ['alpha', 1, 0, 1],
  ['alpha', 0.25, 0.75, 0.25],
  ['span', 1, 0, 1],
  ['span', 19, 0.9, 0.1],
  ['com', 0, 0, 1],
  ['com', 9, 0.9, 0.1],
  ['halfLife', 1, 0.5, 0.5],
  ['halfLife', 2, Math.SQRT1_2, 1 - Math.SQRT1_2],
  ['tau', 1, 1 / Math.E, 1 - 1 / Math.E],
])('%s %d is decay %d', (name, value, decay, alpha) => {
  const rate = WAYS[name].rate(value)!;
  expect(close(rate.decay, decay)).toBe(true);
  expect(close(rate.alpha, alpha)).toBe(true);
});

it.each<[Name, number, alpha: number]>([
  ['alpha', 1e-9, 1e-9],
  ['span', 2e9 - 1, 1e-9],
  ['com', 1e9 - 1, 1e-9],
  ['halfLife', 1e9, 6.931471803197188e-10], // 1 − 2^(−1e-9) = ln 2·1e-9 − (ln 2·1e-9)²/2
  ['tau', 1e9, 9.999999995e-10], // 1 − e^(−1e-9)
])('%s %d keeps all digits of a small alpha', (name, value, alpha) => {
  expect(close(WAYS[name].rate(value)!.alpha, alpha)).toBe(true);
});

const inRange: Record<Name, fc.Arbitrary<number>> = {
  decay: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  alpha: fc.double({ min: 0, max: 1, minExcluded: true, noNaN: true }),
  span: fc.double({ min: 1, max: Number.MAX_VALUE, noNaN: true }),
  com: fc.double({ min: 0, max: Number.MAX_VALUE, noNaN: true }),
  halfLife: fc.double({ min: 0, max: Number.MAX_VALUE, minExcluded: true, noNaN: true }),
  tau: fc.double({ min: 0, max: Number.MAX_VALUE, minExcluded: true, noNaN: true }),
};

describe.each(Object.keys(WAYS) as Name[])('%s', (name) => {
  it('gives decay in [0, 1] and alpha in [0, 1] that add up to 1', () => {
    holds(
      fc.property(inRange[name], (value) => {
        const { decay, alpha } = WAYS[name].rate(value)!;
        return decay >= 0 && decay <= 1 && alpha > 0 && alpha <= 1 && Math.abs(decay + alpha - 1) <= Number.EPSILON;
      }),
      1000,
    );
  });

  it('gives nothing out of range', () => {
    const outside = {
      decay: [-5e-324, 1],
      alpha: [0, 1 + Number.EPSILON],
      span: [1 - Number.EPSILON, Infinity],
      com: [-5e-324, Infinity],
      halfLife: [0, Infinity],
      tau: [0, Infinity],
    };
    for (const value of [...outside[name], NaN, -Infinity]) expect(WAYS[name].rate(value)).toBeNull();
  });
});
