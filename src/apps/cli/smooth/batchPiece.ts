import { DataType, type Data, type RecordBatch } from 'apache-arrow';
import { of } from 'rxjs';

import { float64Values } from '../../../arrow/float64Values.js';
import { toFloat64 } from '../../../arrow/toFloat64.js';
import { SmoothingError } from '../../../errors.js';
import { stampData } from './columns.js';
import { typeText } from './typeText.js';
import type { TimeUnit } from './smoothFlags.js';
import type { ColumnKind, TablePiece } from './tablePiece.js';

/** A batch of an Arrow or Parquet file. */
export class BatchPiece implements TablePiece {
  readonly isWhole = true;
  readonly columns: readonly string[];
  readonly #places: ReadonlyMap<string, number>;
  #batch: RecordBatch;
  #stamps: Data | null = null;

  constructor(batch: RecordBatch) {
    this.#batch = batch;
    this.columns = batch.schema.fields.map(({ name }) => name);
    this.#places = new Map(this.columns.map((name, i) => [name, i]));
  }

  get rows(): number {
    return this.#batch.numRows;
  }

  kindOf(column: string): ColumnKind {
    const type = this.#batch.schema.fields[this.#places.get(column)!]!.type as DataType;
    if (DataType.isFloat(type)) return 'floats';
    return DataType.isInt(type) || DataType.isDecimal(type) ? 'integers' : 'other';
  }

  prepare(numbers: readonly string[], time: string | null, unit: TimeUnit): void {
    const integers = numbers.filter((name) => this.kindOf(name) !== 'floats');
    if (integers.length > 0)
      of(this.#batch)
        .pipe(toFloat64(integers))
        .subscribe((batch) => (this.#batch = batch));
    if (time !== null) this.#stamps = stampsOf(this.numbers(time), time, unit);
  }

  numbers(column: string): Data {
    return this.#batch.data.children[this.#places.get(column)!]!;
  }

  keys(column: string): Data {
    return this.numbers(column);
  }

  stamps(): Data {
    return this.#stamps!;
  }

  batch(): RecordBatch {
    return this.#batch;
  }
}

/** Timestamps and dates as they are; numbers as `unit` says. */
function stampsOf(data: Data, name: string, unit: TimeUnit): Data {
  const { type } = data;
  if (DataType.isTimestamp(type) || DataType.isDate(type)) return data;
  if (!DataType.isInt(type) && !DataType.isFloat(type)) {
    throw new SmoothingError(
      'COLUMN_TYPE',
      `the time column '${name}' must be a timestamp, a date or a number, got ${typeText(type)}`,
    );
  }
  if (data.nullCount > 0)
    throw new SmoothingError('TIME_MISSING', `the time column '${name}' must be there in each row, got null`);
  return stampData(float64Values(data), unit);
}
