import { cloneTensor, engine, kept, scalar, valuesOf, type Engine, type Tensor } from '../values/tensorOps.js';
import type { Average, Moving } from './average.js';

/** float32 counts exactly to 2²⁴; what is beyond this is counted apart long before. */
const CARRY = 2 ** 20;

const run: Engine['runKernel'] = (...call) => engine().runKernel(...call);
const times = (a: Tensor, factor: number): Tensor => run('Multiply', { a, b: scalar(factor) });
const sum = (a: Tensor | null, b: Tensor): Tensor => (a === null ? b : run('Add', { a, b }));

/**
 * The average of a tensor of any backend, by its ops alone and without reading anything: fit for GPUs, where reading waits for
 * all that was asked for before.
 */
export class OpsAverage implements Average {
  readonly #backend = engine().backend;
  readonly #moving: Moving;
  #shown: Tensor;
  #low: Tensor | null;
  /** How many elements were left out since it was last asked for: scalars of the backend, of which one counts by `CARRY`. */
  #refused: Tensor | null = null;
  #carried: Tensor | null = null;
  /** What `#refused` may be at most. */
  #most = 0;

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
    const held = (): (Tensor | null)[] => [this.#shown, this.#low, this.#refused, this.#carried];
    const before = held();
    engine().tidy(() => {
      const value = x.dtype === 'float32' ? x : run('Cast', { x }, { dtype: 'float32' });
      const flat = (one: Tensor): Tensor => run('Reshape', { x: one }, { shape: [x.size] }); // ops differ in their ranks
      const [y, low] = this.#moved(flat(value), flat(this.#shown), this.#low, gain);
      if (this.#moving.guarded) this.#count(flat(value));
      this.#shown = kept(run('Reshape', { x: y }, { shape }));
      this.#low = low === null ? null : kept(low);
    });
    const after = held();
    for (const tensor of before) if (!after.includes(tensor)) tensor?.dispose();
    return 0;
  }

  /** As the kernels have it: every way is computed for all elements, and each takes what holds for it. */
  #moved(x: Tensor, y: Tensor, low: Tensor | null, share: number): [Tensor, Tensor | null] {
    const { guarded } = this.#moving;
    const gain = Math.fround(share);
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

  #count(x: Tensor): void {
    const missing = run('Cast', { x: run('LogicalNot', { x: run('IsFinite', { x }) }) }, { dtype: 'float32' });
    let refused = sum(this.#refused, run('Sum', { x: missing }, { axis: [0], keepDims: false }));
    this.#most += x.size;
    if (this.#most > 8 * CARRY) {
      const carried = run('Floor', { x: times(refused, 1 / CARRY) });
      refused = run('Sub', { a: refused, b: times(carried, CARRY) });
      this.#carried = kept(sum(this.#carried, carried));
      this.#most = CARRY;
    }
    this.#refused = kept(refused);
  }

  refusedMeanwhile(): number {
    if (this.#refused === null) return 0;
    const [ones, carried] = [this.#refused, this.#carried].map((one) => (one === null ? 0 : valuesOf(one)[0]!));
    this.#forget();
    return ones! + CARRY * carried!;
  }

  #forget(): void {
    for (const one of [this.#refused, this.#carried]) one?.dispose();
    this.#refused = null;
    this.#carried = null;
    this.#most = 0;
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
    this.#forget();
    if (!lent) this.#shown.dispose();
  }
}
