import { SmoothingError } from '../errors.js';
import type { TensorLike, WeightMap } from '../types.js';
import { checkShape, checkTensor, cloneTensor, isTensor, tensorOf, type Tensor } from '../values/tensorOps.js';
import { otherKind } from '../values/smoother.js';
import { isVector } from '../values/vector.js';
import { enterSwap, leaveSwap } from './swaps.js';
import { variablesOf, type VariableLike } from './weightsOf.js';

/**
 * Runs `evaluate` with averaged weights in the model, then puts the model's own back: when it returns, throws, or its
 * promise settles. Nothing is computed: variables take the averages' data and later their own again, bit for bit.
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
    if (!Object.hasOwn(variables, name)) {
      throw new SmoothingError('NAMES_MISMATCH', `the shadow must have names of the model only, got '${name}'`);
    }
    const variable = variables[name]!;
    checkAverage(name, variable, average);
    return { variable, average };
  });
  if (swaps.length === 0) {
    throw new SmoothingError('NAMES_MISMATCH', 'the shadow must have at least one name of the model, got none');
  }
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
  let pending = false;
  try {
    for (const { variable, average } of swaps) {
      own.push([variable, cloneTensor(variable as unknown as Tensor)]);
      assign(variable, average);
    }
    const result = evaluate();
    pending = isPromise(result);
    return pending ? (Promise.resolve(result).finally(restore) as R) : result;
  } finally {
    if (!pending) restore();
  }
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
  const what = `the average of '${name}'`;
  if (isTensor(average)) {
    checkTensor(average, what, variable.dtype);
    checkShape(what, average, variable.shape);
  } else if (isVector(average)) {
    checkShape(what, { shape: [average.length] }, [variable.shape.reduce((a, b) => a * b, 1)]);
  } else {
    throw otherKind(`be averages by name; ${what} must be a tensor or a typed array`, average);
  }
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
