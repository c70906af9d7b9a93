import { shown, SmoothingError } from '../errors.js';
import type { Plan } from '../options.js';
import { advance } from '../recurrence/weight.js';
import {
  ageBlock,
  blockRate,
  blockStep,
  blockWeight,
  emptyBlock,
  hasMissing,
  loadBlock,
  moveEach,
  moveWhole,
  readBlock,
  saveBlock,
  seededBlock,
  showMissing,
  type BlockWeights,
} from './block.js';
import {
  corrupt,
  otherKind,
  savedArray,
  savedList,
  type Carrier,
  type Readout,
  type Saved,
  type Smoother,
} from './smoother.js';
import {
  checkTensor,
  cloneTensor,
  copyTensor,
  isTensor,
  lerpTensor,
  readsAreFree,
  sameShape,
  scaleTensor,
  tensorOf,
  valuesOf,
  type Tensor,
} from './tensorOps.js';

/** The shadow is one tensor, a new one each step; elements that were ever missing are taken through typed arrays. */
class TensorSmoother implements Smoother<Tensor> {
  readonly lends: boolean;
  readonly #plan: Plan;
  readonly #shape: readonly number[];
  readonly #dtype: string;
  #y: Tensor | Float32Array;
  readonly #block: BlockWeights;
  #readout: Readout;
  #last: Tensor | undefined;
  #retired: Tensor[] = [];
  /** What came out last, for 'carry': the emitted copy is the receiver's to dispose. */
  #carried: Tensor | undefined;

  constructor(
    plan: Plan,
    shape: readonly number[],
    dtype: string,
    y: Tensor | Float32Array,
    block: BlockWeights,
    readout: Readout,
  ) {
    this.lends = plan.emit !== 'copy';
    this.#plan = plan;
    this.#shape = shape;
    this.#dtype = dtype;
    this.#y = y;
    this.#block = block;
    this.#readout = readout;
  }

  get step(): number {
    return blockStep(this.#block);
  }

  get last(): Tensor | undefined {
    if (this.#last === undefined && blockWeight(this.#block) !== 0) this.#last = this.#emit(this.#readout);
    return this.#last;
  }

  update(x: Tensor, readout: Readout): Tensor {
    this.#check(x);
    this.release();
    const [plan, block] = [this.#plan, this.#block];
    if (block.each === null && this.#moveOnDevice(x)) {
      this.#readout = readout;
      return this.#emitted(this.#emit(readout));
    }
    const values = valuesOf(x);
    const missing = hasMissing(values, plan);
    const y = Float32Array.from(this.#y instanceof Float32Array ? this.#y : valuesOf(this.#y));
    if (missing || block.each !== null) moveEach(block, y, values, plan, readout);
    else moveWhole(block, y, values, plan);
    this.#replace(tensorOf(y, this.#shape));
    this.#readout = readout;
    if (!missing || this.lends) return this.#emitted(this.#emit(readout));
    const out = new Float32Array(y.length);
    readBlock(block, y, readout, out);
    showMissing(block, values, plan, out);
    return this.#emitted(tensorOf(out, this.#shape));
  }

  /** The fast way: three ops of the backend. False if the value has to go through typed arrays. */
  #moveOnDevice(x: Tensor): boolean {
    if (this.#y instanceof Float32Array || readsAreFree()) return false;
    const rate = blockRate(this.#block, this.#plan);
    const next = { ...this.#block.all };
    for (const name of ['weight', 'rest', 'step'] as const) next[name] = next[name].slice();
    const gain = advance(next, 0, rate, this.#plan);
    const moved = lerpTensor(this.#y, x, gain, this.#plan.missing !== 'propagate');
    if (moved === null) return false;
    Object.assign(this.#block.all, next);
    this.#replace(moved);
    return true;
  }

  #replace(y: Tensor): void {
    const before = this.#y;
    this.#y = y;
    if (!(before instanceof Float32Array) && before !== this.#last) before.dispose();
  }

  #emit(readout: Readout): Tensor {
    const y = this.#y instanceof Float32Array ? (this.#y = tensorOf(this.#y, this.#shape)) : this.#y;
    const whole = blockWeight(this.#block);
    if (whole === 1 || (readout === 'corrected' && whole !== 0)) return this.lends ? y : cloneTensor(y);
    if (whole !== null && whole !== 0) return scaleTensor(y, whole);
    if (this.lends && readout === 'corrected' && whole === null) return y;
    const out = new Float32Array(y.size);
    readBlock(this.#block, Float32Array.from(valuesOf(y)), readout, out);
    return tensorOf(out, this.#shape);
  }

  #emitted(out: Tensor): Tensor {
    if (this.lends && this.#last !== undefined && this.#last !== out) this.#retired.push(this.#last);
    this.#last = out;
    if (!this.lends && this.#plan.missing === 'carry') {
      this.#carried?.dispose();
      this.#carried = cloneTensor(out);
    }
    return out;
  }

  #check(x: Tensor): void {
    if (!isTensor(x)) throw otherKind('be a tensor, as the first one was', x);
    checkTensor(x, 'the tensor');
    if (x.dtype !== this.#dtype) {
      throw new SmoothingError(
        'DTYPE_MISMATCH',
        `the tensor must be ${this.#dtype}, as the first one was, got ${x.dtype}`,
      );
    }
    if (!sameShape(x.shape, this.#shape)) {
      throw new SmoothingError(
        'SHAPE_MISMATCH',
        `the tensor must have shape ${shown(this.#shape)}, as the first one had, got ${shown(x.shape)}`,
      );
    }
  }

  age(): void {
    ageBlock(this.#block, this.#plan);
  }

  again(): Tensor | undefined {
    return this.#carried === undefined ? this.last : cloneTensor(this.#carried);
  }

  save(): Saved {
    const y = Float32Array.from(this.#y instanceof Float32Array ? this.#y : valuesOf(this.#y));
    return {
      scalars: { shape: JSON.stringify(this.#shape), dtype: this.#dtype, readout: this.#readout },
      shadows: { y, ...saveBlock(this.#block) },
    };
  }

  release(): void {
    for (const tensor of this.#retired) tensor.dispose();
    this.#retired = [];
  }

  dispose(keepEmitted: boolean): void {
    this.release();
    this.#carried?.dispose();
    const emitted = this.lends ? this.#last : undefined;
    if (!(this.#y instanceof Float32Array) && this.#y !== emitted) this.#y.dispose();
    if (!keepEmitted) emitted?.dispose();
  }
}

/** tfjs tensors of any backend; averages are float32. */
export const tensors: Carrier<Tensor> = {
  kind: 'tensor',
  accepts: isTensor,
  begin(first, plan) {
    checkTensor(first, 'the tensor');
    const { seed } = plan;
    const shape = [...first.shape];
    if (seed === undefined) {
      const y = new Float32Array(first.size).fill(NaN);
      return new TensorSmoother(plan, shape, first.dtype, y, emptyBlock(), 'raw');
    }
    if (!isTensor(seed)) throw otherKind('be of the kind of start.value', first);
    checkTensor(seed, 'start.value');
    if (!sameShape(seed.shape, shape)) {
      throw new SmoothingError(
        'SHAPE_MISMATCH',
        `start.value must have shape ${shown(shape)}, got ${shown(seed.shape)}`,
      );
    }
    return new TensorSmoother(plan, shape, first.dtype, copyTensor(seed, 'float32'), seededBlock(), 'raw');
  },
  resume(saved, plan) {
    const { dtype, readout } = saved.scalars;
    const shape = savedList(saved, 'shape') as number[];
    if (typeof dtype !== 'string') throw corrupt('no dtype of a tensor');
    const n = shape.reduce((a, b) => a * b, 1);
    const y = savedArray(saved, 'y', Float32Array, n);
    return new TensorSmoother(plan, shape, dtype, y, loadBlock(saved, n), readout === 'raw' ? 'raw' : 'corrected');
  },
};
