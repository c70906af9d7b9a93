import { schedule, within01, type Bounds, type DecaySchedule } from './schedule.js';

/**
 * TensorFlow's warm-up (`num_updates`): nearly a plain mean at first, then a constant decay.
 *
 * d(step) = min(decay, (1 + n) / (10 + n)) with n = step − 1.
 *
 * `rampDecay` has a time constant to choose instead; this one has none.
 *
 * @param options.decay - the decay it ends at, in [0, 1]
 * @returns a schedule for the `decay` option; snapshots note its name and parameters
 * @throws SmoothingError `DECAY_RANGE` if a parameter is out of range
 * @example
 * ```ts
 * import { warmupDecay } from 'rx-ema';
 * const decay = warmupDecay({ decay: 0.99 });
 * console.log([1, 11, 1000].map((step) => decay({ step })).join(' '));
 * // => 0.1 0.55 0.99
 * ```
 * @see tensorflow `tf.train.ExponentialMovingAverage`
 */
export function warmupDecay(options: { decay: number } & Bounds): DecaySchedule {
  return schedule('warmupDecay', options, {
    limits: { decay: within01 },
    decay: (step, { decay }) => Math.min(decay, step / (step + 9)),
  });
}
