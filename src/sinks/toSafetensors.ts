import { SmoothingError } from '../errors.js';
import type { ModelEma } from '../modelEma.js';
import { isModelEma } from '../models/isModelEma.js';
import { bad } from '../options.js';
import {
  checkMetadata,
  checkWeights,
  safetensorsChunks,
  type SafetensorsOptions,
  type SafetensorsWeights,
} from '../state/encodeSafetensors.js';
import { safetensorsOptions } from '../state/safetensorsOptions.js';
import { HOLDS, OURS, savedFile } from '../state/savedModel.js';
import { replaceFile } from './replaceFile.js';

/** How `toSafetensors` writes. */
export interface SafetensorsFileOptions extends SafetensorsOptions {
  /** Strings by name, for the header; none that begins with `rx-ema`. @default none */
  readonly metadata?: Readonly<Record<string, string>>;
  /**
   * With a `ModelEma`: the model's own weights, which stand in the file as `model/<name>`, so that both are of one step
   * whatever happens. @default none
   */
  readonly model?: SafetensorsWeights;
}

/**
 * Writes weights, or a `ModelEma` to go on from, into a safetensors file: all of it or nothing.
 *
 * Synchronous, so that a live shadow can't change meanwhile, and with no more than one tensor besides in memory. The file is
 * written under a temporary name in the same folder (`rx-ema-….tmp`), synced to the disk and renamed, and the folder synced:
 * whoever is killed while saving, at any moment, leaves the old file or the new one whole. (A killed process may leave the
 * temporary file behind, too.)
 *
 * A file in the place of another has its mode, and is the process's own; one that was read-only is replaced, too, and stays
 * so. Of a symbolic link the file that it leads to is replaced, or made; other hard links keep the old file. On Windows a
 * file that somebody has open is not replaced.
 *
 * Of a `ModelEma` the averages stand under their own names, so that PyTorch and others load them as weights. The rest of
 * the state is beside them: what rounding has taken from a compensated shadow as `rx-ema.low/<name>`, everything else, to
 * the last bit, in the metadata. `rx-ema.holds` says `weights` or `shadow`, so that the two are not taken for each other.
 *
 * @param path - of the file; its folder must be there
 * @param what - weights by name (tfjs tensors or variables, typed arrays, getters that read such), or a `ModelEma`; neither
 *   changed nor disposed
 * @param options - `metadata`; `dtype: 'F16' | 'BF16'`, which narrows all floats: weights to use, not a state to go on
 *   from; `model`
 * @returns bytes written
 * @throws SmoothingError `SINK_UNWRITABLE` if the folder is absent, what stands there is no regular file, the disk is full or
 *   the like (its `cause` says why), with the old file as it was and no temporary one; and before anything is written:
 *   `OPTION_UNKNOWN`, `OPTION_VALUE` for the path, the options and names in the metadata; `NAMES_MISMATCH` for names that
 *   would stand twice; as `encodeSafetensors` and `ModelEma.snapshot`
 * @example
 * ```ts
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { ModelEma } from 'rx-ema';
 * import { toSafetensors } from 'rx-ema/sinks';
 * import { readSafetensors } from 'rx-ema/sources';
 *
 * const ema = new ModelEma<Float32Array>({ decay: 0.9 });
 * ema.update({ w: Float32Array.of(0) });
 * ema.update({ w: Float32Array.of(1) });
 * const path = join(tmpdir(), 'rx-ema-ema.safetensors');
 * toSafetensors(path, ema, { metadata: { run: 'seven' }, model: { w: Float32Array.of(1) } });
 *
 * const file = readSafetensors(path);
 * console.log(file.holds, file.weights['w']?.[0] === ema.shadow['w']?.[0], file.model?.['w']?.[0], file.metadata['run']);
 * // => shadow true 1 seven
 * console.log(new ModelEma({ decay: 0.9 }, file.snapshot).updates);
 * // => 1
 * ```
 * @see `readSafetensors`; `encodeSafetensors` and `safetensorsChunks` where there is no file system
 */
export function toSafetensors(
  path: string,
  what: SafetensorsWeights | ModelEma<unknown>,
  options: SafetensorsFileOptions = {},
): number {
  const { metadata, model, dtype } = checked(path, options);
  if (model !== undefined && !isModelEma(what)) throw bad('model', 'go with a ModelEma', model);
  const file = isModelEma(what)
    ? savedFile(what.saved(), model ?? {}, dtype === undefined)
    : { weights: what, metadata: { [HOLDS]: 'weights' } };
  const narrow = dtype === undefined ? {} : { dtype };
  return replaceFile(path, safetensorsChunks(file.weights, { ...file.metadata, ...metadata }, narrow));
}

function checked(path: unknown, options: object): SafetensorsFileOptions {
  if (typeof path !== 'string' || path === '') throw bad('path', 'name a file', path);
  const given = safetensorsOptions(options, ['metadata', 'dtype', 'model']) as SafetensorsFileOptions;
  if (given.model !== undefined) checkWeights(given.model, 'model');
  if (given.metadata !== undefined) checkMetadata(given.metadata);
  const ours = Object.keys(given.metadata ?? {}).find((name) => name.startsWith(OURS));
  if (ours !== undefined) {
    throw new SmoothingError('OPTION_VALUE', `metadata must have names that don't begin with '${OURS}', got '${ours}'`);
  }
  return given;
}
