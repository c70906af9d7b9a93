import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromHalf, toHalf } from '../../src/values/half.js';
import { holds } from '../holds.js';

const NANS = (half: number): boolean => (half & 0x7c00) === 0x7c00 && (half & 0x3ff) !== 0;
const ALL = Array.from({ length: 0x10000 }, (_, half) => half);

it('reads and writes every half but NaN back as it was', () => {
  expect(ALL.filter((half) => !NANS(half) && toHalf(fromHalf(half)) !== half)).toEqual([]);
});

it('reads every NaN as NaN and writes one', () => {
  expect(ALL.filter(NANS).every((half) => Number.isNaN(fromHalf(half)))).toBe(true);
  expect(NANS(toHalf(NaN))).toBe(true);
});

it.each([
  [0x3c00, 1],
  [0xbc00, -1],
  [0x3555, 0.333251953125],
  [0x0001, 2 ** -24],
  [0x0400, 2 ** -14],
  [0x7bff, 65504],
  [0x7c00, Infinity],
  [0xfc00, -Infinity],
  [0x8000, -0],
])('knows %i as %d (IEEE 754 binary16)', (half, value) => {
  expect(fromHalf(half)).toBe(value);
  expect(toHalf(value)).toBe(half);
});

it('rounds to the nearest half, a tie to the even one', () => {
  const positive = ALL.slice(0, 0x7bff);
  const wrong = positive.filter((half) => {
    const [low, high] = [fromHalf(half), fromHalf(half + 1)];
    const tie = (low + high) / 2;
    const even = half % 2 === 0 ? half : half + 1;
    return toHalf(tie) !== even || toHalf(tie - tie * 1e-9) !== half || toHalf(tie + tie * 1e-9) !== half + 1;
  });
  expect(wrong).toEqual([]);
});

it('turns what is too large to infinity and what is too small to zero', () => {
  expect([65519.99, 65520, 1e300].map(toHalf)).toEqual([0x7bff, 0x7c00, 0x7c00]);
  expect([2 ** -25, 2 ** -25 * 1.0001, 5e-324, -5e-324].map(toHalf)).toEqual([0, 1, 0, 0x8000]);
});

it('never is off by more than half a step', () => {
  holds(
    fc.property(fc.double({ min: -65504, max: 65504, noNaN: true }), (x) => {
      const step = 2 ** Math.max(-24, Math.floor(Math.log2(Math.abs(x) || 1)) - 10);
      return Math.abs(fromHalf(toHalf(x)) - x) <= step / 2;
    }),
  );
});
