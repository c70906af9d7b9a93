import { shown, SmoothingError } from '../../errors.js';
import { cellNumber } from './cellNumber.js';
import type { CsvBlock } from './csvBlock.js';
import { badCell } from './readCsv.js';

/** What a column holds, once a cell of it has a value. */
export type CsvKind = 'number' | 'text';

/** The kinds of a file's columns: numbers if the first value is a number, else text. */
export class CsvKinds {
  readonly #path: string;
  readonly #kinds: (CsvKind | null)[];

  /**
   * @param text - columns that are text whatever they look like
   * @throws SmoothingError `COLUMN_MISSING` for one that there is not
   */
  constructor(path: string, columns: readonly string[], text: readonly string[]) {
    const missing = text.find((name) => !columns.includes(name));
    if (missing !== undefined) {
      const must = `text must name columns of '${path}' (${columns.join(', ')})`;
      throw new SmoothingError('COLUMN_MISSING', `${must}, got ${shown(missing)}`);
    }
    this.#path = path;
    this.#kinds = columns.map((name) => (text.includes(name) ? 'text' : null));
  }

  /** Of a column as far as a block shows it. */
  of(block: CsvBlock, column: number): CsvKind | null {
    for (let row = 0; row < block.rows && this.#kinds[column] === null; row++) this.value(block, row, column);
    return this.#kinds[column]!;
  }

  /** A cell's value: null if it has none, undefined if it is text among numbers. */
  value(block: CsvBlock, row: number, column: number): number | string | null | undefined {
    if (this.#kinds[column] === 'text') return block.text(row, column) || null;
    const cell = row * block.width + column;
    const value = cellNumber(block.bytes, block.starts[cell]!, block.ends[cell]!);
    if (value === undefined && this.#kinds[column] === null) {
      this.#kinds[column] = 'text';
      return block.text(row, column);
    }
    if (typeof value === 'number') this.#kinds[column] = 'number';
    return value;
  }

  /** What is to be said of text among numbers. @param tip - what to do about it */
  refusal(block: CsvBlock, row: number, column: number, tip = ''): SmoothingError {
    const text = block.text(row, column);
    const got = shown(text.length > 60 ? `${text.slice(0, 60)}…` : text);
    const what = `must be a number as in the lines before, got ${got}${tip}`;
    return badCell(this.#path, block.lineOf(row), column, block.columns, what);
  }
}
