import { shown, SmoothingError } from '../errors.js';
import { dtypes, type SafetensorsArray } from './safetensorsDtypes.js';
import { readLayout, type Tensor } from './safetensorsLayout.js';
import { shaped } from '../values/shapes.js';

/** What a safetensors file holds, each by the tensor's name and in the order of its header. */
export interface Safetensors {
  /** F16 and BF16 are widened to `Float32Array`, BOOL is a `Uint8Array` of 0 and 1, which would be written as U8. */
  readonly weights: Record<string, SafetensorsArray>;
  readonly shapes: Record<string, number[]>;
  /** As the file names them: 'F32', 'BF16', … */
  readonly dtypes: Record<string, string>;
  readonly metadata: Record<string, string>;
}

/**
 * Reads a safetensors file: weights by name as typed arrays, with shapes, dtypes and metadata.
 *
 * Format: see `encodeSafetensors`. Nothing is guessed: a file whose header, offsets or length are not as the format has
 * them is refused whole. Every tensor of the file is among the weights: of one that `toSafetensors` has written of a
 * `ModelEma`, `rx-ema.low/<name>` and `model/<name>` too, which `readSafetensors` keeps apart.
 *
 * @param bytes - the whole file, at any offset in its buffer
 * @returns copies, row-major; a scalar has the shape `[]`. An array says its own as `array.shape` where that is more than its
 *   length: averages take it on, and files are written with it
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
  const { tensors, metadata } = readLayout(bytes.byteLength, (begin, end) => bytes.subarray(begin, end));
  return {
    weights: byName(tensors, ({ dtype, shape, begin, end }) =>
      shaped(dtypes.get(dtype)!.read(copyOf(bytes, begin, end)), shape),
    ),
    shapes: byName(tensors, ({ shape }) => shape),
    dtypes: byName(tensors, ({ dtype }) => dtype),
    metadata,
  };
}

/** Into memory of its own, so that the elements are aligned whatever `bytes` begin with. */
function copyOf(bytes: Uint8Array, begin: number, end: number): ArrayBuffer {
  const copy = new Uint8Array(end - begin);
  copy.set(bytes.subarray(begin, end));
  return copy.buffer;
}

/** Own properties, whatever the name: `__proto__` is one like any other. */
function byName<V>(tensors: readonly Tensor[], valueOf: (tensor: Tensor) => V): Record<string, V> {
  return Object.fromEntries(tensors.map((tensor) => [tensor.name, valueOf(tensor)]));
}
