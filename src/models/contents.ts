import { cloneTensor, isTensor, tensorOf, valuesOf, type Tensor } from '../values/tensorOps.js';
import type { Movable } from '../averages/average.js';

/** A tfjs variable. */
export interface Variable extends Tensor {
  assign(value: Tensor): void;
}

/** A weight of a model, in the memory that the model computes with. */
export type LiveWeight = Variable | Exclude<Movable, Tensor>;

/** The weight's contents ← these. A variable shares a tensor's data and does not take the tensor. */
export function put(weight: LiveWeight, contents: Tensor | ArrayLike<number>): void {
  if (!isTensor(weight)) {
    weight.set(isTensor(contents) ? valuesOf(contents) : contents);
  } else if (isTensor(contents)) {
    weight.assign(contents);
  } else {
    const values = weight.dtype === 'float32' ? Float32Array : weight.dtype === 'int32' ? Int32Array : Uint8Array;
    const tensor = tensorOf(values.from(contents), weight.shape, weight.dtype);
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
