import { move32 } from '../kernels/lerp32Wasm.js';
import { lerpFiniteInto, lerpInto, type FloatVector } from '../kernels/vectors.js';
import type { Tensor } from '../values/tensorOps.js';
import type { Average, Movable, Moving } from './average.js';

/** An average in a typed array, which moves in place. */
export class ArrayAverage implements Average {
  readonly stands = true;
  readonly shown: FloatVector;
  readonly #low: Float32Array | null;
  readonly #guarded: boolean;

  /** @param room - the average; two-term, the low terms lie behind it */
  constructor(room: FloatVector, { guarded, compensated }: Moving) {
    const two = compensated && room instanceof Float32Array;
    this.shown = two ? room.subarray(0, room.length / 2) : room;
    this.#low = two ? room.subarray(room.length / 2) : null;
    this.#guarded = guarded;
  }

  move(x: Exclude<Movable, Tensor>, gain: number): number {
    const y = this.shown;
    if (y instanceof Float32Array) {
      const values = x instanceof Float32Array ? x : Float32Array.from(x);
      return move32(y, this.#low, values, gain, this.#guarded);
    }
    if (this.#guarded) return lerpFiniteInto(y, x, gain);
    lerpInto(y, x, gain);
    return 0;
  }

  copy(): FloatVector {
    return this.shown.slice();
  }

  values(): FloatVector {
    return this.shown;
  }

  low(): Float32Array | null {
    return this.#low;
  }

  dispose(): void {}
}
