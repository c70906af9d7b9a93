import { shown, SmoothingError } from '../errors.js';
import type { SafetensorsArray } from '../state/safetensorsDtypes.js';
import type { TensorLike } from '../types.js';
import { isModelEma } from './isModelEma.js';
import { otherKind } from '../values/smoother.js';
import {
  arrayTypeOf,
  checkShape,
  checkTensor,
  cloneTensor,
  isTensor,
  tensorOf,
  valuesOf,
  type Tensor,
} from '../values/tensorOps.js';
import { isVector } from '../values/vector.js';
import type { Movable } from '../averages/average.js';

/** A tfjs variable. */
export interface Variable extends Tensor {
  assign(value: Tensor): void;
}

/** A weight of a model, in the memory that the model computes with. */
export type LiveWeight = Variable | Exclude<Movable, Tensor>;

/** What weights can be made to hold, by name; 64-bit integers cannot be. */
export type Contents = Readonly<Record<string, TensorLike | SafetensorsArray>>;

/**
 * The contents name by name, if all of them fit the weights.
 *
 * @param what - the contents are, for messages
 * @throws SmoothingError `NAMES_MISMATCH`, `SHAPE_MISMATCH`, `DTYPE_MISMATCH`, `TENSOR_DISPOSED`, `VALUE_KIND`
 */
export function contentsFor(
  weights: Readonly<Record<string, LiveWeight>>,
  contents: Contents,
  what: string,
): [string, Tensor | ArrayLike<number>][] {
  for (const [name, weight] of Object.entries(weights)) checkLive(name, weight);
  if (typeof contents !== 'object' || contents === null || isModelEma(contents)) {
    throw new SmoothingError(
      'VALUE_KIND',
      `${what} must be weights by name, as ModelEma.shadow is, got ${shown(contents)}`,
    );
  }
  const entries = Object.entries(contents).map(([name, one]): [string, Tensor | ArrayLike<number>] => {
    if (!Object.hasOwn(weights, name)) {
      throw new SmoothingError('NAMES_MISMATCH', `${what} must have names of the model only, got '${name}'`);
    }
    return [name, checked(name, weights[name]!, one)];
  });
  if (entries.length > 0) return entries;
  throw new SmoothingError('NAMES_MISMATCH', `${what} must have at least one name of the model, got none`);
}

function checkLive(name: string, weight: LiveWeight): void {
  if (!isTensor(weight) || !weight.isDisposed) return;
  throw new SmoothingError('TENSOR_DISPOSED', `the model's '${name}' must be live, got a disposed one`);
}

function checked(name: string, weight: LiveWeight, contents: Contents[string]): Tensor | ArrayLike<number> {
  const what = `the value of '${name}'`;
  const size = isTensor(weight) ? weight.size : weight.length;
  if (isTensor(contents)) {
    checkTensor(contents, what, isTensor(weight) ? weight.dtype : undefined);
    checkShape(what, contents, isTensor(weight) ? weight.shape : [size]);
    return contents;
  }
  if (!isVector(contents)) throw otherKind(`be tensors or typed arrays by name; ${what} must be one`, contents);
  checkShape(what, { shape: [contents.length] }, [size]);
  return contents;
}

/** The weight's contents ← these. A variable shares a tensor's data and does not take the tensor. */
export function put(weight: LiveWeight, contents: Tensor | ArrayLike<number>): void {
  if (!isTensor(weight)) {
    weight.set(isTensor(contents) ? valuesOf(contents) : contents);
  } else if (isTensor(contents)) {
    weight.assign(contents);
  } else {
    const tensor = tensorOf(arrayTypeOf(weight.dtype).from(contents), weight.shape, weight.dtype);
    weight.assign(tensor);
    tensor.dispose();
  }
}

/**
 * Keeps what the weights hold now.
 *
 * @returns puts it back, to be called once. It leaves out variables that were disposed since, and throws only after the
 * last weight, if one could not be written to
 */
export function keepContents(weights: readonly LiveWeight[]): () => void {
  const kept = weights.map((weight) => ({ weight, own: isTensor(weight) ? cloneTensor(weight) : weight.slice() }));
  return () => {
    const failures: unknown[] = [];
    for (const { weight, own } of kept) {
      try {
        if (!isTensor(weight) || !weight.isDisposed) put(weight, own);
      } catch (error) {
        failures.push(error);
      }
      if (isTensor(own)) own.dispose();
    }
    if (failures.length > 0) throw failures[0];
  };
}
