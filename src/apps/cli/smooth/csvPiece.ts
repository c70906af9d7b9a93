import { Field, Float64, makeData, Schema, Utf8, type Data, type RecordBatch } from 'apache-arrow';

import { cellNumber } from '../../../sources/csv/cellNumber.js';
import type { CsvBlock } from '../../../sources/csv/csvBlock.js';
import type { CsvKinds } from '../../../sources/csv/csvKinds.js';
import { numberAt } from '../../../sources/csv/numberAt.js';
import { badCell } from '../../../sources/csv/readCsv.js';
import type { SmoothingError } from '../../../errors.js';
import { NumberColumn, stampData } from './columns.js';
import { dateNumber } from './dateNumber.js';
import { recordBatch } from './recordBatch.js';
import type { TimeUnit } from './smoothFlags.js';
import type { ColumnKind, TablePiece } from './tablePiece.js';

/** Rows of a CSV file. */
export class CsvPiece implements TablePiece {
  readonly isWhole = true;
  readonly block: CsvBlock;
  readonly #kinds: CsvKinds;
  readonly #path: string;
  readonly #bad: (error: SmoothingError) => void;
  #numbers = new Map<string, Data>();
  #stamps: Data | null = null;

  constructor(block: CsvBlock, kinds: CsvKinds, path: string, bad: (error: SmoothingError) => void) {
    this.block = block;
    this.#kinds = kinds;
    this.#path = path;
    this.#bad = bad;
  }

  get rows(): number {
    return this.block.rows;
  }

  get columns(): readonly string[] {
    return this.block.columns;
  }

  kindOf(column: string): ColumnKind {
    const kind = this.#kinds.of(this.block, this.#place(column));
    return kind === null ? null : kind === 'number' ? 'floats' : 'other';
  }

  prepare(numbers: readonly string[], time: string | null, unit: TimeUnit): void {
    const { block } = this;
    const bad = new Map<number, SmoothingError>();
    const read = (): void => {
      for (const name of numbers) this.#numbers.set(name, this.#read(this.#place(name), bad));
      if (time !== null) this.#stamps = this.#readStamps(this.#place(time), unit, bad);
    };
    read();
    if (bad.size === 0) return;
    for (const [, error] of [...bad].sort(([a], [b]) => a - b)) this.#bad(error);
    block.drop((row) => bad.has(row));
    read();
  }

  numbers(column: string): Data {
    return this.#numbers.get(column)!;
  }

  keys(column: string): Data {
    return textCells(this.block, this.#place(column));
  }

  stamps(): Data {
    return this.#stamps!;
  }

  batch(): RecordBatch {
    const { block, columns } = this;
    const texts = columns.map((name) => this.kindOf(name) === 'other');
    const numbers = columns.filter((name, i) => !texts[i] && !this.#numbers.has(name));
    this.prepare(numbers, null, 'ms');
    const fields = columns.map((name, i) => new Field(name, texts[i]! ? new Utf8() : new Float64(), true));
    const children = columns.map((name, i) => (texts[i]! ? textCells(block, i) : this.numbers(name)));
    return recordBatch(new Schema(fields), children, block.rows);
  }

  #place(column: string): number {
    return this.block.places.get(column)!;
  }

  #read(column: number, bad: Map<number, SmoothingError>): Data<Float64> {
    const { bytes, rows, width, starts, ends } = this.block;
    const numbers = new NumberColumn(rows);
    const { values } = numbers;
    for (let row = 0, cell = column; row < rows; row++, cell += width) {
      let value: number | null | undefined = numberAt(bytes, starts[cell]!, ends[cell]!);
      if (value !== value) value = cellNumber(bytes, starts[cell]!, ends[cell]!);
      if (typeof value === 'number') values[row] = value;
      else if (value === null) numbers.setNull(row);
      else if (!bad.has(row)) bad.set(row, this.#kinds.refusal(this.block, row, column));
    }
    return numbers.data();
  }

  #readStamps(column: number, unit: TimeUnit, bad: Map<number, SmoothingError>): Data {
    const { block } = this;
    const { bytes, rows, width, starts, ends } = block;
    const numbers = new Float64Array(rows);
    for (let row = 0, cell = column; row < rows; row++, cell += width) {
      let stamp = numberAt(bytes, starts[cell]!, ends[cell]!);
      if (stamp !== stamp) {
        stamp = cellNumber(bytes, starts[cell]!, ends[cell]!) ?? dateNumber(block.text(row, column).trim(), unit);
      }
      if (Number.isFinite(stamp)) numbers[row] = stamp;
      else if (!bad.has(row)) {
        const what = `must be a number or a date, got '${block.text(row, column)}'`;
        bad.set(row, badCell(this.#path, block.lineOf(row), column, block.columns, what));
      }
    }
    return stampData(numbers, unit);
  }
}

const QUOTE = 0x22;

/** A column's bytes as text, without quotes; null where a cell is empty. */
function textCells({ bytes, rows, width, starts, ends }: CsvBlock, column: number): Data<Utf8> {
  const valueOffsets = new Int32Array(rows + 1);
  const nullBitmap = new Uint8Array((rows + 7) >> 3);
  let most = 0;
  for (let row = 0, cell = column; row < rows; row++, cell += width) most += ends[cell]! - starts[cell]!;
  const data = new Uint8Array(most);
  let nullCount = 0;
  let to = 0;
  for (let row = 0, cell = column; row < rows; row++, cell += width) {
    let at = starts[cell]!;
    let end = ends[cell]!;
    const isQuoted = at < end && bytes[at] === QUOTE;
    if (isQuoted) [at, end] = [at + 1, end - 1];
    if (at === end) nullCount++;
    else nullBitmap[row >> 3]! |= 1 << (row & 7);
    for (; at < end; at++) {
      data[to++] = bytes[at]!;
      if (isQuoted && bytes[at] === QUOTE) at++; // of two, one is meant
    }
    valueOffsets[row + 1] = to;
  }
  return makeData({ type: new Utf8(), length: rows, nullCount, nullBitmap, valueOffsets, data });
}
