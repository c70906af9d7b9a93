import { expect, it } from 'vitest';
import { fromBrainFloat, toBrainFloat } from '../../src/values/brainFloat.js';

const NANS = (half: number): boolean => (half & 0x7f80) === 0x7f80 && (half & 0x7f) !== 0;
const ALL = Array.from({ length: 0x10000 }, (_, half) => half);

it('reads and writes every bfloat16 but NaN back as it was', () => {
  expect(ALL.filter((half) => !NANS(half) && toBrainFloat(fromBrainFloat(half)) !== half)).toEqual([]);
});

it('reads every NaN as NaN and writes one', () => {
  expect(ALL.filter(NANS).every((half) => Number.isNaN(fromBrainFloat(half)))).toBe(true);
  expect(NANS(toBrainFloat(NaN))).toBe(true);
});

it.each([
  [0x3f80, 1],
  [0xc000, -2],
  [0x0001, 2 ** -133],
  [0x7f7f, 3.3895313892515355e38],
  [0x7f80, Infinity],
  [0x8000, -0],
])('knows %i as %d', (half, value) => {
  expect(fromBrainFloat(half)).toBe(value);
  expect(toBrainFloat(value)).toBe(half);
});

it('rounds once, to the nearest, a tie to the even one: by a hair that float32 does not have, too', () => {
  const wrong = ALL.slice(1, 0x7f7f).filter((half) => {
    const [low, high] = [fromBrainFloat(half), fromBrainFloat(half + 1)];
    const tie = (low + high) / 2;
    const even = half % 2 === 0 ? half : half + 1;
    const got = [tie, tie - tie * 1e-15, tie + tie * 1e-15, -tie, -tie - tie * 1e-15].map(toBrainFloat);
    return got.join() !== [even, half, half + 1, even + 0x8000, half + 1 + 0x8000].join();
  });
  expect(wrong).toEqual([]);
});

it('carries into infinity half a step beyond the largest', () => {
  const [largest, step] = [fromBrainFloat(0x7f7f), 2 ** 120];
  expect(toBrainFloat(largest + step / 2)).toBe(0x7f80);
  expect(toBrainFloat(largest + step * 0.49)).toBe(0x7f7f);
  expect(toBrainFloat(-1e300)).toBe(0xff80);
});
