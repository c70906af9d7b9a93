import { cloneTensor, engine, kept, scalar, valuesOf, type Engine, type Tensor } from '../values/tensorOps.js';
import type { Average, Moving } from './average.js';

const run: Engine['runKernel'] = (...call) => engine().runKernel(...call);

/**
 * The average of a tensor of any backend, by its ops alone and without reading anything: fit for GPUs, where reading waits for
 * all that was asked for before.
 */
export class OpsAverage implements Average {
  readonly #backend = engine().backend;
  readonly #moving: Moving;
  #shown: Tensor;
  #low: Tensor | null;
  /** How many elements were left out since it was last asked for: a scalar of the backend. */
  #refused: Tensor | null = null;

  /** @param shown - float32 and ours, as `low`, which is flat */
  constructor(shown: Tensor, low: Tensor | null, moving: Moving) {
    this.#shown = shown;
    this.#low = low;
    this.#moving = moving;
  }

  get shown(): Tensor {
    return this.#shown;
  }

  get stands(): boolean {
    return engine().backend === this.#backend;
  }

  move(x: Tensor, gain: number): number {
    const { shape } = x;
    if (x.size === 0) return 0; // tfjs's webgl backend cannot add up nothing
    const before = [this.#shown, this.#low, this.#refused];
    engine().tidy(() => {
      const value = x.dtype === 'float32' ? x : run('Cast', { x }, { dtype: 'float32' });
      const flat = (one: Tensor): Tensor => run('Reshape', { x: one }, { shape: [x.size] }); // ops differ in their ranks
      const [y, low] = this.#moved(flat(value), flat(this.#shown), this.#low, gain);
      if (this.#moving.guarded) this.#refused = kept(this.#counted(flat(value)));
      this.#shown = kept(run('Reshape', { x: y }, { shape }));
      this.#low = low === null ? null : kept(low);
    });
    for (const tensor of before) tensor?.dispose();
    return 0;
  }

  /** As the kernels have it: every way is computed for all elements, and each takes what holds for it. */
  #moved(x: Tensor, y: Tensor, low: Tensor | null, share: number): [Tensor, Tensor | null] {
    const { guarded } = this.#moving;
    const gain = Math.fround(share);
    const times = (a: Tensor, factor: number): Tensor => run('Multiply', { a, b: scalar(factor) });
    const finite = (one: Tensor): Tensor => run('IsFinite', { x: one });
    const either = (condition: Tensor, t: Tensor, e: Tensor): Tensor => run('Select', { condition, t, e });
    const gap = run('Sub', { a: x, b: y });
    const part = times(gap, gain);
    const step = low === null ? part : run('Sub', { a: part, b: low });
    const after = gain === 1 ? x : run('Add', { a: y, b: step });
    const [ordinary, there, known] = [finite(gap), finite(x), finite(y)];
    const bridged = run('Add', { a: times(y, 1 - gain), b: times(x, gain) }); // x − y overflows
    const next = guarded
      ? either(ordinary, after, either(there, either(known, bridged, x), y))
      : either(ordinary, after, either(run('LogicalAnd', { a: there, b: known }), bridged, after));
    if (low === null) return [next, null];
    const none = run('ZerosLike', { x: low });
    const added = gain === 1 ? none : run('Sub', { a: run('Sub', { a: after, b: y }), b: step });
    return [next, either(ordinary, added, guarded ? either(there, none, low) : none)];
  }

  #counted(x: Tensor): Tensor {
    const missing = run('Cast', { x: run('LogicalNot', { x: run('IsFinite', { x }) }) }, { dtype: 'float32' });
    const now = run('Sum', { x: missing }, { axis: [0], keepDims: false });
    return this.#refused === null ? now : run('Add', { a: this.#refused, b: now });
  }

  refusedMeanwhile(): number {
    if (this.#refused === null) return 0;
    const [refused = 0] = Array.from(valuesOf(this.#refused));
    this.#refused.dispose();
    this.#refused = null;
    return refused;
  }

  copy(): Tensor {
    return cloneTensor(this.#shown); // shared data that never changes
  }

  values(): Float32Array {
    return valuesOf(this.#shown) as Float32Array;
  }

  low(): Float32Array | null {
    return this.#low === null ? null : (valuesOf(this.#low) as Float32Array);
  }

  dispose(lent = false): void {
    this.#low?.dispose();
    this.#refused?.dispose();
    if (!lent) this.#shown.dispose();
  }
}
