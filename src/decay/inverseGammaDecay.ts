import { positive, schedule, within01, type Bounds, type DecaySchedule } from './schedule.js';

/**
 * The warm-up of timm, ema-pytorch and diffusers: with the defaults it reaches 0.999 after 31.6 thousand steps and 0.9999
 * after a million.
 *
 * d(step) = min(decay, 1 − (1 + step / gamma)^−power).
 *
 * With `gamma: 1, power: 1` it is the plain mean. `rampDecay` comes close to its end exponentially fast; this one as a power
 * of the steps. Those libraries copy at their step 1 and have this decay for their step `step` + 1: here the first weights are
 * copied and are not a step, so a run over the same weights has the same decays.
 *
 * @param options.decay - the decay it ends at, in [0, 1]
 * @param options.gamma - steps, > 0 and finite: larger is a longer warm-up (`warmup_gamma`, `inv_gamma`). Default 1
 * @param options.power - > 0 and finite: larger is a shorter warm-up. 2/3 for a million steps or more, 3/4 for fewer.
 * Default 2/3
 * @returns a schedule for the `decay` option; snapshots note its name and parameters
 * @throws SmoothingError `DECAY_RANGE` if a parameter is out of range
 * @example
 * ```ts
 * import { inverseGammaDecay } from 'rx-ema';
 * const decay = inverseGammaDecay({ decay: 0.9999 });
 * console.log([1, 10, 100, 31_621].map((step) => decay({ step }).toFixed(4)).join(' '));
 * // => 0.3700 0.7978 0.9539 0.9990
 * ```
 * @see timm `ModelEmaV3(use_warmup=True)`, ema-pytorch `EMA`, diffusers `EMAModel(use_ema_warmup=True)`
 */
export function inverseGammaDecay(options: { decay: number; gamma?: number; power?: number } & Bounds): DecaySchedule {
  return schedule('inverseGammaDecay', options, {
    limits: { decay: within01, gamma: positive, power: positive },
    defaults: { gamma: 1, power: 2 / 3 },
    decay: (step, { decay, gamma, power }) => Math.min(decay, 1 - (1 + step / gamma) ** -power),
  });
}
