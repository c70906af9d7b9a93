import type { RecordBatch } from 'apache-arrow';
import { config, map, Observable, type OperatorFunction } from 'rxjs';

import { shown, SmoothingError } from '../errors.js';
import { fileSink, writableSink, type ByteSink, type ByteWritable } from './byteSink.js';
import { StreamEncoder } from './streamEncoder.js';

/** What `writeArrow` has written. */
export interface WrittenArrow {
  readonly batches: number;
  readonly rows: number;
  /** Of the whole stream: schema, batches, end mark. */
  readonly bytes: number;
}

/**
 * Writes batches as an Arrow IPC stream while they arrive, and emits one summary when the last byte is written.
 *
 * Format: Arrow IPC *streaming* format (no footer), uncompressed: schema, then dictionaries and batches, then the end mark.
 * Every prefix that ends between two batches is readable, so another program may follow the file while it grows. The first
 * batch's schema is the stream's. A dictionary column may have another dictionary in every batch.
 *
 * However the source ends, the file ends well: after `complete`, after an error of the source (which is passed on once the
 * file is closed), after a batch of another schema, and after unsubscribing, what had arrived until then can be read.
 * Unsubscribing can't be waited for; to stop early and know when the file is whole, put `takeUntil(stop$)` in front.
 *
 * A push source can't be told to wait: batches are encoded when they arrive, and the bytes queue in memory while the disk or
 * the stream is slower, one write at a time. A source that completes without a batch leaves an empty file.
 *
 * @param target - a path or `file:` URL, which is created or emptied on subscribing (Node only), or a Node `Writable`, which is
 *   ended (so it serves one subscription)
 * @returns an operator that emits one `WrittenArrow`; batches are copied as they arrive, so their memory may be used again
 * @throws SmoothingError `OPTION_VALUE` for another target, when the pipe is built. As notifications: `VALUE_KIND` for a value
 *   that is not a RecordBatch, `SCHEMA_CHANGED` for a batch with other fields than the first, and the errors of the file system
 *   or stream as they come. What fails after unsubscribing goes where RxJS reports unhandled errors
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { tableFromArrays, tableFromIPC } from 'apache-arrow';
 * import { from, lastValueFrom } from 'rxjs';
 * import { writeArrow } from 'rx-ema/arrow';
 *
 * const path = join(tmpdir(), 'rx-ema-metrics.arrow');
 * const metrics = tableFromArrays({ step: Int32Array.of(1, 2, 3), loss: Float64Array.of(0.9, 0.7, 0.6) });
 * const written = await lastValueFrom(from(metrics.batches).pipe(writeArrow(path)));
 * console.log(written.batches, written.rows);
 * // => 1 3
 * console.log(tableFromIPC(readFileSync(path)).getChild('loss')?.get(2));
 * // => 0.6
 * ```
 * @see https://arrow.apache.org/docs/format/Columnar.html#ipc-streaming-format
 */
export function writeArrow(target: string | URL | ByteWritable): OperatorFunction<RecordBatch, WrittenArrow> {
  checkTarget(target);
  return (source) =>
    new Observable<WrittenArrow>((subscriber) => {
      const encoder = new StreamEncoder();
      const output = new Output(target, (error) => {
        if (subscriber.closed) reportUnhandled(error);
        else subscriber.error(error);
      });
      let batches = 0;
      let rows = 0;
      const encoded = source.pipe(
        map((batch) => {
          const bytes = encoder.encode(batch); // throws before anything is counted or queued
          batches += 1;
          rows += batch.numRows;
          return bytes;
        }),
      );
      subscriber.add(() => output.end(encoder));
      subscriber.add(
        encoded.subscribe({
          next: (bytes) => output.write(bytes),
          error: (error: unknown) => output.end(encoder, () => subscriber.error(error)),
          complete: () =>
            output.end(encoder, () => {
              subscriber.next({ batches, rows, bytes: output.bytes });
              subscriber.complete();
            }),
        }),
      );
    });
}

/** Bytes in order, one write at a time, to a sink that may still be opening. */
class Output {
  bytes = 0;
  readonly #sink: Promise<ByteSink>;
  readonly #fail: (error: unknown) => void;
  #tail: Promise<unknown>;
  #state: 'open' | 'ending' | 'failed' = 'open';

  constructor(target: string | URL | ByteWritable, fail: (error: unknown) => void) {
    this.#fail = fail;
    this.#sink =
      typeof target === 'string' || target instanceof URL ? fileSink(target) : Promise.resolve(writableSink(target));
    this.#tail = this.#guard(this.#sink);
  }

  write(bytes: Uint8Array): void {
    if (this.#state === 'failed') return;
    this.bytes += bytes.byteLength;
    this.#tail = this.#guard(this.#afterTail((sink) => sink.write(bytes)));
  }

  /** Writes the end mark and closes. The first call counts; `then` is not called when writing has failed. */
  end(encoder: StreamEncoder, then: () => void = () => {}): void {
    if (this.#state !== 'open') return;
    const mark = encoder.end();
    if (mark.byteLength > 0) this.write(mark);
    this.#state = 'ending';
    void this.#guard(this.#afterTail((sink) => sink.end())).then(() => {
      if (this.#state !== 'failed') then();
    });
  }

  async #afterTail(act: (sink: ByteSink) => Promise<void>): Promise<void> {
    await this.#tail;
    if (this.#state !== 'failed') await act(await this.#sink);
  }

  /** Never rejects: the first failure is told once, closes the sink, and makes everything behind it do nothing. */
  async #guard(work: Promise<unknown>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (this.#state === 'failed') return;
      this.#state = 'failed';
      this.#fail(error);
      await this.#sink.then((sink) => sink.end()).catch(() => {}); // the failure that is told is the first one
    }
  }
}

function checkTarget(target: unknown): void {
  const isStream =
    typeof target === 'object' &&
    target !== null &&
    ['write', 'end', 'on', 'off'].every((name) => typeof Reflect.get(target, name) === 'function');
  if (isStream || target instanceof URL || (typeof target === 'string' && target !== '')) return;
  throw new SmoothingError(
    'OPTION_VALUE',
    `writeArrow's target must be a path, a file URL or a Node Writable, got ${shown(target)}`,
  );
}

/** As RxJS does with an error that nobody is subscribed to. */
function reportUnhandled(error: unknown): void {
  setTimeout(() => {
    if (config.onUnhandledError === null) throw error;
    config.onUnhandledError(error);
  });
}
