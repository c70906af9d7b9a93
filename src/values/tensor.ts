import { shown, SmoothingError } from '../errors.js';
import type { Plan } from '../options.js';
import { advance } from '../recurrence/weight.js';
import { blockRate, blockWeight, newBlock } from './block.js';
import { otherKind, type Carrier, type Readout, type Smoother, type State } from './smoother.js';
import {
  checkTensor,
  cloneTensor,
  isTensor,
  lerpTensor,
  readsAreFree,
  sameShape,
  scaleTensor,
  tensorOf,
  valuesOf,
  type Tensor,
} from './tensorOps.js';
import { VectorSmoother } from './vector.js';

/**
 * The shadow is a tensor of the backend where that is faster and every element has been there; otherwise it is a vector,
 * whose readings are made tensors.
 */
export class TensorSmoother implements Smoother<Tensor> {
  readonly lends: boolean;
  readonly #plan: Plan;
  readonly #shape: readonly number[];
  readonly #dtype: string;
  readonly #vector: VectorSmoother;
  /** The shadow, while it is not the vector's. */
  #device: Tensor | null = null;
  #readout: Readout;
  #last: Tensor | undefined;
  #retired: Tensor[] = [];

  /** @param vector - float32, and lending what `plan` lends */
  constructor(plan: Plan, shape: readonly number[], dtype: string, vector: VectorSmoother) {
    this.lends = plan.emit !== 'copy';
    this.#plan = plan;
    this.#shape = shape;
    this.#dtype = dtype;
    this.#vector = vector;
    this.#readout = vector.readout;
  }

  get step(): number {
    return this.#vector.step;
  }

  get last(): Tensor | undefined {
    const vector = this.#last === undefined ? this.#vector.last : undefined;
    if (vector !== undefined) this.#last = tensorOf(vector.slice(), this.#shape);
    return this.#last;
  }

  update(x: Tensor, readout: Readout): Tensor {
    this.#check(x);
    this.release();
    const out = this.#moveOnDevice(x, readout) ?? this.#moveInVector(x, readout);
    this.#readout = readout;
    if (this.lends && this.#last !== undefined && this.#last !== out) this.#retired.push(this.#last);
    this.#last = out;
    return out;
  }

  /** A few ops of the backend; null if the value has to go through the vector. */
  #moveOnDevice(x: Tensor, readout: Readout): Tensor | null {
    const before = this.#device;
    if (before === null) return null;
    const { block } = this.#vector;
    const rate = blockRate(block, this.#plan);
    const gain = (): number => advance(block.all, 0, rate, this.#plan);
    const after = lerpTensor(before, x, gain, this.#plan.missing !== 'propagate');
    if (after === null) return null;
    this.#device = after;
    if (before !== this.#last || !this.lends) before.dispose();
    const weight = readout === 'raw' ? block.all.weight[0]! : 1;
    if (weight !== 1) return scaleTensor(after, weight);
    return this.lends ? after : cloneTensor(after);
  }

  #moveInVector(x: Tensor, readout: Readout): Tensor {
    const vector = this.#vector;
    const before = this.#device;
    if (before !== null) vector.block.y.set(valuesOf(before));
    const read = vector.update(Float32Array.from(valuesOf(x)), readout);
    this.#device = null;
    if (before !== null && (before !== this.#last || !this.lends)) before.dispose();
    const out = tensorOf(this.lends ? read.slice() : read, this.#shape);
    const whole = blockWeight(vector.block);
    if (whole === null || whole === 0 || this.#staysVector()) return out;
    this.#device = readout === 'raw' && whole !== 1 ? tensorOf(vector.block.y.slice(), this.#shape) : out;
    return this.lends || this.#device !== out ? out : cloneTensor(out);
  }

  /** Reading costs nothing on tfjs's cpu backend; 'carry' has to know what came out last. */
  #staysVector(): boolean {
    return readsAreFree() || this.#plan.missing === 'carry';
  }

  #check(x: Tensor): void {
    if (!isTensor(x)) throw otherKind('be a tensor, as the first one was', x);
    checkTensor(x, 'the tensor');
    if (x.dtype !== this.#dtype) {
      throw new SmoothingError('DTYPE_MISMATCH', `the tensor must be ${this.#dtype}, as the first was, got ${x.dtype}`);
    }
    checkShape('the tensor', x, this.#shape);
  }

  age(): void {
    this.#vector.age();
  }

  again(): Tensor | undefined {
    if (this.lends) return this.last;
    const again = this.#vector.again();
    return again && tensorOf(again, this.#shape);
  }

  state(): State {
    const { scalars, shadows } = this.#vector.state();
    const y = this.#device === null ? shadows['y']! : Float32Array.from(valuesOf(this.#device));
    const own = { readout: this.#readout, dtype: this.#dtype, shape: JSON.stringify(this.#shape) };
    return { scalars: { ...scalars, ...own }, shadows: { ...shadows, y } };
  }

  release(): void {
    for (const tensor of this.#retired) tensor.dispose();
    this.#retired = [];
  }

  dispose(keepEmitted: boolean): void {
    this.release();
    const emitted = this.lends ? this.#last : undefined;
    if (this.#device !== emitted) this.#device?.dispose();
    if (!keepEmitted) emitted?.dispose();
  }
}

function checkShape(what: string, x: Tensor, shape: readonly number[]): void {
  if (sameShape(x.shape, shape)) return;
  throw new SmoothingError('SHAPE_MISMATCH', `${what} must have shape ${shown(shape)}, got ${shown(x.shape)}`);
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
    const vector = new VectorSmoother(vectorPlan, 'Float32Array', newBlock(y, seed !== undefined), 'raw');
    return new TensorSmoother(plan, [...first.shape], first.dtype, vector);
  },
};
