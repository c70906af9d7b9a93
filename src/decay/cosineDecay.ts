import { positiveSteps, schedule, within01, type Bounds, type DecaySchedule } from './schedule.js';

/**
 * BYOL's schedule of its target network: from `decay` at step 1 up to 1, where the average stands still.
 *
 * d(step) = 1 − (1 − decay)·(cos(π·min(n / steps, 1)) + 1)/2 with n = step − 1.
 *
 * The other schedules of the package end at their `decay`; this one begins there and needs to know how long the run is.
 *
 * @param options.decay - the decay it begins at, in [0, 1]; BYOL's is 0.996
 * @param options.steps - steps of the whole run, > 0 and finite; from step `steps` + 1 on the decay is 1
 * @returns a schedule for the `decay` option; snapshots note its name and parameters
 * @throws SmoothingError `DECAY_RANGE` if a parameter is out of range
 * @example
 * ```ts
 * import { cosineDecay } from 'rx-ema';
 * const decay = cosineDecay({ decay: 0.996, steps: 1000 });
 * console.log([1, 501, 1001].map((step) => decay({ step })).join(' '));
 * // => 0.996 0.998 1
 * ```
 * @see Grill et al. 2020, "Bootstrap Your Own Latent" (arXiv 2006.07733), section 3.2
 */
export function cosineDecay(options: { decay: number; steps: number } & Bounds): DecaySchedule {
  return schedule('cosineDecay', options, {
    limits: { decay: within01, steps: positiveSteps },
    decay: (step, { decay, steps }) => {
      const done = Math.min((step - 1) / steps, 1);
      return 1 - ((1 - decay) * (Math.cos(Math.PI * done) + 1)) / 2;
    },
  });
}
