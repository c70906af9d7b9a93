import type { ByteChunks } from './byteChunks.js';
import { joined } from '../values/joined.js';

/** Cuts the pieces of a source, which is opened at the first read, to the lengths asked for. */
export class ByteReader {
  readonly #open: () => Promise<ByteChunks>;
  #chunks: Promise<ByteChunks> | null = null;
  #closing: Promise<void> | null = null;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(open: () => Promise<ByteChunks>) {
    this.#open = open;
  }

  /**
   * The next bytes.
   *
   * @param length - how many, ≥ 0
   * @returns so many, or fewer where the source ends; a view of one piece of the source where it lies in one
   */
  async read(length: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let missing = length;
    while (missing > 0) {
      if (this.#rest.byteLength === 0) {
        const chunk = await this.#next(missing);
        if (chunk === null) break;
        this.#rest = chunk;
      }
      const part = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(part.byteLength);
      parts.push(part);
      missing -= part.byteLength;
    }
    return parts.length === 1 ? parts[0]! : joined(parts);
  }

  /**
   * The last bytes of the source; the next `read` goes on as if nothing had been.
   *
   * A source that can't seek is read to its end for this, and held in memory from then on.
   *
   * @param length - how many, ≥ 0
   * @returns so many, or all there are
   */
  async tail(length: number): Promise<Uint8Array> {
    const chunks = await this.#chunks;
    if (chunks?.tail !== undefined) return chunks.tail(length);
    const parts = [this.#rest];
    for (;;) {
      const chunk = await this.#next(2 ** 16);
      if (chunk === null) break;
      parts.push(chunk);
    }
    this.#rest = joined(parts);
    return this.#rest.subarray(Math.max(this.#rest.byteLength - length, 0));
  }

  /** Lets go of the source, once; what is read from then on has ended. */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      const chunks = await this.#chunks?.catch(() => null); // what could not be opened has told why
      await chunks?.close();
    })();
    return this.#closing;
  }

  async #next(wanted: number): Promise<Uint8Array | null> {
    if (this.#closing !== null) return null;
    this.#chunks ??= this.#open();
    const chunks = await this.#chunks;
    return this.#closing === null ? chunks.next(wanted) : null;
  }
}
