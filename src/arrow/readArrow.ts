import type { RecordBatch } from 'apache-arrow';
import { Observable, type Subscriber } from 'rxjs';

import { shown, SmoothingError } from '../errors.js';
import { isSource, openChunks, type ArrowSource } from './byteChunks.js';
import { ByteReader } from './byteReader.js';
import { readMessages } from './messages.js';
import { StreamDecoder } from './streamDecoder.js';

/**
 * The batches of an Arrow stream or file, each as soon as its last byte has come.
 *
 * Whether the bytes are of a file or a stream is seen from them. A file is read from its start like a stream, so `take(1)` reads
 * no more than its first batch. (One that apache-arrow's own `RecordBatchFileWriter` wrote has its schema at the end alone: that
 * is read first; where the source can't seek, all of it has to come before the first batch.) Completes at the end mark; what stands behind
 * a stream's is not read. A stream may also end between two batches without the mark, as one still being written does, and a
 * source of no bytes, as `writeArrow` leaves it without a batch, completes without one.
 *
 * Cold: a path, URL or bytes are read anew by each subscription; a stream, iterable or response can be read once, so put
 * `defer(() => readArrow(fetch(url)))` in front of `retry` or several readers. Unsubscribing, an error and the end close the
 * file, destroy the Node stream, cancel the web stream or response, or call the iterator's `return`.
 *
 * Between two batches the event loop gets its turn, and the next one is read only then: a subscriber that takes its time holds
 * the reading up. What works asynchronously behind `concatMap` does not, since RxJS queues there.
 *
 * Dictionaries may grow or be replaced on the way. LZ4 and ZSTD: the codec registered with apache-arrow's
 * `compressionRegistry` is used, or else the package `lz4-napi` (Node only) or `zstddec`, once installed.
 *
 * @param source - a path or `file:` URL (Node only), bytes, a Node `Readable`, a web `ReadableStream`, an async iterable of
 *   `Uint8Array`, a response of `fetch`, or a promise of one of these, such as `fetch(url)` itself
 * @returns a cold Observable of RecordBatches, yours; those from bytes are views of them. Their dictionaries may be shared
 * @throws SmoothingError `OPTION_VALUE` for another source, at the call. As notifications: `SOURCE_UNREADABLE` for a file that
 *   can't be opened (its `cause` says why), a response that is not ok, a stream read before; `ARROW_FORMAT` for bytes that are
 *   foreign, cut short or damaged; `CODEC_MISSING`; `VALUE_KIND` for pieces that are not bytes; a stream's own errors as they
 *   come. Batches before the failure have been emitted
 * @example
 * ```ts
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { tableFromArrays } from 'apache-arrow';
 * import { from, lastValueFrom } from 'rxjs';
 * import { biasCorrected, emaScan } from 'rx-ema';
 * import { readArrow, writeArrow } from 'rx-ema/arrow';
 *
 * const path = join(tmpdir(), 'rx-ema-loss.arrow');
 * await lastValueFrom(from(tableFromArrays({ loss: Float64Array.of(4, 2, 1) }).batches).pipe(writeArrow(path)));
 *
 * const smooth$ = readArrow(path).pipe(emaScan({ decay: 0.5, columns: ['loss'] }), biasCorrected());
 * const batch = await lastValueFrom(smooth$);
 * console.log(batch.getChild('loss')?.get(1).toFixed(3));
 * // => 2.667
 * ```
 * @see `writeArrow`, and https://arrow.apache.org/docs/format/Columnar.html#serialization-and-interprocess-communication-ipc
 */
export function readArrow(source: ArrowSource | PromiseLike<ArrowSource>): Observable<RecordBatch> {
  const isLater = isPromise(source);
  if (!isLater) checkSource(source);
  return new Observable<RecordBatch>((subscriber) => {
    const bytes = new ByteReader(async () => {
      if (!isLater) return openChunks(source);
      const resolved = await source;
      checkSource(resolved);
      return openChunks(resolved);
    });
    subscriber.add(() => void bytes.close().catch(() => {})); // nobody is left to tell
    void deliver(bytes, subscriber);
  });
}

async function deliver(bytes: ByteReader, subscriber: Subscriber<RecordBatch>): Promise<void> {
  const decoder = new StreamDecoder();
  try {
    for await (const message of readMessages(bytes)) {
      if (subscriber.closed) return;
      const batch = await decoder.decode(message);
      if (batch === null) continue;
      subscriber.next(batch);
      await nextTurn();
      if (subscriber.closed) return;
    }
    await bytes.close();
    subscriber.complete();
  } catch (error) {
    await bytes.close().catch(() => {}); // the first failure is the one to tell
    if (!subscriber.closed) subscriber.error(error);
  }
}

/** Lets timers, sockets and whoever wants to unsubscribe run; a promise alone would not. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') {
      setImmediate(resolve);
      return;
    }
    const { port1, port2 } = new MessageChannel(); // browsers make nested timers wait for 4 ms
    port1.addEventListener('message', () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(null);
  });
}

function isPromise<T extends object>(source: T | PromiseLike<T> | string): source is PromiseLike<T> {
  return typeof source === 'object' && source !== null && typeof Reflect.get(source, 'then') === 'function';
}

function checkSource(source: unknown): asserts source is ArrowSource {
  if (isSource(source)) return;
  const hint =
    typeof source === 'string' || source instanceof URL ? `'${String(source)}': pass fetch(url)` : shown(source);
  const got = source === '' ? "''" : hint;
  throw new SmoothingError(
    'OPTION_VALUE',
    `readArrow's source must be a path, a file URL, bytes, a stream of bytes or a response of fetch, got ${got}`,
  );
}
