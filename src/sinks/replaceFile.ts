import { failure, said } from '../failure.js';
import { nodeModules } from '../state/nodeModules.js';

/** Node writes fewer than 2³¹ bytes at once. */
const MOST = 2 ** 26;

/**
 * Puts a file in the place of another, all of it or nothing: written under a name beside it, synced, renamed, and the
 * folder synced. It has the other's mode, and stands where a symbolic link leads.
 *
 * @param chunks - taken one at a time; the first before anything is touched, and what the generator throws leaves nothing
 * @returns bytes written
 * @throws SmoothingError `SINK_UNWRITABLE` with the file as it was before and nothing beside it
 */
export function replaceFile(path: string, chunks: Iterator<Uint8Array>): number {
  const { fs, path: paths } = modules();
  let chunk = chunks.next();
  const { target, mode } = attempt(path, () => placeOf(path));
  const folder = paths.dirname(target);
  const unique = `${process.pid}-${Math.random().toString(36).slice(2)}`;
  const temporary = paths.join(folder, `rx-ema-${unique}.tmp`); // the file's own name may be as long as names can be
  let bytes = 0;
  const file = attempt(path, () => fs.openSync(temporary, 'wx', mode));
  try {
    try {
      if (mode !== undefined) attempt(path, () => fs.fchmodSync(file, mode)); // with what the umask has taken
      for (; chunk.done !== true; chunk = chunks.next()) {
        bytes += chunk.value.byteLength;
        for (let at = 0; at < chunk.value.byteLength;) {
          const piece = chunk.value.subarray(at, at + MOST);
          at += attempt(path, () => fs.writeSync(file, piece));
        }
      }
      attempt(path, () => fs.fsyncSync(file));
    } finally {
      attempt(path, () => fs.closeSync(file));
    }
    attempt(path, () => fs.renameSync(temporary, target));
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(folder);
  return bytes;
}

const modules = () => nodeModules('toSafetensors', 'SINK_UNWRITABLE');

/** Where the file is to stand, and the mode of the one that does. */
function placeOf(path: string): { readonly target: string; readonly mode: number | undefined } {
  const old = modules().fs.statSync(path, { throwIfNoEntry: false });
  if (old !== undefined && !old.isFile()) throw new Error('a folder, a device or a pipe');
  return { target: behindLinks(path), mode: old === undefined ? undefined : old.mode & 0o777 };
}

/** Where symbolic links lead, be it there or not. They don't go in a circle: the file has been looked at. */
function behindLinks(path: string): string {
  const { fs, path: paths } = modules();
  if (fs.lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return path;
  return behindLinks(paths.resolve(fs.realpathSync(paths.dirname(path)), fs.readlinkSync(path)));
}

function attempt<R>(path: string, act: () => R): R {
  try {
    return act();
  } catch (error) {
    throw failure('SINK_UNWRITABLE', `'${path}' must be a file that can be written, got ${said(error)}`, error);
  }
}

/** So that the new name outlives a power cut, too. Not every system can: the file is whole either way. */
function syncFolder(folder: string): void {
  const { fs } = modules();
  try {
    const file = fs.openSync(folder, 'r');
    try {
      fs.fsyncSync(file);
    } finally {
      fs.closeSync(file);
    }
  } catch {
    // Windows opens no folders
  }
}
