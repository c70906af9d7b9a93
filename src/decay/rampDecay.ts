import { positiveSteps, schedule, within01, type Bounds, type DecaySchedule } from './schedule.js';

/**
 * yolov5's ramp: the average starts by following and ends by holding.
 *
 * d(step) = decay · (1 − exp(−step / tau)).
 *
 * Rises smoothly towards `decay`; `warmupDecay` rises like step/(step + 9) and stops at `decay` exactly.
 *
 * @param options.decay - the decay it ends at, in [0, 1]
 * @param options.tau - steps, > 0 and finite: after `tau` steps 63 % of `decay` is reached
 * @returns a schedule for the `decay` option; snapshots note its name and parameters
 * @throws SmoothingError `DECAY_RANGE` if a parameter is out of range
 * @example
 * ```ts
 * import { rampDecay } from 'rx-ema';
 * const decay = rampDecay({ decay: 0.9999, tau: 2000 });
 * console.log([1, 2000, 10_000].map((step) => decay({ step }).toFixed(4)).join(' '));
 * // => 0.0005 0.6321 0.9932
 * ```
 * @see ultralytics/yolov5 `ModelEMA`
 */
export function rampDecay(options: { decay: number; tau: number } & Bounds): DecaySchedule {
  return schedule('rampDecay', options, {
    limits: { decay: within01, tau: positiveSteps },
    decay: (step, { decay, tau }) => decay * (1 - Math.exp(-step / tau)),
  });
}
