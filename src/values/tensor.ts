import type { Plan } from '../options.js';
import { advance, W } from '../recurrence/weight.js';
import { blockRate, blockWeight, newBlock } from './block.js';
import { otherKind, type Carrier, type Readout, type Smoother } from './smoother.js';
import {
  checkShape,
  checkTensor,
  cloneTensor,
  isTensor,
  lerpTensor,
  readsAreFree,
  scaleTensor,
  tensorOf,
  valuesOf,
  type Tensor,
} from './tensorOps.js';
import { vectorSmoother, type VectorSmoother } from './vector.js';

/**
 * The shadow is a tensor of the backend where that is faster and every element has been there; otherwise it is a vector,
 * whose readings are made tensors.
 *
 * @param vector - float32, and lending what `plan` lends
 */
export function tensorSmoother(
  plan: Plan,
  shape: readonly number[],
  dtype: string,
  vector: VectorSmoother,
): Smoother<Tensor> {
  const lends = plan.emit !== 'copy';
  const { block } = vector;
  let readout = vector.readout();
  /** The shadow, while it is not the vector's. */
  let device: Tensor | null = null;
  let last: Tensor | undefined;
  let retired: Tensor | undefined;

  /** The shadow moves elsewhere; what was lent of it is released later. */
  function replace(next: Tensor | null): void {
    if (device !== last || !lends) device?.dispose();
    device = next;
  }

  /** A few ops of the backend; null if the value has to go through the vector. */
  function moveOnDevice(x: Tensor, as: Readout): Tensor | null {
    if (!blockWeight(block) || plan.missing === 'carry' || readsAreFree()) return null;
    device ??= tensorOf(block.y.slice(), shape);
    const rate = blockRate(block, plan);
    const next = lerpTensor(device, x, () => advance(block.all, 0, rate, plan));
    if (next === null) return null;
    replace(next);
    const weight = as === 'raw' ? block.all[W]! : 1;
    if (weight !== 1) return scaleTensor(next, weight);
    return lends ? next : cloneTensor(next);
  }

  function moveInVector(x: Tensor, as: Readout): Tensor {
    if (device !== null) block.y.set(valuesOf(device));
    const read = vector.update(Float32Array.from(valuesOf(x)), as);
    replace(null);
    return tensorOf(lends ? read.slice() : read, shape);
  }

  function release(): void {
    retired?.dispose();
    retired = undefined;
  }

  return {
    lends,
    step: () => vector.step(),
    last() {
      const read = last === undefined ? vector.last() : undefined;
      if (read !== undefined) last = tensorOf(Float32Array.from(read as ArrayLike<number>), shape);
      return last;
    },
    update(x, as) {
      if (!isTensor(x)) throw otherKind('be a tensor, as the first one was', x);
      checkTensor(x, 'the tensor', dtype);
      checkShape('the tensor', x, shape);
      release();
      const out = moveOnDevice(x, as) ?? moveInVector(x, as);
      if (lends) retired = last;
      readout = as;
      return (last = out);
    },
    age: () => vector.age(),
    again() {
      if (lends) return this.last();
      const again = vector.again();
      return again && tensorOf(again, shape);
    },
    parts() {
      const { scalars } = vector.parts();
      const y = device === null ? block.y : Float32Array.from(valuesOf(device));
      return { block, y, scalars: { ...scalars, readout, dtype, shape } };
    },
    release,
    dispose(keepEmitted) {
      release();
      const emitted = lends ? last : undefined;
      if (device !== emitted) device?.dispose();
      if (!keepEmitted) emitted?.dispose();
    },
  };
}

/** tfjs tensors of any backend; averages are float32. */
export const tensors: Carrier<Tensor> = {
  kind: 'tensor',
  accepts: isTensor,
  begin(first, plan) {
    checkTensor(first, 'the tensor');
    const { seed } = plan;
    const y = new Float32Array(first.size).fill(NaN);
    if (seed !== undefined) {
      if (!isTensor(seed)) throw otherKind('be of the kind of start.value', first);
      checkTensor(seed, 'start.value');
      checkShape('start.value', seed, first.shape);
      y.set(valuesOf(seed));
    }
    const vectorPlan = { ...plan, emit: plan.emit ?? 'live' };
    const vector = vectorSmoother(vectorPlan, 'Float32Array', newBlock(y, seed !== undefined, plan), 'raw');
    return tensorSmoother(plan, [...first.shape], first.dtype, vector);
  },
};
