import type { SavedArray } from '../types.js';
import { fromBrainFloat, toBrainFloat } from '../values/brainFloat.js';
import { fromHalf, toHalf } from '../values/half.js';

/** Arrays that a safetensors file may be written from; those read from one say their shape where that is more than their length. */
export type SafetensorsArray = SavedArray & { readonly shape?: readonly number[] };

/** How one dtype lies in a file, and what it is read as. */
interface Dtype {
  readonly bytes: number;
  /** An array over memory of its own, which begins where an element may. */
  readonly read: (memory: ArrayBuffer) => SafetensorsArray;
}

/** The dtypes that are read. A map, so that a file's `toString` is no dtype. */
export const dtypes: ReadonlyMap<string, Dtype> = new Map<string, Dtype>([
  ['F64', { bytes: 8, read: (memory) => new Float64Array(memory) }],
  ['F32', { bytes: 4, read: (memory) => new Float32Array(memory) }],
  ['F16', { bytes: 2, read: (memory) => Float32Array.from(new Uint16Array(memory), fromHalf) }],
  ['BF16', { bytes: 2, read: (memory) => Float32Array.from(new Uint16Array(memory), fromBrainFloat) }],
  ['I64', { bytes: 8, read: (memory) => new BigInt64Array(memory) }],
  ['U64', { bytes: 8, read: (memory) => new BigUint64Array(memory) }],
  ['I32', { bytes: 4, read: (memory) => new Int32Array(memory) }],
  ['U32', { bytes: 4, read: (memory) => new Uint32Array(memory) }],
  ['I16', { bytes: 2, read: (memory) => new Int16Array(memory) }],
  ['U16', { bytes: 2, read: (memory) => new Uint16Array(memory) }],
  ['I8', { bytes: 1, read: (memory) => new Int8Array(memory) }],
  ['U8', { bytes: 1, read: (memory) => new Uint8Array(memory) }],
  ['BOOL', { bytes: 1, read: (memory) => new Uint8Array(memory) }],
]);

const arrayDtypes: ReadonlyMap<unknown, string> = new Map([
  ['Float64Array', 'F64'],
  ['Float32Array', 'F32'],
  ['BigInt64Array', 'I64'],
  ['BigUint64Array', 'U64'],
  ['Int32Array', 'I32'],
  ['Uint32Array', 'U32'],
  ['Int16Array', 'I16'],
  ['Uint16Array', 'U16'],
  ['Int8Array', 'I8'],
  ['Uint8Array', 'U8'],
  ['Uint8ClampedArray', 'U8'],
]);

/** The dtype under which an array is written; undefined if there is none. */
export function dtypeOf(array: unknown): string | undefined {
  return ArrayBuffer.isView(array) ? arrayDtypes.get(Reflect.get(array, Symbol.toStringTag)) : undefined;
}

/** Floats of two bytes. They are for files alone: nothing is averaged in them. */
export type Narrow = 'F16' | 'BF16';

/** The bits of floats as `dtype` has them, each rounded once, ties to even. */
export function narrowed(floats: Float32Array | Float64Array, dtype: Narrow): Uint16Array {
  const toBits = dtype === 'F16' ? toHalf : toBrainFloat;
  const narrow = new Uint16Array(floats.length);
  for (let i = 0; i < floats.length; i++) narrow[i] = toBits(floats[i]!);
  return narrow;
}
