import { Observable, type Subscriber } from 'rxjs';

import { SmoothingError } from '../errors.js';
import { failure } from '../failure.js';
import { Changes } from './changes.js';
import { readPieces, type Piece } from './growingFile.js';
import type { RecordBatch } from './recordBatch.js';

const CALLER = 'fromArrow';
/** What a file begins with that has a footer at its end, and is whole or nothing. */
const MAGIC = new TextEncoder().encode('ARROW1');

/** `readArrow`, as far as it is needed here. */
export type ReadArrow = (source: string | AsyncIterable<Uint8Array>) => Observable<RecordBatch>;

/** What `fromArrow` says; for a program that has `readArrow` in its bundle. */
export function arrowBatches(path: string, follow: boolean, load: () => Promise<ReadArrow>): Observable<RecordBatch> {
  return new Observable((subscriber) => {
    const fail = (error: unknown): void => subscriber.error(about(path, error));
    const read = async (): Promise<void> => {
      const readArrow = await load();
      if (subscriber.closed) return;
      if (follow) followed(path, readArrow, subscriber, fail);
      else subscriber.add(readArrow(path).subscribe({ ...intoOnly(subscriber), error: fail }));
    };
    read().catch((error: unknown) => subscriber.error(error));
  });
}

/** One stream after the other, as they stand in the file. */
function followed(
  path: string,
  readArrow: ReadArrow,
  subscriber: Subscriber<RecordBatch>,
  fail: (error: unknown) => void,
): void {
  const changes = new Changes(CALLER);
  const pieces = readPieces(path, { follow: true, changes, closed: () => subscriber.closed, caller: CALLER });
  subscriber.add(() => {
    changes.close();
    pieces.return(undefined).catch(() => {}); // nobody is left to tell
  });
  const streams = new Streams(pieces);
  const next = async (): Promise<void> => {
    const stream = await streams.next();
    if (subscriber.closed || stream === null) return;
    const source = readArrow(stream.hasFooter ? path : stream.bytes());
    const inner = source.subscribe({
      next: (batch) => subscriber.next(batch),
      error: (error: unknown) => (stream.isReplaced ? go() : fail(error)), // it was cut in the middle of a batch
      complete: () => (stream.isReplaced ? go() : subscriber.complete()),
    });
    subscriber.add(inner);
  };
  const go = (): void => void next().catch(fail);
  go();
}

/** Cuts pieces where another file begins in the place of the one before. */
class Streams {
  readonly #pieces: AsyncGenerator<Piece>;
  #first: Uint8Array = new Uint8Array(0);

  constructor(pieces: AsyncGenerator<Piece>) {
    this.#pieces = pieces;
  }

  /** Waits until it is known what has begun; null at the end. */
  async next(): Promise<Stream | null> {
    while (this.#first.length < MAGIC.length) {
      const piece = await this.#piece();
      if (piece === null) return null;
      this.#first = piece.fresh ? piece.bytes : Uint8Array.from([...this.#first, ...piece.bytes]);
    }
    const begun = this.#first;
    return new Stream(begun, async () => {
      const piece = await this.#piece();
      if (piece?.fresh === true) this.#first = piece.bytes;
      return piece;
    });
  }

  /** A copy: pieces are lent. */
  async #piece(): Promise<Piece | null> {
    const { done, value } = await this.#pieces.next();
    return done === true ? null : { bytes: new Uint8Array(value.bytes), fresh: value.fresh };
  }
}

/** What stands in the file until another takes its place. */
class Stream {
  readonly #begun: Uint8Array;
  readonly #next: () => Promise<Piece | null>;
  isReplaced = false;

  constructor(begun: Uint8Array, next: () => Promise<Piece | null>) {
    this.#begun = begun;
    this.#next = next;
  }

  get hasFooter(): boolean {
    return MAGIC.every((code, i) => this.#begun[i] === code);
  }

  async *bytes(): AsyncGenerator<Uint8Array> {
    yield this.#begun;
    for (let piece = await this.#next(); piece !== null; piece = await this.#next()) {
      this.isReplaced = piece.fresh;
      if (piece.fresh) return;
      yield piece.bytes;
    }
  }
}

function intoOnly(subscriber: Subscriber<RecordBatch>) {
  return { next: (batch: RecordBatch) => subscriber.next(batch), complete: () => subscriber.complete() };
}

function about(path: string, error: unknown): unknown {
  return error instanceof SmoothingError && !error.message.includes(path)
    ? failure(error.code, `${path}: ${error.message}`, error.cause)
    : error;
}
