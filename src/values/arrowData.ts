import { NOT_YET, type Run } from '../kernels/law.js';
import type { FloatVector } from '../kernels/vectors.js';
import type { Plan } from '../options.js';
import { fromHalf, toHalf } from './half.js';

/** What this package needs of apache-arrow, whose own classes build every result: nothing here imports it. */
export interface ArrowType {
  readonly typeId: number;
  readonly precision?: number;
  readonly unit?: number;
  readonly bitWidth?: number;
  /** Of a dictionary: the type of its values. */
  readonly dictionary?: ArrowType;
  readonly children?: readonly ArrowField[] | null;
  toString(): string;
}
export interface ArrowField {
  readonly name: string;
  readonly type: ArrowType;
  readonly nullable: boolean;
  readonly metadata: ReadonlyMap<string, string>;
  clone(changes: {
    name?: string;
    type?: ArrowType;
    nullable?: boolean;
    metadata?: ReadonlyMap<string, string>;
  }): ArrowField;
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
  readonly values: FloatColumn | Int32Array | BigInt64Array | Uint8Array;
  readonly valueOffsets?: Int32Array | BigInt64Array;
  readonly dictionary?: ArrowVector;
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
export interface ArrowVector {
  readonly length: number;
  get(row: number): unknown;
}
export interface ArrowBatch {
  readonly schema: ArrowSchema;
  readonly data: ArrowData;
  readonly numRows: number;
  getChildAt(index: number): ArrowVector | null;
  readonly metadata?: Map<string, string>;
}

export type FloatColumn = Float64Array | Float32Array | Uint16Array;

const FLOAT = 3; // Type.Float
const HALF = 0; // Precision.HALF
const SINGLE = 1; // Precision.SINGLE

export const isFloat = (type: ArrowType): boolean => type.typeId === FLOAT;
const isHalf = (type: ArrowType): boolean => type.precision === HALF;
const isSingle = (type: ArrowType): boolean => type.precision === SINGLE;
const singles = (out: FloatVector): Float32Array => (out instanceof Float32Array ? out : new Float32Array(out));

/** True for a batch of any copy of apache-arrow; a Table has batches where it has data. */
export function isBatch(value: unknown): value is ArrowBatch {
  const { numRows, schema, data } = (value ?? {}) as Partial<ArrowBatch>;
  return typeof numRows === 'number' && Array.isArray(schema?.fields) && Array.isArray(data?.children);
}

/** `values` is already cut by a slice, the bitmap is not. Halves become doubles. */
export function floatsOf({ type, values: column }: ArrowData, rows: number): FloatVector {
  if (rows === 0) return new Float64Array(0);
  const values = column as FloatColumn;
  return isHalf(type) ? Float64Array.from(values.subarray(0, rows), fromHalf) : (values as FloatVector);
}

/** True if any row may be null. */
export function hasNulls(data: ArrowData): boolean {
  return data.nullCount > 0;
}

/** True if the row is null, which in a column that came may be NaN besides. */
export function isNull(data: ArrowData, row: number): boolean {
  const bit = data.offset + row;
  return hasNulls(data) && (data.nullBitmap![bit >> 3]! & (1 << (bit & 7))) === 0;
}

/** Memory for numbers that are all written: not zeroed where the platform can do without. */
export function freshFloats(Floats: new (from: number | ArrayBuffer) => FloatVector, length: number): FloatVector {
  const node = (globalThis as { Buffer?: { allocUnsafeSlow(bytes: number): Uint8Array } }).Buffer;
  if (node === undefined) return new Floats(length);
  return new Floats(node.allocUnsafeSlow(length * (Floats === Float32Array ? 4 : 8)).buffer as ArrayBuffer);
}

/** What a run made of a column, as a column of its type, `lacking` rows of it gone; null stays null. */
export function columnOf(like: ArrowData, run: Run, lacking: number, nullable: boolean, plan: Plan): ArrowData {
  const { rows, out } = run;
  let nulls: Nulls = { bitmap: undefined, count: 0 };
  if (lacking > 0) {
    const same = lacking === like.nullCount && run.left === null && plan.echoes && plan.missing !== 'carry';
    nulls = same ? sameNulls(like, rows) : nullsOf(like, run, nullable, plan);
  }
  const values = isHalf(like.type) ? Uint16Array.from(out, toHalf) : isSingle(like.type) ? singles(out) : out;
  return like.clone(like.type, 0, rows, nulls.count, [undefined, values, nulls.bitmap]);
}

export interface Nulls {
  readonly bitmap: Uint8Array | undefined;
  readonly count: number;
}

/** The validity of a column whose nulls are all that is gone. */
export function sameNulls({ nullBitmap, offset, nullCount }: ArrowData, rows: number): Nulls {
  const bitmap = new Uint8Array(((rows + 63) & ~63) >> 3);
  const from = offset >> 3;
  const shift = offset & 7;
  const bytes = (rows + 7) >> 3;
  for (let i = 0; i < bytes; i++) {
    bitmap[i] = (nullBitmap![from + i]! >> shift) | ((nullBitmap![from + i + 1] ?? 0) << (8 - shift));
  }
  return { bitmap, count: nullCount };
}

/** "Not yet", and what is left out, is null where it may be; a missing value is what came in. */
function nullsOf(like: ArrowData, { rows, x, left, out, gone }: Run, nullable: boolean, plan: Plan): Nulls {
  const { echoes } = plan;
  const carries = plan.missing === 'carry';
  const bitmap = new Uint8Array(((rows + 63) & ~63) >> 3).fill(255);
  let count = 0;
  for (let row = 0; row < rows; row++) {
    const isNone = isNull(like, row);
    if (gone[row] === 0 && !(isNone && !carries)) continue;
    const none = gone[row] === NOT_YET || left?.[row] === 1 || !echoes;
    if (isNone || (none && nullable)) {
      bitmap[row >> 3]! &= ~(1 << (row & 7));
      count++;
    } else {
      out[row] = none ? NaN : x[row]!;
    }
  }
  return { bitmap, count };
}

/** A schema of other fields, of the class of `like`. */
export function schemaOf(like: ArrowSchema, fields: readonly ArrowField[]): ArrowSchema {
  const Schema = like.constructor as new (fields: readonly ArrowField[], metadata: Map<string, string>) => ArrowSchema;
  return new Schema(fields, like.metadata);
}

/** What makes batches of a schema: its type, and what they inherit. */
export interface BatchForm {
  readonly schema: ArrowSchema;
  readonly struct: ArrowType;
  readonly prototype: object;
}

export function formOf(like: ArrowBatch, schema: ArrowSchema): BatchForm {
  const Struct = like.data.type.constructor as new (fields: readonly ArrowField[]) => ArrowType;
  return { schema, struct: new Struct(schema.fields), prototype: batchPrototype(like) };
}

/** A stream without batches reads as one of a subclass; `select` is RecordBatch's own. */
function batchPrototype(like: ArrowBatch): object {
  let prototype = Object.getPrototypeOf(like) as object;
  while (!Object.hasOwn(prototype, 'select')) prototype = Object.getPrototypeOf(prototype) as object;
  return prototype;
}

/** A batch of other columns. Not by its constructor, which compares and copies the schema for every batch. */
export function batchOf(
  like: ArrowBatch,
  { schema, struct, prototype }: BatchForm,
  children: readonly ArrowData[],
): ArrowBatch {
  const data = like.data.clone(struct, 0, like.numRows, 0, [], children);
  return Object.assign(Object.create(prototype) as ArrowBatch, like, { schema, data, _dictionaries: undefined });
}

/** True if what follows from one schema follows from the other. False may be wrong: every batch has a schema of its own. */
export function isSameSchema(a: ArrowSchema, b: ArrowSchema): boolean {
  if (a.fields.length !== b.fields.length || a.metadata.size + b.metadata.size > 0) return false;
  return a.fields.every((field, i) => {
    const other = b.fields[i]!;
    const named = field.name === other.name && field.nullable === other.nullable;
    return named && field.metadata.size + other.metadata.size === 0 && isSameType(field.type, other.type);
  });
}

const isSameType = (a: ArrowType, b: ArrowType): boolean =>
  a === b || (!isNested(a) && a.typeId === b.typeId && a.bitWidth === b.bitWidth && a.toString() === b.toString());

/** Of types whose parts or ids are not told apart by their text. */
const isNested = ({ dictionary, children }: ArrowType): boolean =>
  dictionary !== undefined || (children?.length ?? 0) > 0;
