import type { FloatVector } from '../kernels/vectors.js';
import { engine, readsAreFree, tensorOf, valuesOf, type Tensor } from '../values/tensorOps.js';
import { ArrayAverage } from './arrayAverage.js';
import type { Average, Moving } from './average.js';

/**
 * The average of a tensor in an array of our own. On tfjs's cpu backend the tensor is made of that very array; elsewhere,
 * where a small tensor is made anew faster than the backend moves it, of a copy.
 */
export class HostAverage implements Average {
  readonly #backend = engine().backend;
  readonly #isTensor = readsAreFree();
  readonly #shape: readonly number[];
  #array: ArrayAverage;
  #shown: Tensor;

  constructor(room: Float32Array, moving: Moving, shape: readonly number[]) {
    this.#array = new ArrayAverage(room, moving);
    this.#shape = shape;
    this.#shown = this.#made();
  }

  #made(): Tensor {
    return tensorOf(this.#isTensor ? this.#array.shown : this.#array.copy(), this.#shape);
  }

  get shown(): Tensor {
    return this.#shown;
  }

  /** Whoever shares the tensor's data must not see it move. */
  get stands(): boolean {
    const { backend, state } = engine();
    if (backend !== this.#backend) return false;
    if (!this.#isTensor) return true;
    const { dataId } = this.#shown;
    return state.tensorInfo.get(dataId)?.backend === backend && backend.refCount(dataId) === 1;
  }

  move(x: Tensor, gain: number): number {
    const refused = this.#array.move(valuesOf(x) as Float32Array, gain);
    if (!this.#isTensor) {
      this.#shown.dispose();
      this.#shown = this.#made();
    }
    return refused;
  }

  copy(): Tensor {
    return tensorOf(this.#array.copy(), this.#shape);
  }

  values(): FloatVector {
    return this.#array.shown;
  }

  low(): Float32Array | null {
    return this.#array.low();
  }

  dispose(lent = false): void {
    if (!lent) this.#shown.dispose();
  }
}
