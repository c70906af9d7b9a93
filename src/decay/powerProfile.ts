import { SmoothingError } from '../errors.js';

/*
 * The profile of a power-function average (maths M7): at time t the past at s weighs (gamma + 1)/t·(s/t)^gamma. Its standard
 * deviation as a share of t, sigmaRel, and gamma say the same.
 */

/**
 * The exponent of the power-function average of that width: the inverse of sigmaRel =
 * √((gamma + 1)/(gamma + 3))/(gamma + 2).
 *
 * The largest root of γ³ + 7γ² + (16 − q)γ + 12 − q = 0 with q = sigmaRel^−2. In w = sigmaRel·(γ + 1) that is
 * w² + 4·sigmaRel·w + 5·sigmaRel² + 2·sigmaRel³/w = 1, whose terms stay near 1 for every width; the left side is convex, so
 * Newton's steps come down to the root from above, from where the last term is left out.
 *
 * @param sigmaRel - the standard deviation as a share of the run, in (0, 1/√12 = 0.2886…]
 * @returns gamma >= 0
 * @throws SmoothingError `DECAY_RANGE` if `sigmaRel` is out of range
 */
export function gammaFromSigmaRel(sigmaRel: number): number {
  const must = sigmaRelLimit(sigmaRel);
  if (must !== null) throw new SmoothingError('DECAY_RANGE', `sigmaRel must ${must}, got ${sigmaRel}`);
  const s = sigmaRel;
  let w = Math.sqrt(1 - s * s) - 2 * s;
  for (;;) {
    const last = (2 * s * s * s) / w;
    const next = w - (w * w + 4 * s * w + 5 * s * s + last - 1) / (2 * w + 4 * s - last / w);
    if (!(next < w)) return Math.max(0, w / s - 1);
    w = next;
  }
}

/** The width of the plain mean, however it was rounded. */
const WIDEST = 1 / Math.sqrt(12);

/** Null if in range, else what it must do. */
export const gammaLimit = (gamma: number): string | null =>
  gamma >= 0 && gamma < Infinity ? null : 'be >= 0 and finite';
export const sigmaRelLimit = (sigmaRel: number): string | null =>
  sigmaRel > 0 && sigmaRel <= WIDEST ? null : `be in (0, ${WIDEST}]`;
