import {
  compressionRegistry,
  DataType,
  RecordBatchReader,
  type CompressionType,
  type Data,
  type Message,
  type RecordBatch,
} from 'apache-arrow';

import { codecMissing, decompressOf, registeredOf, type Decompress } from './codecs.js';
import type { SmoothingError } from '../errors.js';
import { said } from '../failure.js';
import { damaged, SOURCE, type ArrowMessage } from './messages.js';

const NONE = new Uint8Array(0);

/** What the header of a record batch, or of the one inside a dictionary batch, says of its buffers. */
interface Buffers {
  readonly buffers: readonly { readonly offset: number; readonly length: number }[];
  readonly compression: { readonly type: CompressionType } | null;
}

/**
 * Messages in, batches out, one by one. Knows no files.
 *
 * apache-arrow's synchronous reader decodes: it is given whole messages and asked for a batch only when it has been given one,
 * so it never finds an end.
 */
export class StreamDecoder {
  readonly #parts: Uint8Array[] = [];
  readonly #codecs: Map<CompressionType, Decompress>;
  readonly #source: string;
  /** How long the compressed buffers in `#parts` are when they are decompressed, in the order of decompression. */
  #lengths: number[] = [];
  readonly #dictionaries = new Set<number>();
  #reader: RecordBatchReader | null = null;
  #count = 0;

  /**
   * @param source - what the messages come from, in errors
   * @param codecs - what decompresses; `decode` adds to it
   */
  constructor(source: string = SOURCE, codecs: Map<CompressionType, Decompress> = new Map()) {
    this.#source = source;
    this.#codecs = codecs;
  }

  /**
   * The batch in a message, or null: schemas and dictionaries hold none.
   *
   * @returns a batch whose memory is the message's, unless it was compressed or stood askew
   * @throws SmoothingError `ARROW_FORMAT` for a message that can't be decoded, `CODEC_MISSING`
   */
  async decode(message: ArrowMessage): Promise<RecordBatch | null> {
    const type = this.#buffersOf(message.header)?.compression?.type;
    if (type !== undefined && !this.#codecs.has(type)) this.#codecs.set(type, await decompressOf(type));
    return this.decodeNow(message);
  }

  /** The same without waiting, by the codecs that there are. */
  decodeNow({ header, metadata, body }: ArrowMessage): RecordBatch | null {
    const buffers = this.#buffersOf(header);
    if (buffers !== null) this.#note(buffers, body);
    this.#parts.push(new Uint8Array(Int32Array.of(-1, metadata.byteLength).buffer), metadata, body);
    try {
      if (header.isDictionaryBatch()) this.#dictionaries.add(header.header().id);
      if (header.isSchema()) this.#reader = this.#open();
      else if (header.isRecordBatch()) return this.#read();
      return null;
    } catch (error) {
      throw this.#damaged(said(error), error);
    } finally {
      this.#count += 1;
    }
  }

  /** Null where a message has none. */
  #buffersOf(header: Message): Buffers | null {
    try {
      if (header.isRecordBatch()) return header.header();
      return header.isDictionaryBatch() ? header.header().data : null;
    } catch (error) {
      throw this.#damaged(said(error), error); // it is decoded where it is asked for
    }
  }

  /** Notes what decompressing will need, and checks what apache-arrow doesn't: a buffer beyond the body would come out short. */
  #note({ buffers, compression }: Buffers, body: Uint8Array): void {
    if (buffers.some(({ offset, length }) => !(offset >= 0 && length >= 0 && offset + length <= body.byteLength))) {
      throw this.#damaged('a buffer that ends behind its body');
    }
    if (compression === null) return;
    const { type } = compression;
    const known = this.#codecs.get(type) ?? registeredOf(type);
    if (known === null) throw codecMissing(type, 'of those that were looked for');
    this.#codecs.set(type, known);
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    for (const { offset, length } of buffers) {
      if (length === 0) continue;
      const decompressed = length < 8 ? NaN : Number(view.getBigInt64(offset, true));
      if (!(decompressed >= -1)) throw this.#damaged(`a buffer of ${decompressed} bytes`);
      if (decompressed >= 0) this.#lengths.push(decompressed); // −1: stored as it is
    }
  }

  #damaged(what: string, cause?: unknown): SmoothingError {
    return damaged(this.#count, what, cause, this.#source);
  }

  #open(): RecordBatchReader {
    const next = (wanted?: number): IteratorResult<Uint8Array> => {
      const value = this.#parts.shift();
      if (value !== undefined) return { done: false, value };
      // Asked for no byte more when it has just enough; for more, when a message contradicts itself
      return wanted === 0 ? { done: false, value: NONE } : { done: true, value: undefined };
    };
    const parts: Iterable<Uint8Array> = { [Symbol.iterator]: () => ({ next }) };
    return RecordBatchReader.from(parts).open();
  }

  #read(): RecordBatch {
    const { value, done } = this.#withCodecs(() => this.#reader!.next() as IteratorResult<RecordBatch>);
    if (done === true) throw new Error('no batch');
    this.#requireDictionaries(value.data.children);
    return value;
  }

  /** Runs something synchronous with our codecs in apache-arrow's global registry, which is as before when this returns. */
  #withCodecs<T>(run: () => T): T {
    const before = [...this.#codecs.keys()].map((type) => [type, compressionRegistry.get(type)] as const);
    try {
      for (const [type, decompress] of this.#codecs) {
        compressionRegistry.set(type, { decode: (bytes) => this.#decompress(bytes, decompress) });
      }
      return run();
    } finally {
      this.#lengths = [];
      for (const [type, codec] of before) compressionRegistry.set(type, codec ?? {});
    }
  }

  #decompress(bytes: Uint8Array, decompress: Decompress): Uint8Array {
    const length = this.#lengths.shift()!;
    // Beyond what either can do (a block of 128 KiB takes ZSTD 4 bytes): it would be allocated before it is found out
    if (length > bytes.byteLength * 2 ** 15)
      throw new Error(`${bytes.byteLength} bytes for ${length} decompressed ones`);
    const out = decompress(bytes, length);
    if (out.byteLength !== length) throw new Error(`${out.byteLength} bytes decompressed, not ${length}`);
    return out.byteOffset % 8 === 0 ? out : new Uint8Array(out); // columns are views, of up to 8 bytes an element
  }

  /** Every code needs its dictionary; apache-arrow would read nulls. A column of nulls alone may come without. */
  #requireDictionaries(columns: readonly Data[]): void {
    for (const { type, nullCount, length, children } of columns) {
      if (DataType.isDictionary(type) && nullCount < length && !this.#dictionaries.has(type.id)) {
        throw new Error(`codes of dictionary ${type.id}, which has not come before`);
      }
      this.#requireDictionaries(children);
    }
  }
}
