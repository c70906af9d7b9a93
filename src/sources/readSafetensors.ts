import { SmoothingError } from '../errors.js';
import { failure, said } from '../failure.js';
import { bad } from '../options.js';
import type { Safetensors } from '../state/decodeSafetensors.js';
import { nodeModules } from '../state/nodeModules.js';
import { dtypes, type SafetensorsArray } from '../state/safetensorsDtypes.js';
import { CutShort, readLayout } from '../state/safetensorsLayout.js';
import { heldIn } from '../state/heldIn.js';
import { OURS } from '../state/savedModel.js';
import type { Snapshot } from '../types.js';
import { shaped } from '../values/shapes.js';

/** What a safetensors file on the disk holds. */
export interface SafetensorsFile extends Safetensors {
  /**
   * The weights, or the averages of a shadow. Each is read when it is asked for, and every time: what comes is the
   * receiver's, and nothing is kept.
   */
  readonly weights: Record<string, SafetensorsArray>;
  /** Of every tensor by its name in the file, where the model's weights are `model/<name>`. */
  readonly shapes: Record<string, number[]>;
  /** Of every tensor by its name in the file, as it names them. */
  readonly dtypes: Record<string, string>;
  /** Without what the package itself has put there. */
  readonly metadata: Record<string, string>;
  /** What the file says of itself: a file that others wrote holds weights. */
  readonly holds: 'weights' | 'shadow';
  /** The model's own weights beside a shadow, if `toSafetensors` was given them; read as `weights` are. */
  readonly model: Record<string, SafetensorsArray> | undefined;
  /** Updates that the shadow has seen; 0 for weights. */
  readonly updates: number;
  /**
   * What `new ModelEma(options, snapshot)` goes on from, one tensor at a time in memory.
   *
   * @throws SmoothingError `VALUE_KIND` if the file holds a model's weights, or a shadow in narrowed floats
   */
  readonly snapshot: Snapshot;
}

/**
 * Opens a safetensors file: weights by name that are read one at a time, each when it is asked for.
 *
 * The header is read and checked whole, as `decodeSafetensors` does, and the length of the file with it. From then on every
 * `weights[name]` opens the file, reads that tensor into memory of its own and closes it: a map of a file of many GB takes no
 * more memory than its largest tensor. Node only; all of it is synchronous.
 *
 * @param path - of the file
 * @returns what it holds; arrays say their shapes, as those of `decodeSafetensors` do. F16 and BF16 are widened to
 *   `Float32Array`; BOOL is a `Uint8Array` of 0 and 1, which would be written as U8
 * @throws SmoothingError `SOURCE_UNREADABLE` if the file can't be opened or read (its `cause` says why), and later, where a
 *   tensor is asked for, if there is another file in its place or it was written to; `FILE_FORMAT` as `decodeSafetensors`;
 *   `SNAPSHOT_VERSION`, `SNAPSHOT_CORRUPT` for a shadow whose state this version can't read
 * @example
 * ```ts
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { toSafetensors } from 'rx-ema/sinks';
 * import { readSafetensors } from 'rx-ema/sources';
 *
 * const path = join(tmpdir(), 'rx-ema-read.safetensors');
 * toSafetensors(path, { w: Float32Array.of(0.1, 3), steps: Int32Array.of(7) }, { dtype: 'BF16' });
 * const { weights, dtypes, holds } = readSafetensors(path);
 * console.log(holds, dtypes['w'], weights['w']?.[0], weights['steps']?.[0]);
 * // => weights BF16 0.10009765625 7
 * ```
 * @see `toSafetensors` from `rx-ema/sinks`; `decodeSafetensors` for bytes; `fromSafetensors` for a run's checkpoints
 */
export function readSafetensors(path: string): SafetensorsFile {
  if (typeof path !== 'string' || path === '') throw bad('path', 'name a file', path);
  return inFile(path, (fd) => {
    const opened = stateOf(fd);
    const layout = readLayout(opened.size, (begin, end) => bytesOf(fd, begin, end));
    const { tensors, metadata } = layout;
    const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
    const readTensor = (name: string): SafetensorsArray =>
      inFile(path, (again) => {
        const { dtype, shape, begin, end } = byName.get(name)!;
        const bytes = bytesOf(again, begin, end);
        if (stateOf(again).identity !== opened.identity) {
          throw unreadable(
            'the file must be the one that was opened, got another in its place, or one written to since',
          );
        }
        return shaped(dtypes.get(dtype)!.read(bytes.buffer), shape);
      });
    const { snapshot, ...held } = heldIn(layout, readTensor);
    const file = {
      ...held,
      shapes: Object.fromEntries(tensors.map(({ name, shape }) => [name, shape])),
      dtypes: Object.fromEntries(tensors.map(({ name, dtype }) => [name, dtype])),
      metadata: Object.fromEntries(Object.entries(metadata).filter(([name]) => !name.startsWith(OURS))),
    };
    // not enumerable: whoever spreads the file has not asked for a snapshot
    return Object.defineProperty(file, 'snapshot', { get: () => about(path, snapshot) }) as SafetensorsFile;
  });
}

const modules = () => nodeModules('readSafetensors', 'SOURCE_UNREADABLE');

function inFile<R>(path: string, act: (fd: number) => R): R {
  const { fs } = modules();
  return about(path, () => {
    const fd = fs.openSync(path, 'r');
    try {
      return act(fd);
    } finally {
      fs.closeSync(fd);
    }
  });
}

/** Errors that name the file. */
function about<R>(path: string, act: () => R): R {
  try {
    return act();
  } catch (error) {
    if (error instanceof CutShort) throw new CutShort(`${path}: ${error.message}`);
    if (error instanceof SmoothingError) throw failure(error.code, `${path}: ${error.message}`, error.cause);
    throw failure('SOURCE_UNREADABLE', `'${path}' must be a file that can be read, got ${said(error)}`, error);
  }
}

function unreadable(message: string): SmoothingError {
  return new SmoothingError('SOURCE_UNREADABLE', message);
}

/** Node reads fewer than 2³¹ bytes at once. */
const MOST = 2 ** 30;

/** Bytes of a file, in memory of their own; zeros where it has become shorter, which shows in its identity. */
function bytesOf(fd: number, begin: number, end: number): Uint8Array<ArrayBuffer> {
  const { fs } = modules();
  const bytes = new Uint8Array(end - begin);
  for (let at = 0; at < bytes.byteLength;) {
    const read = fs.readSync(fd, bytes, at, Math.min(bytes.byteLength - at, MOST), begin + at);
    if (read === 0) break;
    at += read;
  }
  return bytes;
}

/** The identity is the same as long as nobody writes to the file or puts another in its place. */
function stateOf(fd: number): { readonly size: number; readonly identity: string } {
  const { dev, ino, size, mtimeNs } = modules().fs.fstatSync(fd, { bigint: true });
  return { size: Number(size), identity: `${dev} ${ino} ${size} ${mtimeNs}` };
}
