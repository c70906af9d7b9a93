import type { Data } from 'apache-arrow';
import type { DecodedArray, ParquetReadOptions } from 'hyparquet';

import type { Cells, Kind } from './parquetCells.js';

/** A column that is read. */
export interface Column {
  readonly name: string;
  readonly nullable: boolean;
  readonly kind: Kind;
}

/** What is read of one, as hyparquet takes it. */
export type Part = Pick<ParquetReadOptions, 'columns' | 'rowStart' | 'rowEnd' | 'onChunk'>;

/** Rows of one column, from one row group. */
export async function windowData(
  { name, nullable, kind }: Column,
  rowStart: number,
  rowEnd: number,
  read: (part: Part) => Promise<void>,
): Promise<Data> {
  const chunks: (readonly [values: DecodedArray, first: number])[] = [];
  const onChunk: Part['onChunk'] = (chunk) => void chunks.push([chunk.columnData, chunk.rowStart]); // an error here would be lost
  await read({ columns: [name], rowStart, rowEnd, onChunk });
  const rows = rowEnd - rowStart;
  const cells = kind.cells(rows);
  const validity = new Validity(rows);
  let seen = 0;
  for (const [values, first] of chunks) {
    const [from, to] = [Math.max(rowStart - first, 0), Math.min(values.length, rowEnd - first)];
    if (to <= from) continue;
    const row = first + from - rowStart;
    seen += to - from;
    if (nullable) setFound(values, from, to, row, cells, validity);
    else setAll(values, from, to, row, cells);
  }
  if (seen !== rows) throw new Error(`${seen} rows of column '${name}' instead of ${rows}`);
  const nullCount = nullable ? rows - validity.count : 0;
  return cells.data(nullCount, nullCount === 0 ? null : validity.bits);
}

/** Which rows have values. */
class Validity {
  readonly bits: Uint8Array;
  count = 0;

  constructor(rows: number) {
    this.bits = new Uint8Array(Math.ceil(rows / 8));
  }

  add(row: number): void {
    this.bits[row >> 3]! |= 1 << (row & 7);
    this.count += 1;
  }
}

/** Rows of an optional column: hyparquet has undefined or null where there is no value. */
function setFound(values: DecodedArray, from: number, to: number, row: number, cells: Cells, validity: Validity): void {
  for (let i = from; i < to; i++) {
    const value: unknown = values[i];
    if (value === null || value === undefined) continue;
    cells.set(row + i - from, value);
    validity.add(row + i - from);
  }
}

function setAll(values: DecodedArray, from: number, to: number, row: number, cells: Cells): void {
  if (cells.copy?.(row, values.slice(from, to)) === true) return;
  for (let i = from; i < to; i++) cells.set(row + i - from, values[i]);
}
