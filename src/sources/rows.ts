import { Observable, type Subscriber } from 'rxjs';

import { SmoothingError } from '../errors.js';
import { bad, choice, type Given } from '../options.js';
import { safetensorsOptions } from '../state/safetensorsOptions.js';
import { Changes } from './changes.js';
import { readPieces, type Piece } from './growingFile.js';

/** Options of the sources of rows. */
export interface RowsOptions {
  /** Go on with rows that are yet to be written, until unsubscribed. @default false */
  readonly follow?: boolean;
  /** What a row that can't be read does: end the stream with an error, or be left out and counted. @default 'throw' */
  readonly onBadRow?: 'throw' | 'skip';
}

/** Where whoever reads rows puts them. */
export interface Intake<T> {
  /** True once no row is wanted any more: to be asked before each. */
  readonly closed: boolean;
  next(row: T): void;
  /** Throws this, or counts the row as left out. */
  bad(error: SmoothingError): void;
}

/** Reads rows out of pieces until they end; for a `fresh` one it begins anew. */
export type RowReader<T> = (pieces: AsyncIterable<Piece>, intake: Intake<T>) => Promise<void>;

/** Rows of a file: a cold Observable that knows how many were left out. */
export class Rows<T> extends Observable<T> {
  readonly #newest: { counts: { skipped: number } };

  /** @internal */
  constructor(subscribe: (subscriber: Subscriber<T>, skip: () => void) => void) {
    const newest = { counts: { skipped: 0 } };
    super((subscriber) => {
      const counts = { skipped: 0 };
      newest.counts = counts;
      subscribe(subscriber, () => counts.skipped++);
    });
    this.#newest = newest;
  }

  /** How many bad rows the newest subscription has left out so far. */
  get skipped(): number {
    return this.#newest.counts.skipped;
  }
}

/** How a file of rows is read. */
export interface RowsPlan<T> {
  readonly path: string;
  /** As `rowsOptions` gives them. */
  readonly options: Required<RowsOptions>;
  /** The function that errors name. */
  readonly caller: string;
  readonly read: RowReader<T>;
}

/** The rows of a file that may grow; the file is read as fast as the rows are taken, and closed at the end. */
export function rowsOf<T>({ path, options, caller, read }: RowsPlan<T>): Rows<T> {
  if (typeof path !== 'string' || path === '') throw bad('path', 'be the path of a file', path);
  const { follow, onBadRow } = options;
  return new Rows((subscriber, skip) => {
    const changes = new Changes(caller);
    subscriber.add(() => changes.close());
    const pieces = readPieces(path, { follow, changes, closed: () => subscriber.closed, caller });
    read(pieces, {
      get closed() {
        return subscriber.closed;
      },
      next: (row) => subscriber.next(row),
      bad(error) {
        if (onBadRow === 'throw') throw error;
        skip();
      },
    }).then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    );
  });
}

/**
 * Options of a source of rows, checked.
 *
 * @param more - names of options that only this source has
 */
export function rowsOptions(options: unknown, more: readonly string[] = []): Required<RowsOptions> & Given {
  const given = safetensorsOptions(options, ['follow', 'onBadRow', ...more]);
  const follow = choice(given, 'follow', [true, false]) ?? false;
  return { ...given, follow, onBadRow: choice(given, 'onBadRow', ['throw', 'skip']) ?? 'throw' };
}
