import { Vector, type Data, type RecordBatch } from 'apache-arrow';
import { fileWriter, ParquetWriter, type ColumnSource } from 'hyparquet-writer';
import { Observable, type OperatorFunction } from 'rxjs';

import { schemaSignature } from '../../arrow/schemaSignature.js';
import { SmoothingError } from '../../errors.js';
import { failure, said } from '../../failure.js';
import { parquetColumn, type ParquetColumn } from './parquetColumn.js';

/** Rows that make a row group, at least: its statistics and offsets stand in the footer, which is in memory to the end. */
const GROUP_ROWS = 2 ** 16;

/** What `writeParquet` has written. */
export interface WrittenParquet {
  readonly rows: number;
  /** Of the whole file. */
  readonly bytes: number;
}

/**
 * Writes batches as a Parquet file, compressed with Snappy, while they arrive, and emits one summary at the end.
 *
 * Batches are gathered to row groups of 65 536 rows or more and written in the subscriber's turn, so whoever emits waits for
 * the disk and no more than a group is in memory. Nulls are kept, and types as far as Parquet has them: seconds become
 * milliseconds, a dictionary its values. A Parquet file is readable when its footer is written: after an error or
 * unsubscribing, what is at the path is not a file to be read. A source without a batch makes a file without columns.
 *
 * @param path - created, or emptied, when the source is subscribed
 * @returns an operator that emits one `WrittenParquet`
 * @throws SmoothingError as notifications: `SCHEMA_CHANGED` for a batch with other fields than the first; `COLUMN_TYPE` for a
 *   column that Parquet has no plain type for; `SINK_UNWRITABLE`
 */
export function writeParquet(path: string): OperatorFunction<RecordBatch, WrittenParquet> {
  return (source) =>
    new Observable((subscriber) => {
      const file = new ParquetFile(path);
      const attempt = (act: () => void): void => {
        try {
          act();
        } catch (error) {
          subscriber.error(error);
        }
      };
      return source.subscribe({
        next: (batch) => attempt(() => file.write(batch)),
        error: (error: unknown) => subscriber.error(error),
        complete: () =>
          attempt(() => {
            subscriber.next(file.end());
            subscriber.complete();
          }),
      });
    });
}

class ParquetFile {
  readonly #path: string;
  #open: {
    readonly signature: string;
    readonly columns: readonly ParquetColumn[];
    readonly writer: ParquetWriter;
  } | null = null;
  #gathered: RecordBatch[] = [];
  #rows = 0;

  constructor(path: string) {
    this.#path = path;
  }

  write(batch: RecordBatch): void {
    const signature = schemaSignature(batch.schema);
    this.#open ??= { signature, ...this.#begin(batch.schema.fields.map((field) => parquetColumn(field))) };
    if (signature !== this.#open.signature) {
      const names = batch.schema.fields.map(({ name }) => name).join(', ');
      const must = "a batch for a Parquet file must have the first one's fields";
      throw new SmoothingError('SCHEMA_CHANGED', `${must}, got ${names}, or the same of other types`);
    }
    this.#gathered.push(batch);
    this.#rows += batch.numRows;
    if (this.#gathered.reduce((rows, { numRows }) => rows + numRows, 0) >= GROUP_ROWS) this.#flush();
  }

  end(): WrittenParquet {
    if (this.#gathered.length > 0) this.#flush();
    const { writer } = this.#open ?? this.#begin([]);
    this.#guard(() => void writer.finish()); // a promise only of writers that flush later
    return { rows: this.#rows, bytes: writer.writer.offset };
  }

  #begin(columns: readonly ParquetColumn[]) {
    const schema = [{ name: 'schema', num_children: columns.length }, ...columns.map(({ element }) => element)];
    const writer = this.#guard(
      () => new ParquetWriter({ writer: fileWriter(this.#path), schema, createdBy: 'rx-ema' }),
    );
    return { columns, writer };
  }

  #flush(): void {
    const { columns, writer } = this.#open!;
    const columnData = columns.map(({ element, values }, i): ColumnSource => {
      const data = values(new Vector(this.#gathered.map((batch) => batch.data.children[i] as Data)));
      // a dictionary would take −0 for 0
      return element.type === 'FLOAT' || element.type === 'DOUBLE'
        ? { name: element.name, data, encoding: 'PLAIN' }
        : { name: element.name, data };
    });
    this.#gathered = [];
    this.#guard(() => void writer.write({ columnData, rowGroupSize: 2 ** 20 }));
  }

  #guard<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      throw failure('SINK_UNWRITABLE', `'${this.#path}' must be a file that can be written, got ${said(error)}`, error);
    }
  }
}
