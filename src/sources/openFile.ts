import type { promises } from 'node:fs';

import type { Piece } from './growingFile.js';

const PIECE_BYTES = 256 * 1024;
/** What is asked for at the end of a file: a thousand may be followed. */
const LOOK_BYTES = 16 * 1024;
const TAIL_BYTES = 64;
/** What is said of a file that another machine of a network file system has deleted. */
const STALE = 'ESTALE';
const NONE = new Uint8Array(0);

type Fs = typeof import('node:fs');

/** A file that is being read from its beginning, and what tells whether it is still the same. */
export class OpenFile {
  readonly #path: string;
  readonly #fs: Fs;
  readonly #handle: promises.FileHandle;
  readonly #identity: string;
  /** Of which offsets have no meaning, as of a pipe. */
  readonly #seekable: boolean;
  readonly #keeps: number;
  #buffer = NONE;
  /** More is there than the last read took. */
  #isBehind = true;
  /** The last bytes that were read. */
  #tail = NONE;
  #offset = 0;
  #fresh: boolean;
  #gone = false;

  private constructor(
    path: string,
    fs: Fs,
    handle: promises.FileHandle,
    stats: Stats,
    follow: boolean,
    fresh: boolean,
  ) {
    this.#path = path;
    this.#fs = fs;
    this.#handle = handle;
    this.#identity = identity(stats);
    this.#seekable = stats.isFile();
    this.#keeps = follow && this.#seekable ? TAIL_BYTES : 0;
    this.#fresh = fresh;
  }

  /**
   * @param follow - null for a file that is not there, and a look at each read whether it was cut
   * @param fresh - it takes the place of another
   */
  static async open(path: string, follow: boolean, fs: Fs, fresh = false): Promise<OpenFile | null> {
    const handle = await orNull(fs.promises.open(path, 'r'), follow);
    if (handle === null) return null;
    try {
      return new OpenFile(path, fs, handle, await handle.stat({ bigint: true }), follow, fresh);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** What has not been read yet. */
  async *rest(): AsyncGenerator<Piece> {
    for (let piece = await this.#read(); piece !== null; piece = await this.#read()) yield piece;
  }

  /**
   * Whether this is still the file at the path: it is `followed` once the path names another that something was written to, and
   * `deleted` where the path names none, and no other name is left either.
   */
  async standing(): Promise<'current' | 'followed' | 'deleted'> {
    const stats = await orNull(this.#fs.promises.stat(this.#path, { bigint: true }), true);
    if (stats === null) return (await this.#hasName()) ? 'current' : 'deleted';
    return this.#gone || (stats.size > 0n && identity(stats) !== this.#identity) ? 'followed' : 'current';
  }

  async #hasName(): Promise<boolean> {
    if (this.#gone) return false;
    try {
      return (await this.#handle.stat()).nlink > 0;
    } catch (error) {
      if (codeOf(error) !== STALE) throw error;
      return false;
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #read(): Promise<Piece | null> {
    if (this.#gone) return null;
    const known = this.#tail.length;
    if (this.#isBehind && this.#buffer.length < PIECE_BYTES) this.#buffer = new Uint8Array(PIECE_BYTES);
    else if (this.#buffer.length === 0) this.#buffer = new Uint8Array(LOOK_BYTES);
    const length = await this.#fill(this.#seekable ? this.#offset - known : null);
    if (length === null) return null;
    this.#isBehind = length === this.#buffer.length;
    if (known > 0 && !(length >= known && this.#tail.every((byte, i) => byte === this.#buffer[i]))) {
      this.#offset = 0;
      this.#tail = NONE;
      return { bytes: NONE, fresh: true };
    }
    if (length === known) {
      if (this.#buffer.length > LOOK_BYTES) this.#buffer = NONE;
      return null;
    }
    this.#offset += length - known;
    this.#tail = this.#buffer.slice(Math.max(0, length - this.#keeps), length);
    const fresh = this.#fresh;
    this.#fresh = false;
    return { bytes: this.#buffer.subarray(known, length), fresh };
  }

  /** How many bytes are in the buffer; null if the file is no more. */
  async #fill(position: number | null): Promise<number | null> {
    try {
      return (await this.#handle.read(this.#buffer, 0, this.#buffer.length, position)).bytesRead;
    } catch (error) {
      if (codeOf(error) !== STALE) throw error;
      this.#gone = true;
      return null;
    }
  }
}

type Stats = import('node:fs').BigIntStats;

const identity = ({ dev, ino }: Stats): string => `${dev} ${ino}`;
const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null)?.code;

/** Null for a file that is not there, if that is waited for. */
async function orNull<T>(found: Promise<T>, waits: boolean): Promise<T | null> {
  try {
    return await found;
  } catch (error) {
    if (waits && codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}
