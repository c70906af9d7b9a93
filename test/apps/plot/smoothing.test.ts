import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/apps/cli/usageError.js';
import { smoothingOf, type SmoothingGiven } from '../../../src/apps/plot/smoothing.js';

describe('how much to smooth', () => {
  it.each<[SmoothingGiven, number, string]>([
    [{ alpha: 0.25 }, 0.25, 'alpha 0.25'],
    [{ decay: 0.75 }, 0.25, 'decay 0.75'],
    [{ span: 7 }, 0.25, 'span 7 values'],
    [{ com: 3 }, 0.25, 'com 3'],
    [{ halfLife: 1 }, 0.5, 'half-life 1 values'],
    [{ tau: 1 / Math.LN2 }, 0.5, 'tau 1.4426950408889634 values'],
  ])('is what %j says', (given, alpha, words) => {
    expect(smoothingOf(given).alphaFor(1000)).toBeCloseTo(alpha, 15);
    expect(smoothingOf(given).words([7, 1000])).toBe(words);
  });

  it('goes by the length of the curves if nobody says, with a half-life of one value at least', () => {
    const { alphaFor, words } = smoothingOf({});
    expect(words([600, 600])).toBe('half-life 12.2 values');
    expect(words([3, 40_000])).toBe('half-life 1 to 100 values');
    expect(alphaFor(40_000)).toBeCloseTo(1 - 2 ** -0.01, 14);
    expect(alphaFor(3)).toBe(0.5);
  });

  it.each<[SmoothingGiven, string]>([
    [{ halfLife: 3, span: 4 }, 'there must be one way to smooth, got --half-life and --span'],
    [{ halfLife: 0 }, '--half-life must be > 0 steps and finite, got 0'],
    [{ decay: 1 }, '--decay must be in [0, 1), got 1'],
  ])('refuses %j', (given, message) => {
    expect(() => smoothingOf(given)).toThrow(new UsageError(message));
  });
});
