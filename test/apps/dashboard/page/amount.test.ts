import { describe, expect, it } from 'vitest';
import {
  decayOf,
  longestHalfLife,
  onScale,
  slid,
  sliderOf,
  typedAmount,
  type Scale,
} from '../../../../src/apps/dashboard/page/amount.js';

const SCALES: readonly Scale[] = ['halfLife', 'span', 'decay'];

describe('an amount of smoothing', () => {
  it.each([
    ['halfLife', 1, 0.5],
    ['halfLife', 2, Math.SQRT1_2],
    ['span', 9, 0.8],
    ['decay', 0.99, 0.99],
    ['halfLife', 0, 0],
    ['span', 1, 0],
    ['decay', 0, 0],
  ] as const)('of %s %d is a decay of %d', (scale, value, decay) => {
    expect(decayOf({ scale, value })).toBeCloseTo(decay, 15);
  });

  it('is the same on each scale', () => {
    for (const from of SCALES) {
      for (const to of SCALES) {
        const amount = onScale(typedAmount(from, from === 'decay' ? '0.98' : '50')!, to);
        const back = onScale(amount, from);
        expect(decayOf(back)).toBeCloseTo(decayOf(typedAmount(from, from === 'decay' ? '0.98' : '50')!), 8);
      }
    }
  });

  it('that was typed stays as it was typed', () => {
    expect(typedAmount('halfLife', '50')).toEqual({ scale: 'halfLife', value: 50 });
    expect(typedAmount('decay', ' 0,999 ')).toEqual({ scale: 'decay', value: 0.999 });
  });

  it('is kept to what its scale allows, and a text that is no number is none', () => {
    expect(typedAmount('halfLife', '-3')).toEqual({ scale: 'halfLife', value: 0 });
    expect(typedAmount('span', '0')).toEqual({ scale: 'span', value: 1 });
    expect(decayOf(typedAmount('decay', '1')!)).toBeLessThan(1);
    expect(typedAmount('decay', 'much')).toBeNull();
    expect(typedAmount('decay', '')).toBeNull();
  });
});

describe('the slider', () => {
  it('is off at its left end, and at its right end the longest half-life', () => {
    for (const scale of SCALES) expect(decayOf(slid(0, scale, 1e4))).toBe(0);
    expect(slid(1, 'halfLife', 1e4)).toEqual({ scale: 'halfLife', value: 1e4 });
  });

  it('is logarithmic in the half-life', () => {
    const steps = [0.2, 0.4, 0.6, 0.8].map((position) => slid(position, 'halfLife', 1e4).value);
    expect(steps).toEqual([1, 10, 100, 1000]);
  });

  it('stands where it was left, on each scale', () => {
    for (const scale of SCALES) {
      for (const position of [0, 0.3, 0.5, 0.7, 0.9, 1]) {
        expect(sliderOf(slid(position, scale, 1e4), 1e4)).toBeCloseTo(position, 2);
      }
    }
  });

  it('stands at its end for what is beyond it', () => {
    expect(sliderOf({ scale: 'halfLife', value: 1e6 }, 1e4)).toBe(1);
  });

  it('reaches farther where curves are longer', () => {
    expect([0, 600, 1e5, 1e6, 5e6].map(longestHalfLife)).toEqual([1e4, 1e4, 1e4, 1e5, 1e5]);
  });
});
