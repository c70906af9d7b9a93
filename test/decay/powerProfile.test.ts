import { expect, it } from 'vitest';
import { gammaFromSigmaRel } from '../../src/decay/powerProfile.js';
import { refusal } from '../refusal.js';

/** The width of the profile s^gamma on [0, 1]: its standard deviation. */
const sigmaRelFromGamma = (gamma: number): number => Math.sqrt((gamma + 1) / (gamma + 3)) / (gamma + 2);

it.each([
  [0.05, 16.9722],
  [0.1, 6.9372],
  [0.15, 3.5579],
  [0.25, 0.7198],
])('sigmaRel %d is gamma %d', (sigmaRel, gamma) => {
  // maths M7, to the digits given there
  expect(Math.abs(gammaFromSigmaRel(sigmaRel) - gamma)).toBeLessThan(5e-5);
});

it('is the inverse of the width, to the last digits', () => {
  for (let i = 0; i <= 400; i++) {
    const sigmaRel = 0.2886 * 10 ** (-i / 50);
    expect(Math.abs(sigmaRelFromGamma(gammaFromSigmaRel(sigmaRel)) / sigmaRel - 1)).toBeLessThan(4 * 2 ** -53);
    const gamma = 10 ** (i / 50 - 3);
    // at gamma 0 a width's last digit is six of gamma's
    expect(Math.abs(gammaFromSigmaRel(sigmaRelFromGamma(gamma)) - gamma) / (gamma + 1)).toBeLessThan(24 * 2 ** -53);
  }
});

it('the plain mean is as wide as a profile can be, however 1/√12 was rounded', () => {
  expect(sigmaRelFromGamma(0)).toBeCloseTo(1 / Math.sqrt(12), 15);
  for (const widest of [sigmaRelFromGamma(0), Math.sqrt(1 / 12), 1 / Math.sqrt(12)]) {
    expect(gammaFromSigmaRel(widest)).toBeGreaterThanOrEqual(0);
    expect(gammaFromSigmaRel(widest)).toBeLessThan(1e-15);
  }
});

it('overflows for no width', () => {
  expect(gammaFromSigmaRel(1e-300) / 1e300).toBeCloseTo(1, 14);
});

it.each([0, -0.1, 0.29, NaN, Infinity])('sigmaRel %d is refused', (sigmaRel) => {
  const { code, message } = refusal(() => gammaFromSigmaRel(sigmaRel));
  expect([code, message]).toEqual(['DECAY_RANGE', `sigmaRel must be in (0, ${1 / Math.sqrt(12)}], got ${sigmaRel}`]);
});
