import { shown, SmoothingError } from '../errors.js';
import { duplicateKey } from './duplicateKey.js';
import { dtypes, type SafetensorsArray } from './safetensorsDtypes.js';

/** What a safetensors file holds, each by the tensor's name and in the order of its header. */
export interface Safetensors {
  /** F16 and BF16 are widened to `Float32Array`, BOOL is a `Uint8Array` of 0 and 1. */
  readonly weights: Record<string, SafetensorsArray>;
  readonly shapes: Record<string, number[]>;
  /** As the file names them: 'F32', 'BF16', … */
  readonly dtypes: Record<string, string>;
  readonly metadata: Record<string, string>;
}

interface Tensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: number[];
  readonly begin: number;
  readonly end: number;
}

/** The reference reader's limit: a longer header is an attack or no safetensors file. */
const LONGEST_HEADER = 100_000_000;

/**
 * Reads a safetensors file: weights by name as typed arrays, with shapes, dtypes and metadata.
 *
 * Format: see `encodeSafetensors`. Nothing is guessed: a file whose header, offsets or length are not as the format has
 * them is refused whole.
 *
 * @param bytes - the whole file, at any offset in its buffer
 * @returns copies, row-major; a scalar has the shape `[]`
 * @throws SmoothingError `FILE_FORMAT`: cut short or extended, a header that is too long or no JSON, an unknown dtype, a
 *   name twice, offsets out of range, overlapping, with gaps, or of another size than the shape; `VALUE_KIND` if `bytes` are
 *   not a `Uint8Array`
 * @example
 * ```ts
 * import { decodeSafetensors, encodeSafetensors } from 'rx-ema';
 * const file = encodeSafetensors({ 'layer.weight': Float32Array.of(0.25, -1) });
 * const { weights, dtypes } = decodeSafetensors(file);
 * console.log(weights['layer.weight']?.[1], dtypes['layer.weight']);
 * // => -1 F32
 * ```
 * @see https://huggingface.co/docs/safetensors/index#format
 */
export function decodeSafetensors(bytes: Uint8Array): Safetensors {
  if (!(bytes instanceof Uint8Array)) {
    throw new SmoothingError('VALUE_KIND', `decodeSafetensors must get a Uint8Array, got ${shown(bytes)}`);
  }
  const start = 8 + headerLength(bytes);
  const { __metadata__: metadata = {}, ...entries } = headerOf(bytes.subarray(8, start));
  const data = bytes.subarray(start);
  const tensors = Object.entries(entries).map(([name, entry]) => tensorOf(name, entry));
  checkOffsets(tensors, data.byteLength);
  return {
    weights: byName(tensors, ({ dtype, begin, end }) => dtypes.get(dtype)!.read(copyOf(data, begin, end))),
    shapes: byName(tensors, ({ shape }) => shape),
    dtypes: byName(tensors, ({ dtype }) => dtype),
    metadata: metadataOf(metadata),
  };
}

function refuse(sentence: string): SmoothingError {
  return new SmoothingError('FILE_FORMAT', sentence);
}

function headerLength(bytes: Uint8Array): number {
  if (bytes.byteLength < 8) throw refuse(`a safetensors file must have at least 8 bytes, got ${bytes.byteLength}`);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  const most = Math.min(LONGEST_HEADER, bytes.byteLength - 8);
  if (length > BigInt(most)) {
    throw refuse(`the header must fit the file and have <= ${LONGEST_HEADER} bytes: ${most} here, got ${length}`);
  }
  return Number(length);
}

function headerOf(bytes: Uint8Array): Record<string, unknown> {
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    header = JSON.parse(text);
  } catch (error) {
    throw refuse(`the header must be JSON in UTF-8, got one that is not: ${(error as Error).message}`);
  }
  if (!isObject(header)) throw refuse(`the header must be a JSON object, got ${shown(header)}`);
  const twice = duplicateKey(text);
  if (twice !== undefined) throw refuse(`every name in the header must stand there once, got '${twice}' twice`);
  return header;
}

function tensorOf(name: string, entry: unknown): Tensor {
  if (!isObject(entry)) throw refuse(`tensor '${name}' must be described by an object, got ${shown(entry)}`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string' || !dtypes.has(dtype)) {
    throw refuse(`the dtype of '${name}' must be one of ${[...dtypes.keys()].join(', ')}, got ${shown(dtype)}`);
  }
  if (!isCounts(shape)) throw refuse(`the shape of '${name}' must be integers >= 0, got ${shown(shape)}`);
  if (!isCounts(offsets) || offsets.length !== 2) {
    throw refuse(`data_offsets of '${name}' must be two integers >= 0, got ${shown(offsets)}`);
  }
  const [begin, end] = offsets as [number, number];
  const size = shape.reduce((product, count) => product * count, dtypes.get(dtype)!.bytes);
  if (end - begin !== size) {
    throw refuse(`'${name}' must have ${size} bytes by its dtype and shape, got data_offsets ${begin} to ${end}`);
  }
  return { name, dtype, shape, begin, end };
}

/** The format allows neither gaps nor overlaps, and no bytes behind the last tensor. */
function checkOffsets(tensors: readonly Tensor[], length: number): void {
  let at = 0;
  for (const { name, begin, end } of [...tensors].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== at) {
      const what = begin < at ? 'overlap' : 'leave a gap';
      throw refuse(`tensors must lie one behind the other, but '${name}' begins at ${begin}, not ${at}: they ${what}`);
    }
    at = end;
  }
  if (at !== length) {
    throw refuse(
      `the file must have ${at} bytes of data, got ${length}: it is ${length < at ? 'cut short' : 'too long'}`,
    );
  }
}

function metadataOf(metadata: unknown): Record<string, string> {
  if (!isObject(metadata) || !Object.values(metadata).every((value) => typeof value === 'string')) {
    throw refuse(`__metadata__ must hold strings by name, got ${shown(metadata)}`);
  }
  return metadata as Record<string, string>;
}

/** Into memory of its own, so that the elements are aligned whatever `data` begins with. */
function copyOf(data: Uint8Array, begin: number, end: number): ArrayBuffer {
  const copy = new Uint8Array(end - begin);
  copy.set(data.subarray(begin, end));
  return copy.buffer;
}

/** Own properties, whatever the name: `__proto__` is one like any other. */
function byName<V>(tensors: readonly Tensor[], valueOf: (tensor: Tensor) => V): Record<string, V> {
  return Object.fromEntries(tensors.map((tensor) => [tensor.name, valueOf(tensor)]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);
}
