import { SmoothingError } from '../errors.js';
import { gammaFromSigmaRel, gammaLimit, sigmaRelLimit } from './powerProfile.js';
import { schedule, type Bounds, type DecaySchedule } from './schedule.js';

/**
 * The power-function average: what it remembers grows with the run, so that its profile keeps its shape.
 *
 * d(step) = (1 − 1/step)^(gamma + 1); over k steps at once (1 − k/step)^(gamma + 1).
 *
 * Step 1 has the decay 0: the average begins as the first weights of the run, whatever it was before, so that it has neither
 * bias nor seed. Since it is relative to the run, a larger batch needs no other parameter (see `scaleDecay`).
 * `halfLifeRampDecay` stops growing at a half-life.
 *
 * @param options.sigmaRel - the standard deviation of the profile as a share of the run, in (0, 0.2886…]; 0.05 to 0.1 is usual
 * @param options.gamma - in place of `sigmaRel`: the exponent, >= 0 and finite; 0 is the plain mean
 * @returns a schedule for the `decay` option; snapshots note its name and parameters
 * @throws SmoothingError `DECAY_CHOICE` unless exactly one of the two is given, `DECAY_RANGE` if a parameter is out of range
 * @example
 * ```ts
 * import { powerDecay } from 'rx-ema';
 * const decay = powerDecay({ sigmaRel: 0.1 });
 * console.log([1, 10, 1000].map((step) => decay({ step }).toFixed(4)).join(' '));
 * // => 0.0000 0.4333 0.9921
 * ```
 * @see Karras et al. 2023, "Analyzing and Improving the Training Dynamics of Diffusion Models" (arXiv 2312.02696), section 3
 */
export function powerDecay(
  options: ({ sigmaRel: number; gamma?: never } | { gamma: number; sigmaRel?: never }) & Bounds,
): DecaySchedule {
  const { sigmaRel, gamma, ...bounds } = (options ?? {}) as { sigmaRel?: number; gamma?: number } & Bounds;
  if ((sigmaRel === undefined) === (gamma === undefined)) {
    const got = gamma === undefined ? 'none' : 'both';
    throw new SmoothingError('DECAY_CHOICE', `powerDecay must get exactly one of sigmaRel, gamma, got ${got}`);
  }
  const exponent = 1 + (gamma ?? gammaFromSigmaRel(sigmaRel!));
  const formula = {
    decay: (step: number) => (1 - 1 / step) ** exponent,
    lnOver: (after: number, upTo: number) => exponent * Math.log1p((after - upTo) / upTo),
  };
  return sigmaRel === undefined
    ? schedule('powerDecay', { ...bounds, gamma: gamma! }, { limits: { gamma: gammaLimit }, ...formula })
    : schedule('powerDecay', { ...bounds, sigmaRel }, { limits: { sigmaRel: sigmaRelLimit }, ...formula });
}
