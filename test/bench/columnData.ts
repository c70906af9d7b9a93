import {
  Dictionary,
  Field,
  Float32,
  Float64,
  Int32,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  TimestampMillisecond,
  Utf8,
  vectorFromArray,
  type Data,
} from 'apache-arrow';
import { curve, seeded } from './harness.js';

/** One out of so many rows of a batch is read, from the `EARLY` or the `LATE` one on: a sum of those is the result. */
export const STRIDE = 1021;
/** Here what corrects the bias still shows. */
export const EARLY = 5;
/** Here it is forgotten where an average began. */
export const LATE = 1020;

export interface ColumnData {
  readonly rows: number;
  readonly x: Float64Array;
  /** Beside x, and related to it. */
  readonly y: Float64Array;
  /** 1 where there is a value: nine rows of ten, and all that are read. */
  readonly there: Uint8Array;
  /** ms, 1 to 1000 apart. */
  readonly times: BigInt64Array;
  /** ms, 1000 apart. */
  readonly evenTimes: BigInt64Array;
  /** So many different keys, each as often as the others, in no order. */
  keysOf(keys: number): Int32Array;
}

export function columnData(rows: number, batchRows: number): ColumnData {
  const random = seeded(11);
  const isRead = (row: number): boolean => [EARLY, LATE].includes((row % batchRows) % STRIDE);
  let now = 1_700_000_000_000;
  const order = Int32Array.from({ length: rows }, (_, i) => i);
  for (let i = rows - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  const x = curve(rows, 6);
  return {
    rows,
    x,
    y: x.map((value) => value / 2 + random()),
    there: Uint8Array.from({ length: rows }, (_, row) => (random() < 0.1 && !isRead(row) ? 0 : 1)),
    times: BigInt64Array.from({ length: rows }, () => BigInt((now += 1 + Math.floor(random() * 1000)))),
    evenTimes: BigInt64Array.from({ length: rows }, (_, row) => BigInt(row * 1000)),
    keysOf: (keys) => order.map((place) => place % keys),
  };
}

// ---- batches --------------------------------------------------------------------------------------------------------

/** Rows from…to of a column. */
export type Column = (from: number, to: number) => Data;

export const float64 =
  (x: Float64Array): Column =>
  (from, to) =>
    makeData({ type: new Float64(), data: x.subarray(from, to) });

export const float32 =
  (x: Float32Array): Column =>
  (from, to) =>
    makeData({ type: new Float32(), data: x.subarray(from, to) });

export const timestamps =
  (ms: BigInt64Array): Column =>
  (from, to) =>
    makeData({ type: new TimestampMillisecond(), data: ms.subarray(from, to) });

export const withNulls =
  (x: Float64Array, there: Uint8Array): Column =>
  (from, to) => {
    const nullBitmap = new Uint8Array((to - from + 7) >> 3);
    for (let row = from; row < to; row++) nullBitmap[(row - from) >> 3]! |= there[row]! << ((row - from) & 7);
    return makeData({ type: new Float64(), data: x.subarray(from, to), nullBitmap });
  };

export function dictionary(codes: Int32Array, keys: number): Column {
  const names = vectorFromArray(
    Array.from({ length: keys }, (_, i) => `key-${i}`),
    new Utf8(),
  );
  const type = new Dictionary(new Utf8(), new Int32(), 0);
  return (from, to) => makeData({ type, data: codes.subarray(from, to), dictionary: names });
}

/** The columns in batches of so many rows. */
export function inBatches(columns: Readonly<Record<string, Column>>, rows: number, batchRows: number): RecordBatch[] {
  return Array.from({ length: Math.floor(rows / batchRows) }, (_, i) => batchOf(columns, i * batchRows, batchRows));
}

export function batchOf(columns: Readonly<Record<string, Column>>, from: number, length: number): RecordBatch {
  const children = Object.values(columns).map((column) => column(from, from + length));
  const schema = new Schema(Object.keys(columns).map((name, i) => new Field(name, children[i]!.type, true)));
  return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }));
}

/** Sum of the rows of a batch's column that are read. */
export function digest(batch: RecordBatch, first: number, column = 0): number {
  const values = batch.data.children[column]!.values as Float64Array;
  let sum = 0;
  for (let row = first; row < batch.numRows; row += STRIDE) sum += values[row]!;
  return sum;
}

// ---- definitions ----------------------------------------------------------------------------------------------------

export interface Definition {
  readonly decay: number;
  readonly correct: boolean;
  readonly there?: Uint8Array;
  readonly keys?: Int32Array;
  /** How often the rows come, on and on; what comes out the last time. */
  readonly passes?: number;
}

/** v ← d·v + (1 − d)·x from 0, a key at a time, over what is there; v/W with W ← d·W + (1 − d) where corrected. */
export function defined(x: ArrayLike<number>, definition: Definition): Float64Array {
  const { decay, correct, there, keys, passes = 1 } = definition;
  const v = new Float64Array(keys === undefined ? 1 : keys.reduce((most, key) => Math.max(most, key), 0) + 1);
  const w = v.slice();
  const out = new Float64Array(x.length);
  for (let pass = 0; pass < passes; pass++) {
    for (let row = 0; row < x.length; row++) {
      if (there?.[row] === 0) continue;
      const key = keys?.[row] ?? 0;
      v[key] = decay * v[key]! + (1 - decay) * x[row]!;
      w[key] = decay * w[key]! + (1 - decay);
      out[row] = correct ? v[key] / w[key] : v[key];
    }
  }
  return out;
}

/** The unbiased variance at a row by its weights, as far back as they count: Σw·(x − mean)² / W · W²/(W² − Σw²). */
export function varianceAt(x: Float64Array, decay: number, row: number): number {
  const first = Math.max(0, row - Math.ceil(-45 / Math.log(decay)));
  const weight = (i: number): number => decay ** (row - i);
  let [sum, squares, mean, spread] = [0, 0, 0, 0];
  for (let i = first; i <= row; i++) {
    sum += weight(i);
    squares += weight(i) ** 2;
    mean += weight(i) * x[i]!;
  }
  for (let i = first; i <= row; i++) spread += weight(i) * (x[i]! - mean / sum) ** 2;
  return (spread * sum) / (sum * sum - squares);
}
