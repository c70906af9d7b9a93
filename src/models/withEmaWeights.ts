import { contentsFor, keepContents, put, type Contents } from './contents.js';
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
export function withEmaWeights<R>(model: object, shadow: Contents, evaluate: () => R): R {
  const weights = liveWeights(model);
  const averages = contentsFor(weights, shadow, 'the shadow');
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
    for (const [name, average] of averages) put(weights[name]!, average);
    const result = evaluate();
    pending = isPromise(result);
    return pending ? (Promise.resolve(result).finally(restore) as R) : result;
  } finally {
    if (!pending) restore();
  }
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
