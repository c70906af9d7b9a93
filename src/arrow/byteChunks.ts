import { shown, SmoothingError } from '../errors.js';
import { failure, said } from '../failure.js';
import { nodeFiles } from './nodeFiles.js';

/** A web `ReadableStream` of bytes, as far as `readArrow` uses one. */
export interface ByteReadable {
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
    cancel(reason?: unknown): Promise<void>;
  };
}

/** What `fetch` gives, as far as `readArrow` uses it; node-fetch's too. */
export interface ByteResponse {
  readonly ok: boolean;
  readonly status: number;
  readonly body: ByteReadable | AsyncIterable<Uint8Array> | null;
}

/** Where `readArrow` reads: a path, a `file:` URL, bytes, a Node or web stream, an async iterable, or a response of `fetch`. */
export type ArrowSource =
  string | URL | ArrayBufferLike | ArrayBufferView | ByteReadable | AsyncIterable<Uint8Array> | ByteResponse;

/** Bytes in pieces as they come, pulled one at a time. */
export interface ByteChunks {
  /**
   * The next piece, of any length; null at the end.
   *
   * @param wanted - how many bytes are waited for, for a source that can choose
   */
  next(wanted: number): Promise<Uint8Array | null>;
  /** The last `length` bytes, without moving on, of a source that can seek. */
  tail?(length: number): Promise<Uint8Array>;
  /** Lets go of the source, whether it has ended or not. */
  close(): Promise<void>;
}

interface NodeReadable extends AsyncIterable<unknown> {
  readonly destroyed: boolean;
  readonly readableEnded: boolean;
  destroy(): unknown;
}

const CHUNK = 2 ** 16;
const LARGE_CHUNK = 2 ** 24; // a length that is damaged must not allocate what it says

/** Opens what may be opened; see `checkSource` for what that is. */
export async function openChunks(source: ArrowSource): Promise<ByteChunks> {
  if (typeof source === 'string' || source instanceof URL) return fileChunks(source);
  if (ArrayBuffer.isView(source)) {
    return bytesChunks(new Uint8Array(source.buffer, source.byteOffset, source.byteLength));
  }
  if (isBuffer(source)) return bytesChunks(new Uint8Array(source));
  if (isResponse(source)) return responseChunks(source);
  if (isWebStream(source)) return webChunks(source);
  if (isNodeStream(source)) return nodeChunks(source);
  return iterableChunks(source);
}

/** Whether `openChunks` takes a value. */
export function isSource(value: unknown): value is ArrowSource {
  if (typeof value === 'string') return value !== '' && !/^https?:/i.test(value);
  if (value instanceof URL) return value.protocol === 'file:';
  if (ArrayBuffer.isView(value) || isBuffer(value)) return true;
  return isResponse(value) || isWebStream(value) || has(value, Symbol.asyncIterator);
}

function bytesChunks(bytes: Uint8Array): ByteChunks {
  let left: Uint8Array | null = bytes;
  return {
    next: async () => {
      const chunk = left;
      left = null;
      return chunk;
    },
    tail: async (length) => bytes.subarray(Math.max(bytes.length - length, 0)),
    close: async () => {},
  };
}

async function fileChunks(path: string | URL): Promise<ByteChunks> {
  const { open } = await nodeFiles();
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw noFile(said(error), error);
  });
  const stats = await handle.stat();
  if (stats.isDirectory()) {
    await handle.close();
    throw noFile('a folder', undefined);
  }
  const read = async (length: number, position: number | null) => {
    const buffer = new Uint8Array(length);
    const { bytesRead } = await handle.read(buffer, 0, length, position);
    return buffer.subarray(0, bytesRead);
  };
  const chunks: ByteChunks = {
    next: async (wanted) => {
      const bytes = await read(Math.min(Math.max(wanted, CHUNK), LARGE_CHUNK), null);
      return bytes.length === 0 ? null : bytes;
    },
    close: () => handle.close(),
  };
  if (stats.isFile()) {
    // a pipe can't seek
    chunks.tail = (length) => read(Math.min(length, stats.size), Math.max(stats.size - length, 0));
  }
  return chunks;
}

async function responseChunks({ ok, status, body }: ByteResponse): Promise<ByteChunks> {
  if (ok) return body === null ? bytesChunks(new Uint8Array(0)) : openChunks(body);
  if (body !== null) {
    const chunks = await openChunks(body).catch(() => null);
    await chunks?.close().catch(() => {}); // the status is what has to be told
  }
  throw new SmoothingError('SOURCE_UNREADABLE', `readArrow's response must have a status of 200 to 299, got ${status}`);
}

function webChunks(stream: ByteReadable): ByteChunks {
  let reader: ReturnType<ByteReadable['getReader']>;
  try {
    reader = stream.getReader(); // and never released: so a second reading fails, instead of finding nothing
  } catch (error) {
    throw readAlready(error);
  }
  return {
    next: async () => {
      const { done, value } = await reader.read();
      return done ? null : bytesOf(value);
    },
    close: () => reader.cancel(),
  };
}

function nodeChunks(stream: NodeReadable): ByteChunks {
  if (stream.destroyed || stream.readableEnded) throw readAlready(undefined);
  const iterator = stream[Symbol.asyncIterator]();
  return {
    next: () => nextOf(iterator),
    close: async () => void stream.destroy(), // at once: the iterator's `return` would wait for a read under way
  };
}

/** Generators that were begun: they would look like sources that hold nothing. */
const begun = new WeakSet();

function iterableChunks(iterable: AsyncIterable<unknown>): ByteChunks {
  const iterator = iterable[Symbol.asyncIterator]();
  if (begun.has(iterator)) throw readAlready(undefined);
  begun.add(iterator);
  return {
    next: () => nextOf(iterator),
    close: async () => void (await iterator.return?.()),
  };
}

async function nextOf(iterator: AsyncIterator<unknown>): Promise<Uint8Array | null> {
  const { done, value } = await iterator.next();
  return done === true ? null : bytesOf(value);
}

function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  throw new SmoothingError('VALUE_KIND', `readArrow's source must give Uint8Arrays, got ${shown(chunk)}`);
}

function noFile(got: string, cause: unknown): SmoothingError {
  return failure('SOURCE_UNREADABLE', `readArrow's source must be a file that can be read, got ${got}`, cause);
}

function readAlready(cause: unknown): SmoothingError {
  const message = "readArrow's stream must not have been read before, got one that was read, locked or destroyed";
  return failure('SOURCE_UNREADABLE', message, cause);
}

function has(value: unknown, ...names: (string | symbol)[]): boolean {
  return typeof value === 'object' && value !== null && names.every((name) => Reflect.has(value, name));
}

function isBuffer(value: unknown): value is ArrayBufferLike {
  return /^\[object (Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(value)); // of any realm
}

function isResponse(value: unknown): value is ByteResponse {
  return has(value, 'ok', 'status', 'body');
}

function isWebStream(value: unknown): value is ByteReadable {
  return has(value, 'getReader');
}

function isNodeStream(value: AsyncIterable<unknown>): value is NodeReadable {
  return has(value, 'destroy', 'destroyed', 'readableEnded');
}
