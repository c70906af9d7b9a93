import { SmoothingError } from '../errors.js';
import type { TensorLike, WeightMap } from '../types.js';
import { checkShape, checkTensor, cloneTensor, isTensor, tensorOf, type Tensor } from '../values/tensorOps.js';
import { enterSwap, leaveSwap } from './swaps.js';
import { variablesOf, type VariableLike } from './weightsOf.js';

/**
 * Runs `evaluate` with averaged weights in the model, then puts the model's own back: when it returns, throws, or its
 * promise settles. The variables get the averages' handles and later their own again, bit for bit; nothing is computed.
 *
 * @param model - a tfjs layers model, or variables by name, as for `weightsOf`
 * @param shadow - averages by name: `ModelEma.shadow`, what `modelEma` emits, or typed arrays. Names of the model that it
 * lacks are left alone
 * @param evaluate - sees the averaged weights; must not train the model
 * @returns what `evaluate` returns
 * @throws SmoothingError before anything is swapped: `NAMES_MISMATCH` for a name the model lacks, `SHAPE_MISMATCH`,
 * `DTYPE_MISMATCH`, `TENSOR_DISPOSED`, and `SWAP_ACTIVE` if the model or the shadow is in a swap already. Updating the
 * shadow meanwhile is `SWAP_ACTIVE` too
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { ModelEma, weightsOf, withEmaWeights } from 'rx-ema';
 * const model = { w: tf.variable(tf.tensor1d([0])) };
 * const ema = new ModelEma({ decay: 0.5 });
 * ema.update(weightsOf(model));
 * model.w.assign(tf.tensor1d([4]));
 * ema.update(weightsOf(model));
 * console.log(withEmaWeights(model, ema.shadow, () => model.w.dataSync()[0]), model.w.dataSync()[0]);
 * // => 2 4
 * ```
 * @see timm, diffusers `EMAModel.store` / `restore`
 */
export function withEmaWeights<R>(model: object, shadow: WeightMap, evaluate: () => R): R {
  const variables = variablesOf(model);
  const swaps = Object.entries(shadow).map(([name, average]) => {
    const variable = variables[name];
    if (variable === undefined) {
      throw new SmoothingError('NAMES_MISMATCH', `the shadow must have names of the model only, got '${name}'`);
    }
    checkAverage(name, variable, average);
    return { variable, average };
  });
  const parts = [model, shadow, ...Object.values(variables)];
  enterSwap(parts);
  const own: [VariableLike, TensorLike][] = [];
  const restore = (): void => {
    for (const [variable, value] of own.reverse()) {
      variable.assign(value);
      value.dispose();
    }
    leaveSwap(parts);
  };
  let result: R;
  try {
    for (const { variable, average } of swaps) {
      own.push([variable, cloneTensor(variable as unknown as Tensor)]);
      assign(variable, average);
    }
    result = evaluate();
  } catch (error) {
    restore();
    throw error;
  }
  if (!isPromise(result)) {
    restore();
    return result;
  }
  return result.then(
    (value) => (restore(), value),
    (error: unknown) => {
      restore();
      throw error;
    },
  ) as R;
}

/** `assign` shares the average's data; it does not take the tensor. */
function assign(variable: VariableLike, average: TensorLike | ArrayLike<number>): void {
  if (isTensor(average)) {
    variable.assign(average);
    return;
  }
  const values = variable.dtype === 'float32' ? Float32Array : variable.dtype === 'int32' ? Int32Array : Uint8Array;
  const tensor = tensorOf(values.from(average as ArrayLike<number>), variable.shape, variable.dtype);
  variable.assign(tensor);
  tensor.dispose();
}

function checkAverage(name: string, variable: VariableLike, average: TensorLike | ArrayLike<number>): void {
  const size = variable.shape.reduce((a, b) => a * b, 1);
  if (!isTensor(average)) {
    const { length } = average as ArrayLike<number>;
    if (length === size) return;
    throw new SmoothingError('SHAPE_MISMATCH', `the average of '${name}' must have ${size} elements, got ${length}`);
  }
  checkTensor(average, `the average of '${name}'`, variable.dtype);
  checkShape(`the average of '${name}'`, average, variable.shape);
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
