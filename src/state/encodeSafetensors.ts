import { shown, SmoothingError } from '../errors.js';
import { bad } from '../options.js';
import type { TensorLike } from '../types.js';
import { dtypeOf, dtypes, narrowed, type Narrow, type SafetensorsArray } from './safetensorsDtypes.js';
import { safetensorsOptions } from './safetensorsOptions.js';
import { isObject } from './snapshotFormat.js';
import { shapeOf, sizeOf } from '../values/shapes.js';
import { isTensor, type Tensor } from '../values/tensorOps.js';
import { checkMap } from '../values/weight.js';

/** Weights by name: tfjs tensors or variables, or typed arrays. */
export type SafetensorsWeights = Readonly<Record<string, TensorLike | SafetensorsArray>>;

/** How weights are written. */
export interface SafetensorsOptions {
  /** Floats are written with two bytes, each rounded to the nearest, ties to even. @default as they are */
  readonly dtype?: 'F16' | 'BF16';
}

/** Where a weight goes, known before its values are fetched. */
interface Entry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: number;
  /** The dtype that its floats are narrowed to. */
  readonly narrow: Narrow | null;
}

/** tfjs's names for what it holds in dense arrays. */
const tensorDtypes: ReadonlyMap<string, string> = new Map([
  ['float32', 'F32'],
  ['int32', 'I32'],
  ['bool', 'BOOL'],
]);

/**
 * Weights as the bytes of a safetensors file, which PyTorch, JAX and `@huggingface` tools open.
 *
 * Format: u64 little-endian header length; JSON header `{ name: { dtype, shape, data_offsets } }`, padded with spaces so that
 * the data begin at a multiple of 8; the data without gaps, wider elements first, so that every tensor begins where its
 * elements may. tfjs tensors keep their shape (float32 → F32, int32 → I32, bool → BOOL); typed arrays have the shape
 * `[length]`, a `Uint8ClampedArray` is U8. Values are written as they are, NaN too, unless `dtype` narrows the floats.
 *
 * The whole file is in memory at once; `safetensorsChunks` has one tensor at a time.
 *
 * @param weights - by name; neither changed nor disposed
 * @param metadata - strings by name, for the header's `__metadata__`; default none
 * @param options - `dtype: 'F16' | 'BF16'` narrows floats
 * @returns a copy
 * @throws SmoothingError `OPTION_VALUE` for another `dtype`, `OPTION_UNKNOWN`; `VALUE_KIND` for what is no weights by name (a
 *   `Map`, a list, a tensor, a model, a `ModelEma`, which `toSafetensors` takes), a weight that is neither, a tensor of
 *   another dtype or metadata that are not strings by name; `TENSOR_DISPOSED`; `SHAPE_MISMATCH` for a tensor whose values are
 *   not as many as its shape says; `FILE_FORMAT` for a weight named `__metadata__`
 * @example
 * ```ts
 * import { decodeSafetensors, encodeSafetensors } from 'rx-ema';
 * const bytes = encodeSafetensors({ w: Float32Array.of(1, 0.5), step: Int32Array.of(7) }, { run: 'seven' });
 * const { weights, shapes, metadata } = decodeSafetensors(bytes);
 * console.log(weights['w']?.[1], weights['step']?.[0], shapes['w'], metadata['run']);
 * // => 0.5 7 [ 2 ] seven
 * ```
 * @see https://huggingface.co/docs/safetensors/index#format
 */
export function encodeSafetensors(
  weights: SafetensorsWeights,
  metadata?: Readonly<Record<string, string>>,
  options?: SafetensorsOptions,
): Uint8Array<ArrayBuffer> {
  const { header, inFile, length } = layOut(weights, metadata, options);
  const bytes = new Uint8Array(length);
  bytes.set(header);
  let at = header.byteLength;
  for (const entry of inFile) {
    bytes.set(bytesOf(entry, weights[entry.name]!), at);
    at += entry.bytes;
  }
  return bytes;
}

/**
 * The file of `encodeSafetensors` piece by piece: the header, then one tensor at a time, each fetched when it is asked for.
 *
 * @param weights - by name; they must not change until the last piece is taken, or the file holds old and new ones. Each
 *   is asked for twice, for the header and at its turn, so getters may read them from elsewhere
 * @param metadata - strings by name; default none
 * @param options - as for `encodeSafetensors`
 * @returns a generator of pieces, in file order. A piece is lent: it may be the weight's own memory, so write it or copy
 *   it, and don't write to it
 * @throws SmoothingError as `encodeSafetensors`, before the first piece; what happens to a tensor later, at its turn
 * @example
 * ```ts
 * import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { decodeSafetensors, safetensorsChunks } from 'rx-ema';
 * const path = join(tmpdir(), 'rx-ema-weights.safetensors');
 * const file = openSync(path, 'w');
 * for (const chunk of safetensorsChunks({ w: Float32Array.of(1, 0.5), b: Float32Array.of(2) })) writeSync(file, chunk);
 * closeSync(file);
 * console.log(decodeSafetensors(readFileSync(path)).weights['b']?.[0]);
 * // => 2
 * ```
 */
export function* safetensorsChunks(
  weights: SafetensorsWeights,
  metadata?: Readonly<Record<string, string>>,
  options?: SafetensorsOptions,
): Generator<Uint8Array, void, undefined> {
  const { header, inFile } = layOut(weights, metadata, options);
  yield header;
  for (const entry of inFile) if (entry.bytes > 0) yield bytesOf(entry, weights[entry.name]!);
}

function layOut(
  weights: SafetensorsWeights,
  metadata: Readonly<Record<string, string>> = {},
  options: SafetensorsOptions = {},
) {
  const { dtype: narrow } = safetensorsOptions(options, ['dtype']) as SafetensorsOptions;
  if (narrow !== undefined && narrow !== 'F16' && narrow !== 'BF16') throw bad('dtype', "be 'F16' or 'BF16'", narrow);
  checkWeights(weights, 'what is written');
  checkMetadata(metadata);
  const entries = Object.keys(weights).map((name) => entryOf(name, weights[name], narrow ?? null));
  const width = (entry: Entry) => dtypes.get(entry.dtype)!.bytes;
  const inFile = [...entries].sort((a, b) => width(b) - width(a)); // stable
  const offsets = new Map<Entry, number>();
  let end = 0;
  for (const entry of inFile) {
    offsets.set(entry, end);
    end += entry.bytes;
  }
  const fields = entries.map((entry) => {
    const begin = offsets.get(entry)!;
    return [
      entry.name,
      { dtype: entry.dtype, shape: entry.shape, data_offsets: [begin, begin + entry.bytes] },
    ] as const;
  });
  const metadataField = Object.keys(metadata).length === 0 ? {} : { __metadata__: metadata };
  const header = headerBytes({ ...metadataField, ...Object.fromEntries(fields) });
  return { header, inFile, length: header.byteLength + end };
}

function headerBytes(fields: object): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(JSON.stringify(fields));
  const length = Math.ceil(json.byteLength / 8) * 8;
  const bytes = new Uint8Array(8 + length).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(json, 8);
  return bytes;
}

/** Throws for what is no weights by name, and for what has none that could be seen: a promise, a ModelEma. */
export function checkWeights(weights: unknown, what: string): void {
  checkMap(weights, what);
  const prototype: unknown = Object.getPrototypeOf(weights);
  if (Object.keys(weights as object).length > 0 || prototype === null || prototype === Object.prototype) return;
  throw new SmoothingError('VALUE_KIND', `${what} must be weights by name, got ${shown(weights)}`);
}

/** Throws for what is not strings by name. */
export function checkMetadata(metadata: unknown): void {
  if (!isObject(metadata) || Symbol.iterator in metadata) {
    throw new SmoothingError('VALUE_KIND', `metadata must be strings by name, got ${shown(metadata)}`);
  }
  for (const [name, value] of Object.entries(metadata)) {
    if (typeof value !== 'string') {
      throw new SmoothingError('VALUE_KIND', `metadata '${name}' must be a string, got ${shown(value)}`);
    }
  }
}

function entryOf(name: string, weight: unknown, narrow: Narrow | null): Entry {
  if (name === '__metadata__') {
    throw new SmoothingError('FILE_FORMAT', "a weight's name must not be the format's own, got '__metadata__'");
  }
  const { dtype, shape } = kindOf(name, weight);
  const narrows = narrow !== null && (dtype === 'F32' || dtype === 'F64');
  const inFile = narrows ? narrow : dtype;
  return {
    name,
    dtype: inFile,
    shape,
    bytes: sizeOf(shape) * dtypes.get(inFile)!.bytes,
    narrow: narrows ? narrow : null,
  };
}

function kindOf(name: string, weight: unknown): { dtype: string; shape: readonly number[] } {
  const arrayDtype = dtypeOf(weight);
  if (arrayDtype !== undefined) return { dtype: arrayDtype, shape: shapeOf(weight as SafetensorsArray) };
  if (!isTensor(weight)) {
    throw new SmoothingError('VALUE_KIND', `weight '${name}' must be a tensor or a typed array, got ${shown(weight)}`);
  }
  const dtype = tensorDtypes.get(weight.dtype);
  if (dtype === undefined) {
    const known = [...tensorDtypes.keys()].join(', ');
    throw new SmoothingError('VALUE_KIND', `the dtype of '${name}' must be one of ${known}, got ${weight.dtype}`);
  }
  checkAlive(name, weight);
  return { dtype, shape: [...weight.shape] };
}

/** The values as they lie in memory: little-endian on every machine that runs JavaScript today. */
function bytesOf({ name, bytes, narrow }: Entry, weight: TensorLike | SafetensorsArray): Uint8Array {
  const values = isTensor(weight) ? valuesOf(name, weight) : (weight as SafetensorsArray);
  const array = narrow === null ? values : narrowed(values as Float32Array | Float64Array, narrow);
  if (array.byteLength !== bytes) {
    throw new SmoothingError('SHAPE_MISMATCH', `'${name}' must have ${bytes} bytes, got ${array.byteLength}`);
  }
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function valuesOf(name: string, tensor: Tensor): SafetensorsArray {
  checkAlive(name, tensor); // again: pieces may be taken long after the header
  return tensor.dataSync() as SafetensorsArray;
}

function checkAlive(name: string, tensor: Tensor): void {
  if (tensor.isDisposed) {
    throw new SmoothingError('TENSOR_DISPOSED', `'${name}' must hold values, got a disposed tensor`);
  }
}
