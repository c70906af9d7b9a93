import { describe, expect, it } from 'vitest';
import { gammaFromSigmaRel } from '../../src/decay/powerProfile.js';
import { fitter, overlap, type Profile } from '../../src/models/postHocFit.js';

const density = ({ gamma, step }: Profile, s: number): number =>
  s > step ? 0 : ((gamma + 1) / step) * (s / step) ** gamma;

/** ∫ p_a·p_b over the shorter of the two, by Simpson's rule. */
function integral(a: Profile, b: Profile): number {
  const end = Math.min(a.step, b.step);
  const n = 20_000;
  let sum = 0;
  for (let i = 0; i <= n; i++) {
    const weight = i === 0 || i === n ? 1 : i % 2 === 1 ? 4 : 2;
    const s = (end * i) / n;
    sum += weight * density(a, s) * density(b, s);
  }
  return (sum * end) / n / 3;
}

const track = (gamma: number, count: number): Profile[] =>
  Array.from({ length: count }, (_, i) => ({ gamma, step: ((i + 1) * 1600) / count }));

describe('overlap', () => {
  it.each<[Profile, Profile]>([
    [
      { gamma: 7, step: 100 },
      { gamma: 7, step: 100 },
    ],
    [
      { gamma: 7, step: 100 },
      { gamma: 17, step: 160 },
    ],
    [
      { gamma: 7, step: 160 },
      { gamma: 17, step: 100 },
    ],
    [
      { gamma: 2, step: 30 },
      { gamma: 3, step: 900 },
    ],
  ])('of %o and %o is the integral of their product, in either order', (a, b) => {
    const exact = integral(a, b);
    expect(Math.abs(overlap(a, b) - exact)).toBeLessThanOrEqual(1e-10 * exact);
    expect(overlap(b, a)).toBe(overlap(a, b));
  });

  it('of a profile with itself is (gamma + 1)²/((2 gamma + 1)·step)', () => {
    expect(overlap({ gamma: 3, step: 50 }, { gamma: 3, step: 50 })).toBeCloseTo(16 / 350, 15);
  });
});

describe('a fit', () => {
  const snapshots = [...track(16.97, 16), ...track(6.94, 16)];

  it('of what is there already is that snapshot, and nothing of the others', () => {
    const { shares, residual } = fitter(snapshots)(snapshots[20]!);
    expect(Math.abs(shares[20]! - 1)).toBeLessThan(1e-9);
    expect(shares.every((share, i) => i === 20 || Math.abs(share) < 1e-9)).toBe(true);
    expect(residual).toBeLessThan(1e-7);
  });

  it('has shares that sum to 1', () => {
    for (const gamma of [0, 1, 4, 9, 30]) {
      const { shares } = fitter(snapshots)({ gamma, step: 1600 });
      expect(Math.abs(shares.reduce((a, b) => a + b, 0) - 1)).toBeLessThan(1e-14);
    }
  });

  it('is as near as the residual says', () => {
    const target = { gamma: 3.5579, step: 1500 };
    const { shares, residual } = fitter(snapshots)(target);
    const along = shares.reduce((sum, x, i) => sum + x * overlap(snapshots[i]!, target), 0);
    const made = shares.reduce(
      (sum, x, i) => sum + shares.reduce((row, y, j) => row + x * y * overlap(snapshots[i]!, snapshots[j]!), 0),
      0,
    );
    const off = Math.sqrt((made - 2 * along + overlap(target, target)) / overlap(target, target));
    expect(residual).toBeGreaterThan(0.001);
    expect(Math.abs(off - residual)).toBeLessThan(1e-6 * residual);
  });

  it.each([
    [8, 0.037, 0.171],
    [16, 0.028, 0.233],
    [33, 0.018, 0.259],
    [65, 0.011, 0.272],
  ])('of 2 tracks over 2000 steps, %i snapshots each, lets widths from %f to %f pass', (count, from, to) => {
    const fit = fitter(
      [0.05, 0.1].flatMap((sigmaRel) =>
        Array.from({ length: count }, (_, i) => {
          return { gamma: gammaFromSigmaRel(sigmaRel), step: Math.round(((i + 1) * 2000) / count) };
        }),
      ),
    );
    const passes = Array.from({ length: 288 }, (_, k) => (k + 1) / 1000).filter((sigmaRel) => {
      return fit({ gamma: gammaFromSigmaRel(sigmaRel), step: 2000 }).residual <= 0.05;
    });
    expect([passes[0], passes.at(-1)]).toEqual([from, to]);
    expect(passes.length).toBe(Math.round(1000 * (to - from)) + 1);
  });

  it('takes a snapshot that stands there twice once', () => {
    const { shares, residual } = fitter([...snapshots, ...snapshots])({ gamma: 5, step: 1600 });
    const once = fitter(snapshots)({ gamma: 5, step: 1600 });
    expect(residual).toBeCloseTo(once.residual, 9);
    const largest = Math.max(...shares.map((share) => Math.abs(share)));
    expect(largest).toBeLessThan(2);
  });

  it('of a single snapshot is that snapshot', () => {
    const [only, target] = [
      { gamma: 6.94, step: 10 },
      { gamma: 3, step: 10 },
    ];
    const square = overlap(only, only) - 2 * overlap(only, target) + overlap(target, target);
    const { shares, residual } = fitter([only])(target);
    expect(shares).toEqual([1]);
    expect(residual).toBeCloseTo(Math.sqrt(square / overlap(target, target)), 12);
  });
});
