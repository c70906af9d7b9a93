import type { Gunzip } from 'node:zlib';

import { failure, said } from '../failure.js';
import { nodeModules } from '../state/nodeModules.js';
import type { Piece } from './growingFile.js';

const PIECE_BYTES = 256 * 1024;
const NONE = new Uint8Array(0);

/**
 * The same bytes, unzipped where a file begins as gzip does, whatever it is called. Several members come one behind the other.
 * A `fresh` piece comes at once, with no bytes.
 *
 * @param pieces - of a file; a piece is used until the next is asked for
 * @param name - of what they are from, in errors
 * @param caller - the function that errors name
 * @returns pieces whose bytes are lent until the next is asked for
 * @throws SmoothingError `FILE_FORMAT` for gzip that is damaged, or cut short where the pieces end
 */
export async function* unzipped(pieces: AsyncIterable<Piece>, name: string, caller: string): AsyncGenerator<Piece> {
  let inflater: Inflater | null = null;
  let head: Uint8Array | null = NONE; // null once it is known whether this is gzip
  try {
    for await (const { bytes, fresh } of pieces) {
      if (fresh) {
        inflater?.close();
        [inflater, head] = [null, NONE];
        yield { bytes: NONE, fresh };
      }
      const all: Uint8Array = head === null ? bytes : joined(head, bytes);
      if (head !== null && isUndecided(all)) {
        head = Uint8Array.from(all); // a copy, which `slice` of a Buffer is not
        continue;
      }
      if (head !== null && isGzip(all)) inflater = new Inflater(nodeModules(caller, 'FILE_FORMAT').zlib, name);
      head = null;
      if (inflater === null) yield { bytes: all, fresh: false };
      else yield* inflater.add(all);
    }
    if (head !== null && head.length > 0) yield { bytes: head, fresh: false };
    if (inflater !== null) yield* inflater.end();
  } finally {
    inflater?.close();
  }
}

/** Unzips as fast as what comes out is taken. */
class Inflater {
  readonly #gunzip: Gunzip;
  readonly #name: string;
  #error: unknown = null;
  #ended = false;
  #wake = (): void => {};

  constructor(zlib: typeof import('node:zlib'), name: string) {
    this.#name = name;
    this.#gunzip = zlib.createGunzip({ chunkSize: PIECE_BYTES });
    this.#gunzip.on('readable', () => this.#wake());
    this.#gunzip.on('end', () => {
      this.#ended = true;
      this.#wake();
    });
    this.#gunzip.on('error', (error) => {
      this.#error = error;
      this.#wake();
    });
  }

  /** What comes out of these bytes, all of it: nothing behind the zeros with which some tools fill a file up. */
  async *add(bytes: Uint8Array): AsyncGenerator<Piece> {
    if (this.#ended) return;
    let taken = false;
    this.#gunzip.write(bytes, () => {
      taken = true;
      this.#wake();
    });
    yield* this.#until(() => taken);
  }

  async *end(): AsyncGenerator<Piece> {
    if (this.#ended) return;
    this.#gunzip.end();
    yield* this.#until(() => this.#ended);
  }

  close(): void {
    this.#gunzip.close();
  }

  async *#until(done: () => boolean): AsyncGenerator<Piece> {
    for (;;) {
      const bytes = this.#gunzip.read() as Uint8Array | null;
      if (bytes !== null) {
        yield { bytes: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length), fresh: false };
        continue;
      }
      if (this.#error !== null) {
        throw failure('FILE_FORMAT', `'${this.#name}' must be whole gzip, got ${said(this.#error)}`, this.#error);
      }
      if (done()) return;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

const isUndecided = (bytes: Uint8Array): boolean => bytes.length < 2 && (bytes.length === 0 || bytes[0] === 0x1f);
const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

function joined(head: Uint8Array, bytes: Uint8Array): Uint8Array {
  if (head.length === 0) return bytes;
  const both = new Uint8Array(head.length + bytes.length);
  both.set(head);
  both.set(bytes, head.length);
  return both;
}
