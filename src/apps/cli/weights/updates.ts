import { resolveModelEma, type ModelEmaOptions } from '../../../modelOptions.js';
import type { SafetensorsArray } from '../../../state/safetensorsDtypes.js';
import type { Forgetting } from './forgetting.js';

/**
 * Options of a ModelEma whose updates are at these training steps: each forgets by the product of the decays since the one before.
 *
 * @param steps - rising; the first is the start, at which the average holds nothing yet, or a copy that counts no step
 */
export function updatesAt(steps: readonly number[], forget: Forgetting): ModelEmaOptions<SafetensorsArray> {
  const [start = 0, next = start + 1] = steps;
  const spacing = next - start;
  if (spacing > 0 && steps.every((step, n) => step === start + n * spacing)) {
    return { ...forget, stepsPerUpdate: spacing } as ModelEmaOptions<SafetensorsArray>;
  }
  const { rateAt } = resolveModelEma(forget);
  return {
    decay({ step: n }) {
      let decay = 1;
      for (let step = steps[n - 1]! - start + 1; step <= steps[n]! - start; step++) decay *= rateAt(step).decay;
      return decay;
    },
  };
}
