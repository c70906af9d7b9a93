import { lerp32On, type Lerp32 } from '../kernels/lerp32Wasm.js';
import { cloneTensor, computed, engine, valuesOf, type Backend, type Tensor } from '../values/tensorOps.js';
import type { Average, Moving } from './average.js';

/** tfjs's wasm backend, as far as its memory goes. */
interface WasmBackend extends Backend {
  readonly wasm?: { readonly asm?: { readonly memory?: WebAssembly.Memory }; readonly tfjs?: Partial<Registry> };
  /** Asking for data of another backend brings it here. */
  readonly dataIdMap: { get(dataId: object): { readonly id: number; readonly memoryOffset: number } };
}

/** What the backend's ops know of data: where it lies, and what they have made of it. */
interface Registry {
  registerTensor(id: number, size: number, memoryOffset: number): void;
  disposeData(id: number): void;
}

const kernels = new WeakMap<WebAssembly.Memory, Lerp32 | null>();

/** Our kernel over the memory of tfjs's wasm backend; null if another is active, or its memory is out of reach. */
export function heapKernel(): Lerp32 | null {
  const { backendName, backend } = engine();
  const { asm: { memory } = {}, tfjs } = (backendName === 'wasm' ? (backend as WasmBackend).wasm : undefined) ?? {};
  if (memory === undefined || !tfjs?.registerTensor || !tfjs.disposeData) return null;
  if (!kernels.has(memory)) kernels.set(memory, lerp32On(memory));
  return kernels.get(memory)!;
}

/** The average of a tensor of tfjs's wasm backend, which moves where it lies. */
export class WasmAverage implements Average {
  readonly shown: Tensor;
  readonly #low: Tensor | null;
  readonly #kernel: Lerp32;
  readonly #backend = engine().backend as WasmBackend;
  readonly #guarded: boolean;

  /** @param shown - float32 and ours */
  constructor(shown: Tensor, low: Tensor | null, kernel: Lerp32, { guarded }: Moving) {
    this.shown = shown;
    this.#low = low;
    this.#kernel = kernel;
    this.#guarded = guarded;
  }

  /** Whoever shares the tensor's data must not see it move. */
  get stands(): boolean {
    const { backend, state } = engine();
    const { dataId } = this.shown;
    return (
      backend === this.#backend && state.tensorInfo.get(dataId)?.backend === backend && backend.refCount(dataId) === 1
    );
  }

  move(x: Tensor, gain: number): number {
    const value =
      x.dtype === 'float32' ? x : computed(({ runKernel }) => runKernel('Cast', { x }, { dtype: 'float32' }));
    const low = this.#low === null ? 0 : this.#at(this.#low);
    const refused = this.#kernel(this.#at(this.shown), low, this.#at(value), x.size, gain, this.#guarded);
    if (value !== x) value.dispose();
    this.#renew();
    return refused;
  }

  /** The backend's matrix products keep copies of weights in an order of their own, until their data is disposed. */
  #renew(): void {
    const { id, memoryOffset } = this.#backend.dataIdMap.get(this.shown.dataId);
    const registry = this.#backend.wasm!.tfjs as Registry;
    registry.disposeData(id);
    registry.registerTensor(id, this.shown.size, memoryOffset);
  }

  #at({ dataId }: Tensor): number {
    return this.#backend.dataIdMap.get(dataId).memoryOffset;
  }

  copy(): Tensor {
    return cloneTensor(this.shown); // on this backend a copy
  }

  values(): Float32Array {
    return valuesOf(this.shown) as Float32Array;
  }

  low(): Float32Array | null {
    return this.#low === null ? null : (valuesOf(this.#low) as Float32Array);
  }

  dispose(lent = false): void {
    this.#low?.dispose();
    if (!lent) this.shown.dispose();
  }
}
