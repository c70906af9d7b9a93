import { describe, expect, it } from 'vitest';
import { at, fractionOf, isWide, moved, partOf, scaledAt, tidy } from '../../../../src/apps/dashboard/page/zoom.js';

describe('a range', () => {
  it('is zoomed to a part of it, from whichever end', () => {
    expect(partOf([0, 200], 0.25, 0.5, false)).toEqual([50, 100]);
    expect(partOf([0, 200], 0.5, 0.25, false)).toEqual([50, 100]);
    const [from, to] = partOf([1, 10_000], 0.25, 0.5, true);
    expect([from, to]).toEqual([expect.closeTo(10), expect.closeTo(100)]);
  });

  it('is scaled around a place that stays where it is', () => {
    expect(scaledAt([0, 100], 0.25, 2, false)).toEqual([-25, 175]);
    const log = scaledAt([1, 100], 0.5, 2, true);
    expect(at(log, 0.5, true)).toBeCloseTo(10);
  });

  it('is moved by a part of its length', () => {
    expect(moved([10, 20], 0.5, false)).toEqual([15, 25]);
    const [from, to] = moved([1, 100], 0.5, true);
    expect([from, to]).toEqual([expect.closeTo(10), expect.closeTo(1000)]);
  });

  it('knows where a value stands', () => {
    expect(fractionOf([10, 20], 15, false)).toBe(0.5);
    expect(fractionOf([1, 100], 10, true)).toBeCloseTo(0.5);
  });

  it('is said in as few digits as a screen can show', () => {
    expect(tidy(0.418_996_276_973_672, [0.4, 1.4], false)).toBe(0.418_996);
    expect(tidy(123_456.789, [0, 1e6], false)).toBe(123_457);
    expect(tidy(1.700_000_000_123_456e9, [1.7e9, 1.700_000_1e9], false)).toBeCloseTo(1.700_000_000_123_456e9, 3);
    expect(tidy(0.000_123_456_78, [1e-4, 1e4], true)).toBe(0.000_123_457);
  });

  it('is too narrow where numbers end', () => {
    expect([isWide([1, 2]), isWide([1, 1]), isWide([1, 1 + 1e-13]), isWide([0, Infinity])]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});
