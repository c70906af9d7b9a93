import { SmoothingError } from '../errors.js';
import type { WeightMap } from '../types.js';
import { otherKind } from '../values/smoother.js';
import { checkShape, checkTensor, isTensor } from '../values/tensorOps.js';
import { isVector } from '../values/vector.js';
import { keepContents, put, type LiveWeight } from './contents.js';
import { enterSwap, leaveSwap } from './swaps.js';
import { liveWeights } from './weightsOf.js';

/**
 * Runs `evaluate` with averaged weights in the model, then puts all of the model's own back, also those that the shadow
 * lacks: when it returns, throws, or its promise settles. Nothing is computed: variables take the averages' data and later
 * their own again, arrays are copied into; bit for bit.
 *
 * @param model - as for `weightsOf`: a tfjs layers model, a list of variables, variables or typed arrays by name
 * @param shadow - averages by name: `ModelEma.shadow`, what `modelEma` emits, or typed arrays. `evaluate` sees the model's
 * own weights where it lacks a name
 * @param evaluate - sees the averaged weights; what it writes to the model is undone. Must not train the model
 * @returns what `evaluate` returns
 * @throws SmoothingError before anything is swapped: `VALUE_KIND`, `NAMES_MISMATCH` for a name the model lacks,
 * `SHAPE_MISMATCH`, `DTYPE_MISMATCH`, `TENSOR_DISPOSED`, and `SWAP_ACTIVE` if the model or the shadow is in a swap already.
 * Updating the shadow meanwhile, or any average from the model, is `SWAP_ACTIVE` too
 * @example
 * ```ts
 * import { ModelEma, withEmaWeights } from 'rx-ema';
 * const model = { w: Float32Array.of(0) }; // or a layers model, or variables of tfjs
 * const ema = new ModelEma<Float32Array>({ decay: 0.5 });
 * ema.update(model);
 * model.w[0] = 4; // a training step
 * ema.update(model);
 * console.log(withEmaWeights(model, ema.shadow, () => model.w[0]), model.w[0]);
 * // => 2 4
 * ```
 * @see `refreshNorm` for the moving statistics of batch normalization; timm, diffusers `EMAModel.store` / `restore`
 */
export function withEmaWeights<R>(model: object, shadow: WeightMap, evaluate: () => R): R {
  const weights = liveWeights(model);
  for (const [name, weight] of Object.entries(weights)) checkLive(name, weight);
  const averages = Object.entries(shadow);
  for (const [name, average] of averages) {
    if (!Object.hasOwn(weights, name)) {
      throw new SmoothingError('NAMES_MISMATCH', `the shadow must have names of the model only, got '${name}'`);
    }
    checkAverage(name, weights[name]!, average);
  }
  if (averages.length === 0) {
    throw new SmoothingError('NAMES_MISMATCH', 'the shadow must have at least one name of the model, got none');
  }
  const parts = [model, shadow, ...Object.values(weights)];
  enterSwap(parts);
  let putBack: (() => void) | undefined;
  const restore = (): void => {
    leaveSwap(parts);
    putBack?.();
  };
  let pending = false;
  try {
    putBack = keepContents(Object.values(weights));
    for (const [name, average] of averages) put(weights[name]!, average as LiveWeight);
    const result = evaluate();
    pending = isPromise(result);
    return pending ? (Promise.resolve(result).finally(restore) as R) : result;
  } finally {
    if (!pending) restore();
  }
}

function checkLive(name: string, weight: LiveWeight): void {
  if (!isTensor(weight) || !weight.isDisposed) return;
  throw new SmoothingError('TENSOR_DISPOSED', `the model's '${name}' must be live, got a disposed one`);
}

function checkAverage(name: string, weight: LiveWeight, average: WeightMap[string]): void {
  const what = `the average of '${name}'`;
  const size = isTensor(weight) ? weight.size : weight.length;
  if (isTensor(average)) {
    checkTensor(average, what, isTensor(weight) ? weight.dtype : undefined);
    checkShape(what, average, isTensor(weight) ? weight.shape : [size]);
  } else if (isVector(average)) {
    checkShape(what, { shape: [average.length] }, [size]);
  } else {
    throw otherKind(`be averages by name; ${what} must be a tensor or a typed array`, average);
  }
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
