import type { Data, RecordBatch } from 'apache-arrow';

import type { TimeUnit } from './smoothFlags.js';

/** What a column holds: null while no value of it has been seen. Integers are smoothed where they are named. */
export type ColumnKind = 'floats' | 'integers' | 'other' | null;

/** Some rows of a table. Lent: good until the next piece is asked for. */
export interface TablePiece {
  readonly rows: number;
  readonly columns: readonly string[];
  /** True if `columns` are those of the whole table: JSON lines may have others further on. */
  readonly isWhole: boolean;
  kindOf(column: string): ColumnKind;
  /** Reads these columns, and leaves out rows that can't be read. Before anything else is asked of them. */
  prepare(numbers: readonly string[], time: string | null, unit: TimeUnit): void;
  /** A column as floats of Arrow. */
  numbers(column: string): Data;
  /** A column as keys. */
  keys(column: string): Data;
  /** The prepared time, as timestamps. */
  stamps(): Data;
  /** All columns. */
  batch(): RecordBatch;
}
