import { shown, SmoothingError } from '../errors.js';
import { within01, described, lnOverOf, planOf, type DecaySchedule } from './schedule.js';

/**
 * The decay for another batch size: what a batch `batchRatio` times as large has to forget, so that as much is remembered over
 * as many samples.
 *
 * d' = d^batchRatio, for a schedule at each of its steps.
 *
 * The same rule scales a decay to rarer updates; `stepsPerUpdate` does that for a shadow and counts the training steps too. A
 * schedule still counts steps: what it has in steps (`tau`, `steps`, `startAfter`) is for the caller to divide by `batchRatio`.
 * `powerDecay` is relative to the run and needs no scaling.
 *
 * @param decay - in [0, 1], or a schedule
 * @param batchRatio - new batch size through old one, > 0 and finite
 * @returns the decay, or a schedule of which snapshots note its own and the ratio
 * @throws SmoothingError `DECAY_RANGE` for another decay, `OPTION_VALUE` for another ratio
 * @example
 * ```ts
 * import { scaleDecay } from 'rx-ema';
 * console.log(scaleDecay(0.996, 16).toFixed(5), scaleDecay(0.99, 0.5).toFixed(5));
 * // => 0.93788 0.99499
 * ```
 * @see Busbridge et al. 2023, "How to Scale Your EMA" (arXiv 2307.13813)
 */
export function scaleDecay(decay: number, batchRatio: number): number;
export function scaleDecay(decay: DecaySchedule, batchRatio: number): DecaySchedule;
export function scaleDecay(decay: number | DecaySchedule, batchRatio: number): number | DecaySchedule {
  if (!(typeof batchRatio === 'number' && batchRatio > 0 && batchRatio < Infinity)) {
    throw new SmoothingError('OPTION_VALUE', `batchRatio must be > 0 and finite, got ${shown(batchRatio)}`);
  }
  if (typeof decay !== 'function') {
    if (typeof decay === 'number' && within01(decay) === null) return decay ** batchRatio;
    throw new SmoothingError('DECAY_RANGE', `decay must be in [0, 1], or a schedule, got ${shown(decay)}`);
  }
  const scaled: DecaySchedule = (at) => {
    const own = decay(at);
    return within01(own) === null ? own ** batchRatio : own; // what is out of range is for the user of the schedule to refuse
  };
  const plan = `scaleDecay(${JSON.stringify({ batchRatio, decay: planOf(decay) })})`;
  const lnOver = lnOverOf(decay);
  return described(scaled, plan, lnOver && ((after, upTo) => batchRatio * lnOver(after, upTo)));
}
