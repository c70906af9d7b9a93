import { DataType, DateUnit, Precision, TimeUnit, type Field, type TypeMap, type Vector } from 'apache-arrow';
import type { ColumnSource, SchemaElement } from 'hyparquet-writer';

import { SmoothingError } from '../../errors.js';

/** How a column of Arrow stands in a Parquet file. */
export interface ParquetColumn {
  readonly element: SchemaElement;
  /** Its rows as hyparquet-writer takes them: null where there is none. */
  readonly values: (column: Vector) => ColumnSource['data'];
}

type Kind = Pick<SchemaElement, 'type' | 'type_length' | 'converted_type' | 'logical_type'>;

/**
 * Where a column goes: the type of Parquet that holds its values exactly, optional where the field may have nulls.
 *
 * @throws SmoothingError `COLUMN_TYPE` for what has none: lists, structs, decimals, intervals
 */
export function parquetColumn({ name, type, nullable }: Field): ParquetColumn {
  const kind = kindOf(type as DataType);
  if (kind === null) {
    const must = 'be of numbers, booleans, text, bytes or times to be written to a Parquet file';
    throw new SmoothingError('COLUMN_TYPE', `column '${name}' must ${must}, got ${String(type)}`);
  }
  const element: SchemaElement = { name, repetition_type: nullable ? 'OPTIONAL' : 'REQUIRED', ...kind };
  return { element, values: valuesOf(type as DataType) };
}

function kindOf(type: DataType): Kind | null {
  if (DataType.isFloat(type)) return FLOATS[type.precision];
  if (DataType.isInt(type)) return integer(type.bitWidth, type.isSigned);
  if (DataType.isBool(type)) return { type: 'BOOLEAN' };
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type)) return TEXT;
  if (DataType.isBinary(type) || DataType.isLargeBinary(type)) return { type: 'BYTE_ARRAY' };
  if (DataType.isTimestamp(type)) return time(type.unit, typeof type.timezone === 'string');
  if (DataType.isDate(type)) return type.unit === DateUnit.DAY ? DAY : time(TimeUnit.MILLISECOND, true);
  return DataType.isDictionary(type) ? kindOf(type.dictionary as DataType) : null;
}

const TEXT: Kind = { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } };
const DAY: Kind = { type: 'INT32', converted_type: 'DATE', logical_type: { type: 'DATE' } };
const FLOATS: Readonly<Record<Precision, Kind>> = {
  [Precision.HALF]: { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 2, logical_type: { type: 'FLOAT16' } },
  [Precision.SINGLE]: { type: 'FLOAT' },
  [Precision.DOUBLE]: { type: 'DOUBLE' },
};

/** By its converted type alone: hyparquet-writer 0.17 writes the logical one in a way that other readers refuse. */
function integer(bitWidth: 8 | 16 | 32 | 64, isSigned: boolean): Kind {
  return { type: bitWidth === 64 ? 'INT64' : 'INT32', converted_type: `${isSigned ? 'INT' : 'UINT'}_${bitWidth}` };
}

/** Parquet has no seconds: they become milliseconds. */
function time(unit: TimeUnit, isAdjustedToUTC: boolean): Kind {
  const units = ['MILLIS', 'MILLIS', 'MICROS', 'NANOS'] as const;
  return { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC, unit: units[unit] } };
}

function valuesOf(type: DataType): (column: Vector) => ColumnSource['data'] {
  // hyparquet-writer 0.17 refuses a Uint32Array with values from 2^31 on, which it takes in an array
  if (DataType.isInt(type) && type.bitWidth === 32 && !type.isSigned)
    return (column) => stored(column, (value) => value);
  if (isStored(type)) return (column) => (column.nullCount === 0 ? column.toArray() : stored(column, (value) => value));
  if (DataType.isTimestamp(type) && type.unit === TimeUnit.SECOND) return (column) => stored(column, thousandfold);
  if (DataType.isTimestamp(type)) return (column) => stored(column, (value) => value);
  if (DataType.isDate(type)) return (column) => stored(column, (value) => value);
  return (column) => Array.from(column as Vector<TypeMap[keyof TypeMap]>);
}

const thousandfold = (seconds: unknown): bigint => (seconds as bigint) * 1000n;

/** Types whose memory in Arrow is what hyparquet-writer writes. */
function isStored(type: DataType): boolean {
  return DataType.isInt(type) || (DataType.isFloat(type) && type.precision !== Precision.HALF);
}

/** The values as they are in memory: what `get` makes of a timestamp is a number of milliseconds. */
function stored(column: Vector, convert: (value: unknown) => unknown): unknown[] {
  return column.data.flatMap((data) =>
    Array.from({ length: data.length }, (_, i) => (data.getValid(i) ? convert(data.values[i]) : null)),
  );
}
