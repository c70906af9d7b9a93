import { move32 } from '../kernels/lerp32Wasm.js';
import { engine, tensorOf, valuesOf, type Tensor } from '../values/tensorOps.js';
import type { Average, Moving } from './average.js';

/**
 * The average of a tensor in an array of our own, a new one after each move, of which the tensor is made: on tfjs's cpu backend
 * it is that very array, and slices of it share its memory, which so never changes. Elsewhere it is where a small tensor is made
 * anew faster than the backend moves it.
 */
export class HostAverage implements Average {
  readonly #backend = engine().backend;
  readonly #guarded: boolean;
  readonly #shape: readonly number[];
  readonly #low: Float32Array | null;
  #values: Float32Array;
  #shown: Tensor;

  /** @param values - given away, as `low` */
  constructor(values: Float32Array, low: Float32Array | null, shape: readonly number[], { guarded }: Moving) {
    this.#values = values;
    this.#low = low;
    this.#shape = shape;
    this.#guarded = guarded;
    this.#shown = tensorOf(values, shape);
  }

  get shown(): Tensor {
    return this.#shown;
  }

  get stands(): boolean {
    return engine().backend === this.#backend;
  }

  move(x: Tensor, gain: number): number {
    const next = this.#values.slice();
    const refused = move32(next, this.#low, float32Of(valuesOf(x)), gain, this.#guarded);
    this.#shown.dispose();
    this.#values = next;
    this.#shown = tensorOf(next, this.#shape);
    return refused;
  }

  copy(): Tensor {
    return tensorOf(this.#values.slice(), this.#shape);
  }

  values(): Float32Array {
    return this.#values;
  }

  low(): Float32Array | null {
    return this.#low;
  }

  dispose(lent = false): void {
    if (!lent) this.#shown.dispose();
  }
}

const float32Of = (values: ArrayLike<number>): Float32Array =>
  values instanceof Float32Array ? values : Float32Array.from(values);
