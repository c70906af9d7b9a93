import { positive, positiveSteps, schedule, type Bounds, type DecaySchedule } from './schedule.js';

/**
 * EDM's ramp: a half-life that grows with the run until it is `halfLife`.
 *
 * d(step) = 2^(−1 / H) with H = min(halfLife, rampRatio·step).
 *
 * `powerDecay` remembers the same share of the run for ever; this one does so until `halfLife` is reached.
 *
 * @param options.halfLife - steps, > 0 and finite: the half-life it ends at. One in samples is divided by the batch size
 * @param options.rampRatio - > 0 and finite: the half-life as a share of the steps so far. Default 0.09
 * @returns a schedule for the `decay` option; snapshots note its name and parameters
 * @throws SmoothingError `DECAY_RANGE` if a parameter is out of range
 * @example
 * ```ts
 * import { halfLifeRampDecay } from 'rx-ema';
 * const decay = halfLifeRampDecay({ halfLife: 900 });
 * console.log([100, 10_000, 20_000].map((step) => (-Math.LN2 / Math.log(decay({ step }))).toFixed(0)).join(' '));
 * // => 9 900 900
 * ```
 * @see Karras et al. 2022, "Elucidating the Design Space of Diffusion-Based Generative Models", `ema_rampup_ratio`
 */
export function halfLifeRampDecay(options: { halfLife: number; rampRatio?: number } & Bounds): DecaySchedule {
  return schedule('halfLifeRampDecay', options, {
    limits: { halfLife: positiveSteps, rampRatio: positive },
    defaults: { rampRatio: 0.09 },
    decay: (step, { halfLife, rampRatio }) => 2 ** (-1 / Math.min(halfLife, rampRatio * step)),
  });
}
