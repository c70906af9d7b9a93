import { failure, said } from '../failure.js';
import { nodeModules } from '../state/nodeModules.js';

/** Node writes fewer than 2³¹ bytes at once. */
const MOST = 2 ** 26;

/**
 * Puts a file in the place of another, all of it or nothing: written under a name beside it, synced, renamed, and the
 * folder synced.
 *
 * @param chunks - taken one at a time; the first before anything is touched, and what the generator throws leaves nothing
 * @returns bytes written
 * @throws SmoothingError `SINK_UNWRITABLE` with the file as it was before and nothing beside it
 */
export function replaceFile(path: string, chunks: Iterator<Uint8Array>): number {
  const { fs } = nodeModules('toSafetensors', 'SINK_UNWRITABLE');
  let chunk = chunks.next();
  const unique = `${process.pid}-${Math.random().toString(36).slice(2)}`;
  const temporary = `${path}.${unique}.tmp`;
  let bytes = 0;
  const file = attempt(path, () => fs.openSync(temporary, 'wx'));
  try {
    try {
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
    attempt(path, () => fs.renameSync(temporary, path));
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(path);
  return bytes;
}

function attempt<R>(path: string, act: () => R): R {
  try {
    return act();
  } catch (error) {
    throw failure('SINK_UNWRITABLE', `'${path}' must be a file that can be written, got ${said(error)}`, error);
  }
}

/** So that the new name outlives a power cut, too. Not every system can: the file is whole either way. */
function syncFolder(path: string): void {
  const { fs, path: paths } = nodeModules('toSafetensors', 'SINK_UNWRITABLE');
  try {
    const folder = fs.openSync(paths.dirname(path), 'r');
    try {
      fs.fsyncSync(folder);
    } finally {
      fs.closeSync(folder);
    }
  } catch {
    // Windows opens no folders
  }
}
