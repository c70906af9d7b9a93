import { bad } from '../options.js';
import { CsvKinds } from './csv/csvKinds.js';
import type { CsvBlock } from './csv/csvBlock.js';
import { readCsv } from './csv/readCsv.js';
import { rowsOf, rowsOptions, type Intake, type Rows, type RowsOptions } from './rows.js';

/** Options of `fromCsv`. */
export interface FromCsvOptions extends RowsOptions {
  /** What stands between cells: one ASCII character. @default that of `,` tab `;` `|` which cuts the header into most names */
  readonly delimiter?: string;
  /** Columns that are text whatever they look like. @default none */
  readonly text?: readonly string[];
}

/** A row of a CSV file: numbers, text, and null where a cell is empty. */
export type CsvRow = Record<string, number | string | null>;

/**
 * The rows of a CSV file, as records by the names in its header; with `follow` also those that are yet to be written.
 *
 * As RFC 4180 has it, with or without a byte order mark, with LF or CR LF, in UTF-8, also zipped with gzip. Quoted cells may
 * hold delimiters, line ends and doubled quotes. Empty lines are left out. In constant memory: the file is read as its rows
 * are taken. Node only.
 *
 * A column holds numbers if its first value is one, else text. Numbers are read as `Number` reads them, each as the double
 * nearest to it, and also `nan`, `inf` and `-Infinity` as Python, pandas and numpy write them. An empty cell is null, among
 * numbers also `NA`, `N/A`, `null`, `None` and `<NA>`; `emaScan` leaves it out. Digits with zeros in front of them (`007`) are
 * text: an id.
 *
 * A row that has more or fewer cells than the header, text in a column of numbers, or something behind a closing quote, is bad.
 *
 * With `follow` a half-written last line is waited for; a file that is cut or replaced by another is read from its beginning,
 * with a header of its own; a last line of the old one that has no line end, and so may be half of one, is left out.
 * Unsubscribing ends it.
 *
 * @param path - of the file; with `follow` it may not be there yet
 * @param options - `follow`, `onBadRow`, `delimiter`, `text`
 * @returns a cold Observable of records, yours; its `skipped` counts the rows that `onBadRow: 'skip'` has left out
 * @throws SmoothingError `OPTION_VALUE`, `OPTION_UNKNOWN` at the call. As notifications: `SOURCE_UNREADABLE` with the path;
 *   `FILE_FORMAT` with path, line and column for a bad row, and for names in the header that don't differ; `COLUMN_MISSING` for
 *   `text` that is no column. Rows before it have been emitted
 * @example
 * ```ts
 * import { mkdtempSync, writeFileSync } from 'node:fs';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { lastValueFrom } from 'rxjs';
 * import { biasCorrected, emaScan } from 'rx-ema';
 * import { fromCsv } from 'rx-ema/sources';
 *
 * const path = join(mkdtempSync(join(tmpdir(), 'rx-ema-run-')), 'run.csv');
 * writeFileSync(path, 'step,loss,phase\n1,4,warmup\n2,,main\n3,2,main\n');
 *
 * const smooth$ = fromCsv(path).pipe(emaScan({ decay: 0.5, columns: ['loss'] }), biasCorrected());
 * console.log(JSON.stringify(await lastValueFrom(smooth$)));
 * // => {"step":3,"loss":2.666666666666667,"phase":"main"}
 * ```
 * @see `fromJsonl` for JSON lines; RFC 4180
 */
export function fromCsv(path: string, options: FromCsvOptions = {}): Rows<CsvRow> {
  const checked = rowsOptions(options, ['delimiter', 'text']);
  const delimiter = delimiterByte(checked['delimiter']);
  const text = textNames(checked['text']);
  return rowsOf<CsvRow>({
    path,
    options: checked,
    caller: 'fromCsv',
    async read(pieces, intake) {
      let kinds: CsvKinds | null = null;
      let columns: readonly string[] = [];
      for await (const block of readCsv(pieces, { path, delimiter, bad: (error) => intake.bad(error) })) {
        if (kinds === null || block.columns !== columns) kinds = new CsvKinds(path, (columns = block.columns), text);
        if (!deliver(block, kinds, intake)) return;
      }
    },
  });
}

/** False if no more rows are wanted. */
function deliver(block: CsvBlock, kinds: CsvKinds, intake: Intake<CsvRow>): boolean {
  const { columns } = block;
  const isPlain = !columns.includes('__proto__'); // which would be no property of its own
  for (let row = 0; row < block.rows; row++) {
    if (intake.closed) return false;
    const record: CsvRow = {};
    let wrong = -1;
    for (let column = 0; column < columns.length && wrong < 0; column++) {
      const value = kinds.value(block, row, column);
      if (value === undefined) wrong = column;
      else if (isPlain) record[columns[column]!] = value;
      else
        Object.defineProperty(record, columns[column]!, {
          value,
          enumerable: true,
          writable: true,
          configurable: true,
        });
    }
    if (wrong >= 0) intake.bad(kinds.refusal(block, row, wrong, ': columns of both go into the option text'));
    else intake.next(record);
  }
  return true;
}

/** The byte of a delimiter that is given, checked; null if none is. */
export function delimiterByte(delimiter: unknown): number | null {
  if (delimiter === undefined) return null;
  if (typeof delimiter !== 'string' || !/^[\t\x20-\x7e]$/.test(delimiter) || delimiter === '"') {
    throw bad('delimiter', 'be one ASCII character, and no quote', delimiter);
  }
  return delimiter.charCodeAt(0);
}

function textNames(text: unknown): readonly string[] {
  if (text === undefined) return [];
  if (Array.isArray(text) && text.every((name) => typeof name === 'string')) return [...text];
  throw bad('text', 'be a list of names', text);
}
