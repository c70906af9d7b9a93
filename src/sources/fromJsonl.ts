import { jsonlReader } from './jsonlReader.js';
import { rowsOf, rowsOptions, type Rows, type RowsOptions } from './rows.js';

/** A line of JSON: its fields by name. */
export type JsonRecord = Record<string, unknown>;

/** Options of `fromJsonl`. */
export type FromJsonlOptions = RowsOptions;

/**
 * The records of a JSON Lines file: one object a line, as training scripts, Weights & Biases and `pandas.to_json(lines=True)`
 * write them.
 *
 * `NaN`, `Infinity` and `-Infinity` are read as Python's `json` writes them: as numbers, inside strings as text. UTF-8, with a
 * byte order mark or without; blank lines are left out; the last line needs no newline. gzip is read as it is, whatever the
 * file is called. The file is read as fast as its records are taken, in constant memory, and closed as soon as nobody wants
 * more: `take(n)` parses n lines. A line has 64 Mi characters at most. Node only.
 *
 * With `follow` it waits for a file that is not there yet, and goes on with what is appended, within 200 ms, on network file
 * systems too: a half-written last line is waited for. A file that is cut, written anew or replaced (rotated by renaming) is
 * read from its beginning, after what is left of the old one; then the lines count from 1 again. Half a line that is left of it,
 * as of a program that was killed, is no bad row: it is left out. Of a writer that goes from one file to the next no line is
 * lost, unless several files come and go within 100 ms. Unsubscribing closes the file, and ends the watch and the timer.
 *
 * @typeParam T - what the records are; not checked
 * @param path - of the file
 * @param options - `follow`, `onBadRow`
 * @returns a cold Observable of records, which are the receiver's; its `skipped` says how many bad lines the newest
 *   subscription left out
 * @throws SmoothingError `OPTION_VALUE`, `OPTION_UNKNOWN` at the call. As notifications: `SOURCE_UNREADABLE` for a file that
 *   can't be read; `FILE_FORMAT` for a line that holds no JSON object, with its path, line and column, unless
 *   `onBadRow: 'skip'`, and for gzip that is damaged. Records before it have been emitted
 * @example
 * ```ts
 * import { writeFileSync } from 'node:fs';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { lastValueFrom, map } from 'rxjs';
 * import { emaScan } from 'rx-ema';
 * import { fromJsonl } from 'rx-ema/sources';
 *
 * const path = join(tmpdir(), 'rx-ema-run.jsonl');
 * writeFileSync(path, '{"step": 1, "loss": 4}\n{"step": 2, "loss": NaN}\n{"step": 3, "loss": 2}\n{"step"');
 *
 * const row$ = fromJsonl<{ step: number; loss: number }>(path, { onBadRow: 'skip' });
 * const smooth = await lastValueFrom(
 *   row$.pipe(
 *     map(({ loss }) => loss),
 *     emaScan({ decay: 0.5, start: 'first' }),
 *   ),
 * );
 * console.log(smooth, row$.skipped);
 * // => 3 1
 * ```
 * @see `fromCsv` for tables, which it reads faster
 */
export function fromJsonl<T extends object = JsonRecord>(path: string, options: FromJsonlOptions = {}): Rows<T> {
  return rowsOf({ path, options: rowsOptions(options), caller: 'fromJsonl', read: jsonlReader<T>(path) });
}
