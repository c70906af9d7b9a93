import { shown, SmoothingError } from '../errors.js';
import type { TensorLike } from '../types.js';

/** What this package needs of tfjs's shared engine. */
export interface Engine {
  readonly backendName: string;
  readonly backend: Backend;
  readonly state: { readonly tensorInfo: { get(dataId: object): { readonly backend: Backend } | undefined } };
  runKernel(
    name: string,
    inputs: Readonly<Record<string, TensorLike>>,
    attributes?: Readonly<Record<string, unknown>>,
  ): Tensor;
  makeTensor(values: ArrayLike<number>, shape: readonly number[], dtype: string): Tensor;
  tidy<R>(ops: () => R): R;
}

/** What tensors of one backend have in common. */
export interface Backend {
  /** How many tensors share the data. */
  refCount(dataId: object): number;
}

/** A tensor as tfjs has it. */
export interface Tensor extends TensorLike {
  readonly dataId: object;
  readonly size: number;
  readonly isDisposed: boolean;
  kept: boolean;
  clone(): Tensor;
  dataSync(): ArrayLike<number>;
}

/** tfjs keeps one engine per process, whatever copy of it is loaded; tensors of tfjs-core alone have no methods. */
export function engine(): Engine {
  const shared = (globalThis as { _tfengine?: Engine })._tfengine;
  if (shared === undefined) {
    throw new SmoothingError('TFJS_ENGINE', 'tfjs must be loaded, got no engine');
  }
  return shared;
}

export function isTensor(value: unknown): value is Tensor {
  const { shape, dtype, dataSync, dispose } = (value ?? {}) as Partial<Tensor>;
  return (
    Array.isArray(shape) && typeof dtype === 'string' && typeof dataSync === 'function' && typeof dispose === 'function'
  );
}

/** True for a layers model of any copy of tfjs; a graph model has no layers. */
export function isLayersModel(value: unknown): boolean {
  const { layers, apply } = (value ?? {}) as { readonly layers?: unknown; readonly apply?: unknown };
  return Array.isArray(layers) && typeof apply === 'function';
}

/** Throws if the tensor is disposed, or of another dtype than that, or than can be averaged. */
export function checkTensor(x: Tensor, what: string, dtype = 'float32, int32 or bool'): void {
  if (x.isDisposed) throw new SmoothingError('TENSOR_DISPOSED', `${what} must be live, got a disposed one`);
  if (dtype.split(/, | or /).includes(x.dtype)) return;
  throw new SmoothingError('DTYPE_MISMATCH', `${what} must be ${dtype}, got ${x.dtype}`);
}

export function checkShape(what: string, x: Pick<Tensor, 'shape'>, shape: readonly number[]): void {
  if (sameShape(x.shape, shape)) return;
  throw new SmoothingError('SHAPE_MISMATCH', `${what} must have shape ${shown(shape)}, got ${shown(x.shape)}`);
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

/** Ours until we dispose it, also inside somebody's `tidy`. */
export function kept(tensor: Tensor): Tensor {
  tensor.kept = true;
  return tensor;
}

/** @param values - given away: some backends keep the array itself */
export function tensorOf(values: ArrayLike<number>, shape: readonly number[], dtype = 'float32'): Tensor {
  return kept(engine().makeTensor(values, shape, dtype));
}

/** The values, to read at once: they may be the tensor's own memory. */
export function valuesOf(x: Tensor): ArrayLike<number> {
  return x.dataSync();
}

/** The array that holds values of a dtype. */
export const arrayTypeOf = (dtype: string): typeof Float32Array | typeof Int32Array | typeof Uint8Array =>
  dtype === 'float32' ? Float32Array : dtype === 'int32' ? Int32Array : Uint8Array;

/** A tensor of its own that shares no memory with anything a caller may write to. */
export function copyTensor(x: Tensor, dtype: string = x.dtype): Tensor {
  return tensorOf(arrayTypeOf(dtype).from(valuesOf(x)), x.shape, dtype);
}

export function cloneTensor(x: Tensor): Tensor {
  return kept(x.clone());
}

/** A tensor for a receiver who may write to what `dataSync` gives: on tfjs's cpu backend clones share their memory. */
export function ownTensor(x: Tensor): Tensor {
  return readsAreFree() ? copyTensor(x) : cloneTensor(x);
}

/** True where a typed array in JS is faster than the backend's ops: on tfjs's cpu backend reading costs nothing. */
export function readsAreFree(): boolean {
  return engine().backendName === 'cpu';
}

/**
 * y + gain·(x − y) as a new tensor; null if some x − y is not finite: then it is for the caller to go
 * element by element. One sum tells (if it overflows, the caller goes the slow way for nothing, no more). `gain` is asked
 * for only once the value is sure to be taken.
 */
export function lerpTensor(y: Tensor, x: Tensor, gain: () => number): Tensor | null {
  return computed(({ runKernel }) => {
    const value = x.dtype === 'float32' ? x : runKernel('Cast', { x }, { dtype: 'float32' });
    const gap = runKernel('Sub', { a: value, b: y });
    const flat = runKernel('Reshape', { x: gap }, { shape: [x.size] });
    const sum = runKernel('Sum', { x: flat }, { axis: [0], keepDims: false });
    if (!Number.isFinite(valuesOf(sum)[0])) return null;
    const share = gain();
    if (share === 1) return runKernel('Identity', { x: value });
    const moved = runKernel('Multiply', { a: gap, b: scalar(share) });
    return runKernel('Add', { a: y, b: moved });
  });
}

/** factor·y as a new tensor. */
export function scaleTensor(y: Tensor, factor: number): Tensor {
  return computed(({ runKernel }) => runKernel('Multiply', { a: y, b: scalar(factor) }));
}

export const scalar = (value: number): Tensor => engine().makeTensor(Float32Array.of(value), [], 'float32');

/** Runs ops of the backend; what they make is disposed but for the result, which is ours. */
export function computed<R extends Tensor | null>(ops: (own: Pick<Engine, 'runKernel'>) => R): R {
  const shared = engine();
  const result = shared.tidy(() => ops({ runKernel: (...call) => shared.runKernel(...call) }));
  if (result !== null) kept(result);
  return result;
}

/** Disposes a tensor, or each in lists and records of them. */
export function disposeTensors(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if ('dispose' in value && typeof value.dispose === 'function') value.dispose();
  else for (const part of Object.values(value)) disposeTensors(part);
}
