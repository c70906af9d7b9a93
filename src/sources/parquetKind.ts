import type { SchemaElement } from 'hyparquet';

import { toHalf } from '../values/half.js';
import { boolCells, bytesCells, nullCells, numberCells, type Arrow, type Kind } from './parquetCells.js';

/**
 * What a column of Parquet becomes in Arrow, by its type in the file's schema alone.
 *
 * @returns null for a type that there is none for
 */
export function parquetKind(arrow: Arrow, element: SchemaElement): Kind | null {
  const { type, converted_type: converted, logical_type: logical } = element;
  if (logical?.type === 'NULL') return nullCells(arrow);
  if (converted === 'DECIMAL' || logical?.type === 'DECIMAL')
    return numberCells(arrow, new arrow.Float64(), Float64Array);
  if (type === 'BOOLEAN') return boolCells(arrow);
  if (type === 'DOUBLE') return numberCells(arrow, new arrow.Float64(), Float64Array);
  if (type === 'FLOAT') return numberCells(arrow, new arrow.Float32(), Float32Array);
  if (type === 'INT32') return int32Cells(arrow, element);
  if (type === 'INT64') return int64Cells(arrow, element);
  if (type === 'INT96') return numberCells(arrow, new arrow.TimestampNanosecond(), BigInt64Array);
  if (converted === 'INTERVAL' || converted === 'BSON') return null;
  if (logical?.type === 'FLOAT16') return numberCells(arrow, new arrow.Float16(), Uint16Array, toHalf);
  if (logical?.type === 'UUID') return bytesCells(arrow, true);
  return bytesCells(arrow, TEXTS.has(converted ?? '') || TEXTS.has(logical?.type ?? ''));
}

const TEXTS = new Set(['UTF8', 'STRING', 'ENUM', 'JSON']);

function int32Cells(arrow: Arrow, { converted_type: converted, logical_type: logical }: SchemaElement): Kind {
  if (converted === 'DATE' || logical?.type === 'DATE') return numberCells(arrow, new arrow.DateDay(), Int32Array);
  if (converted === 'TIME_MILLIS' || logical?.type === 'TIME') {
    return numberCells(arrow, new arrow.TimeMillisecond(), Int32Array);
  }
  const [bits, signed] =
    logical?.type === 'INTEGER' ? [logical.bitWidth, logical.isSigned] : (INTEGERS[converted ?? ''] ?? [32, true]);
  if (bits === 8) {
    return signed ? numberCells(arrow, new arrow.Int8(), Int8Array) : numberCells(arrow, new arrow.Uint8(), Uint8Array);
  }
  if (bits === 16) {
    return signed
      ? numberCells(arrow, new arrow.Int16(), Int16Array)
      : numberCells(arrow, new arrow.Uint16(), Uint16Array);
  }
  return signed
    ? numberCells(arrow, new arrow.Int32(), Int32Array)
    : numberCells(arrow, new arrow.Uint32(), Uint32Array);
}

const INTEGERS: Readonly<Record<string, readonly [bits: number, signed: boolean]>> = {
  INT_8: [8, true],
  INT_16: [16, true],
  UINT_8: [8, false],
  UINT_16: [16, false],
  UINT_32: [32, false],
};

function int64Cells(arrow: Arrow, { converted_type: converted, logical_type: logical }: SchemaElement): Kind {
  const unit = logical?.type === 'TIMESTAMP' || logical?.type === 'TIME' ? logical.unit : null;
  if (logical?.type === 'TIMESTAMP' || converted === 'TIMESTAMP_MILLIS' || converted === 'TIMESTAMP_MICROS') {
    const isUtc = logical?.type === 'TIMESTAMP' ? logical.isAdjustedToUTC : true;
    const units = {
      MILLIS: arrow.TimeUnit.MILLISECOND,
      MICROS: arrow.TimeUnit.MICROSECOND,
      NANOS: arrow.TimeUnit.NANOSECOND,
    };
    const known = unit ?? (converted === 'TIMESTAMP_MILLIS' ? 'MILLIS' : 'MICROS');
    const type = new arrow.Timestamp(units[known], isUtc ? 'UTC' : null);
    return numberCells(arrow, type, BigInt64Array);
  }
  if (logical?.type === 'TIME' || converted === 'TIME_MICROS') {
    const type = unit === 'NANOS' ? new arrow.TimeNanosecond() : new arrow.TimeMicrosecond();
    return numberCells(arrow, type, BigInt64Array);
  }
  const isSigned = logical?.type === 'INTEGER' ? logical.isSigned : converted !== 'UINT_64';
  return isSigned
    ? numberCells(arrow, new arrow.Int64(), BigInt64Array)
    : numberCells(arrow, new arrow.Uint64(), BigUint64Array);
}
