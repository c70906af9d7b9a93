import { failure, said } from '../failure.js';
import { nodeModules } from '../state/nodeModules.js';

/** Node writes fewer than 2³¹ bytes at once. */
const MOST = 2 ** 26;

/**
 * A file that is to stand in the place of another, all of it or nothing: written under a name beside it, synced, renamed, and
 * the folder synced. It has the other's mode, and stands where a symbolic link leads.
 *
 * Every method throws `SINK_UNWRITABLE`; after that, and whenever it is not wanted any more, `discard` leaves the file as it
 * was before, and nothing beside it.
 */
export class Replacement {
  /** Where it is until `commit`. */
  readonly temporary: string;
  readonly #path: string;
  readonly #caller: string;
  readonly #target: string;
  #file: number | null = null;

  /** @param caller - the function that errors name */
  constructor(path: string, caller: string) {
    this.#path = path;
    this.#caller = caller;
    const { fs, path: paths } = this.#modules();
    const { target, mode } = this.#attempt(() => this.#place());
    this.#target = target;
    const unique = `${process.pid}-${Math.random().toString(36).slice(2)}`;
    // the file's own name may be as long as names can be
    this.temporary = paths.join(paths.dirname(target), `rx-ema-${unique}.tmp`);
    const file = this.#attempt(() => fs.openSync(this.temporary, 'wx', mode));
    this.#file = file;
    if (mode === undefined) return;
    try {
      this.#attempt(() => fs.fchmodSync(file, mode)); // with what the umask has taken
    } catch (error) {
      this.discard();
      throw error;
    }
  }

  write(bytes: Uint8Array): void {
    const { fs } = this.#modules();
    for (let at = 0; at < bytes.byteLength;) {
      const piece = bytes.subarray(at, at + MOST);
      at += this.#attempt(() => fs.writeSync(this.#file!, piece));
    }
  }

  /** Puts it in the other's place. */
  commit(): void {
    const { fs, path: paths } = this.#modules();
    this.#attempt(() => fs.fsyncSync(this.#file!));
    this.#attempt(() => this.#close());
    this.#attempt(() => fs.renameSync(this.temporary, this.#target));
    syncFolder(paths.dirname(this.#target), fs);
  }

  discard(): void {
    const { fs } = this.#modules();
    try {
      this.#close();
    } catch {
      // what is thrown away need not be written
    }
    fs.rmSync(this.temporary, { force: true });
  }

  #close(): void {
    const file = this.#file;
    this.#file = null;
    if (file !== null) this.#modules().fs.closeSync(file);
  }

  /** Where the file is to stand, and the mode of the one that does. */
  #place(): { readonly target: string; readonly mode: number | undefined } {
    const old = this.#modules().fs.statSync(this.#path, { throwIfNoEntry: false });
    if (old !== undefined && !old.isFile()) throw new Error('a folder, a device or a pipe');
    const target = this.#behindLinks(this.#path);
    const folder = this.#modules().path.dirname(target);
    // what the system says would name the file beside it, which nobody has asked for
    if (!this.#modules().fs.existsSync(folder)) throw new Error(`ENOENT: no such folder, '${folder}'`);
    return { target, mode: old === undefined ? undefined : old.mode & 0o777 };
  }

  /** Where symbolic links lead, be it there or not. They don't go in a circle: the file has been looked at. */
  #behindLinks(path: string): string {
    const { fs, path: paths } = this.#modules();
    if (fs.lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return path;
    return this.#behindLinks(paths.resolve(fs.realpathSync(paths.dirname(path)), fs.readlinkSync(path)));
  }

  #modules() {
    return nodeModules(this.#caller, 'SINK_UNWRITABLE');
  }

  #attempt<R>(act: () => R): R {
    try {
      return act();
    } catch (error) {
      throw failure('SINK_UNWRITABLE', `'${this.#path}' must be a file that can be written, got ${said(error)}`, error);
    }
  }
}

/** So that the new name outlives a power cut, too. Not every system can: the file is whole either way. */
function syncFolder(folder: string, fs: typeof import('node:fs')): void {
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
