import { fromHalf, toHalf } from './half.js';

/** What this package needs of apache-arrow, whose own classes build every result: nothing here imports it. */
export interface ArrowType {
  readonly typeId: number;
  readonly precision?: number;
  toString(): string;
}
export interface ArrowField {
  readonly name: string;
  readonly type: ArrowType;
  readonly nullable: boolean;
  clone(changes: { name?: string; nullable?: boolean }): ArrowField;
}
export interface ArrowSchema {
  readonly fields: readonly ArrowField[];
  readonly metadata: Map<string, string>;
}
export interface ArrowData {
  readonly type: ArrowType;
  readonly length: number;
  readonly offset: number;
  readonly nullCount: number;
  readonly nullBitmap: Uint8Array | undefined;
  readonly values: FloatColumn;
  readonly children: readonly ArrowData[];
  clone(
    type: ArrowType,
    offset: number,
    length: number,
    nullCount: number,
    buffers: readonly unknown[],
    children?: readonly ArrowData[],
  ): ArrowData;
}
export interface ArrowBatch {
  readonly schema: ArrowSchema;
  readonly data: ArrowData;
  readonly numRows: number;
  readonly metadata?: Map<string, string>;
}

export type FloatColumn = Float64Array | Float32Array | Uint16Array;

const FLOAT = 3; // Type.Float
const HALF = 0; // Precision.HALF

export const isFloat = (type: ArrowType): boolean => type.typeId === FLOAT;
const isHalf = (type: ArrowType): boolean => type.precision === HALF;

/** True for a batch of any copy of apache-arrow; a Table has batches where it has data. */
export function isBatch(value: unknown): value is ArrowBatch {
  const { numRows, schema, data } = (value ?? {}) as Partial<ArrowBatch>;
  return typeof numRows === 'number' && Array.isArray(schema?.fields) && Array.isArray(data?.children);
}

/** One column's rows as doubles (halves decoded), and which of them are there. */
export interface Rows {
  readonly length: number;
  readonly values: ArrayLike<number>;
  /** The validity bitmap and the bit its first row is at; null if every row is there. */
  readonly bitmap: Uint8Array | null;
  readonly bitOffset: number;
}

/** `values` is already cut by a slice, the bitmap is not. */
export function rowsOf(data: ArrowData, length: number): Rows {
  const nulls = length > 0 && data.nullCount > 0;
  const values = isHalf(data.type) ? Float64Array.from(data.values.subarray(0, length), fromHalf) : data.values;
  return {
    length,
    values: values ?? new Float64Array(0),
    bitmap: nulls ? data.nullBitmap! : null,
    bitOffset: data.offset,
  };
}

export function isValid({ bitmap, bitOffset }: Rows, row: number): boolean {
  if (bitmap === null) return true;
  const bit = bitOffset + row;
  return ((bitmap[bit >> 3]! >> (bit & 7)) & 1) === 1;
}

/** A column of the type of `like`; rows that `nulls` marks are null. */
export function columnOf(like: ArrowData, values: Float64Array, nulls: Uint8Array | null): ArrowData {
  const out = isHalf(like.type)
    ? Uint16Array.from(values, toHalf)
    : like.type.precision === 1
      ? Float32Array.from(values)
      : values;
  let bitmap: Uint8Array | undefined;
  let nullCount = 0;
  if (nulls !== null) {
    bitmap = new Uint8Array(((values.length + 63) & ~63) >> 3);
    for (let row = 0; row < values.length; row++) {
      if (nulls[row] === 0) bitmap[row >> 3]! |= 1 << (row & 7);
      else nullCount++;
    }
  }
  return like.clone(like.type, 0, values.length, nullCount, [undefined, out, nullCount > 0 ? bitmap : undefined]);
}

/** A schema of other fields, of the class of `like`. */
export function schemaOf(like: ArrowSchema, fields: readonly ArrowField[]): ArrowSchema {
  const Schema = like.constructor as new (fields: readonly ArrowField[], metadata: Map<string, string>) => ArrowSchema;
  return new Schema(fields, like.metadata);
}

/** A batch of other columns, of the class of `like`. */
export function batchOf(like: ArrowBatch, schema: ArrowSchema, children: readonly ArrowData[]): ArrowBatch {
  const Struct = like.data.type.constructor as new (fields: readonly ArrowField[]) => ArrowType;
  const data = like.data.clone(new Struct(schema.fields), 0, like.numRows, 0, [], children);
  return new (batchClass(like))(schema, data, like.metadata ?? new Map());
}

type BatchClass = new (schema: ArrowSchema, data: ArrowData, metadata: Map<string, string>) => ArrowBatch;

/** A stream without batches reads as one of a subclass whose constructor differs; `select` is RecordBatch's own. */
function batchClass(like: ArrowBatch): BatchClass {
  let prototype = Object.getPrototypeOf(like) as object;
  while (!Object.hasOwn(prototype, 'select')) prototype = Object.getPrototypeOf(prototype) as object;
  return prototype.constructor as BatchClass;
}
