import type { Data, DataType } from 'apache-arrow';

/** What is needed of apache-arrow, which whoever reads a file brings along. */
export type Arrow = typeof import('apache-arrow');

/** The rows of one column, as Arrow has them. */
export interface Cells {
  /** Null and undefined make no difference. */
  set(row: number, value: unknown): void;
  /** Rows from a page that has no nulls, if they can be copied as they are. */
  copy?(row: number, values: ArrayLike<unknown>): boolean;
  /** @param nullBitmap - bits of the rows that have values; null if all do */
  data(nullCount: number, nullBitmap: Uint8Array | null): Data;
}

/** What a column of Parquet becomes. */
export interface Kind {
  readonly type: DataType;
  /** Room for its rows. */
  readonly cells: (rows: number) => Cells;
}

type Numbers =
  | Float64Array
  | Float32Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array
  | BigInt64Array
  | BigUint64Array;

/**
 * Numbers of any kind that a typed array holds.
 *
 * @param convert - from what hyparquet gives; where there is none, its typed arrays are copied whole
 */
export function numberCells(
  { makeData }: Arrow,
  type: DataType,
  array: new (length: number) => Numbers,
  convert: ((value: never) => unknown) | null = null,
): Kind {
  const cells = (rows: number): Cells => {
    const values = new array(rows) as Float64Array;
    return {
      set: (row, value) => void (values[row] = (convert === null ? value : convert(value as never)) as number),
      copy(row, from) {
        if (convert !== null || from.constructor !== array) return false;
        values.set(from as Float64Array, row);
        return true;
      },
      data: (nullCount, nullBitmap) => makeData({ type, length: rows, data: values, nullCount, nullBitmap } as never),
    };
  };
  return { type, cells };
}

/** A bit for each row. */
export function boolCells({ makeData, Bool }: Arrow): Kind {
  const type = new Bool();
  const cells = (rows: number): Cells => {
    const bits = new Uint8Array(Math.ceil(rows / 8));
    return {
      set(row, value) {
        if (value === true) bits[row >> 3]! |= 1 << (row & 7);
      },
      data: (nullCount, nullBitmap) => makeData({ type, length: rows, data: bits, nullCount, nullBitmap } as never),
    };
  };
  return { type, cells };
}

const texts = new TextEncoder();
const NONE = new Uint8Array(0);

/** Text, or bytes, one behind the other. */
export function bytesCells({ makeData, Utf8, Binary }: Arrow, isText: boolean): Kind {
  const type = isText ? new Utf8() : new Binary();
  const cells = (rows: number): Cells => {
    const values: Uint8Array[] = Array.from({ length: rows }, () => NONE);
    return {
      set: (row, value) => void (values[row] = typeof value === 'string' ? texts.encode(value) : (value as Uint8Array)),
      data(nullCount, nullBitmap) {
        const valueOffsets = new Int32Array(rows + 1);
        for (const [row, { length }] of values.entries()) valueOffsets[row + 1] = valueOffsets[row]! + length;
        const data = new Uint8Array(valueOffsets[rows]!);
        for (const [row, bytes] of values.entries()) data.set(bytes, valueOffsets[row]);
        return makeData({ type, length: rows, valueOffsets, data, nullCount, nullBitmap } as never);
      },
    };
  };
  return { type, cells };
}

/** Nothing but nulls. */
export function nullCells({ makeData, Null }: Arrow): Kind {
  const type = new Null();
  return { type, cells: (rows) => ({ set: () => {}, data: () => makeData({ type, length: rows }) }) };
}
