import { shown, SmoothingError } from '../errors.js';
import type { Plan, Selector } from '../options.js';
import { isTimed, stampedAt, weightOf, type Arrivals, type Coming, type Stamps } from './arrivals.js';
import {
  floatsOf,
  hasNulls,
  isFloat,
  isNull,
  type ArrowBatch,
  type ArrowData,
  type ArrowSchema,
  type ArrowType,
} from './arrowData.js';
import { joinedKey } from './keys.js';

/** Columns that tell whose, when and how much, by index. */
export interface Roles {
  readonly by: readonly number[];
  readonly time: number | null;
  readonly weight: number | null;
  /** As `name: type`, which later batches keep. */
  readonly text: string;
}

const DICTIONARY = -1; // Type.Dictionary
const KEYS = new Set([2, 5, 6, 20]); // Int, Utf8, Bool, LargeUtf8
const DATE = 8; // Type.Date
const TIMESTAMP = 10; // Type.Timestamp
const NUMBERS = new Set([2, 7]); // Int, Decimal
export const FLOATING = 'floating';
const MILLISECOND = 1; // TimeUnit and DateUnit

/** Index of the column that an option names. Throws if there is none, or if its type does not fit. */
export function columnAt(
  { fields }: ArrowSchema,
  option: string,
  name: Selector,
  fits: (type: ArrowType) => boolean,
  kinds: string,
): number {
  const at = fields.findIndex((field) => field.name === name);
  const type = fields[at]?.type;
  if (type === undefined) {
    const known = fields.map((field) => field.name).join(', ');
    throw new SmoothingError('COLUMN_MISSING', `${option} must be among ${known}, got ${shown(name)}`);
  }
  if (fits(type)) return at;
  const how =
    NUMBERS.has(type.typeId) && kinds === FLOATING
      ? `: toFloat64('${String(name)}') from rx-ema/arrow comes before`
      : '';
  throw new SmoothingError(
    'COLUMN_TYPE',
    `the ${option} column '${String(name)}' must be ${kinds}, got ${type.toString()}${how}`,
  );
}

/** Columns as later batches have to have them. */
export function typesOf({ fields }: ArrowSchema, at: readonly number[]): string[] {
  return at.map((i) => `${fields[i]!.name}: ${fields[i]!.type.toString()}`);
}

export function rolesOf(schema: ArrowSchema, { by, time, weight }: Plan): Roles {
  const roles = {
    by: (by ?? []).map((one) => columnAt(schema, 'by', one, isKey, 'utf8, integers, bool or a dictionary of them')),
    time: time === null ? null : columnAt(schema, 'time', time, isStamp, 'a timestamp or date64'),
    weight: weight === null ? null : columnAt(schema, 'weight', weight, isFloat, FLOATING),
  };
  const used = [...roles.by, roles.time, roles.weight].filter((at) => at !== null);
  return { ...roles, text: typesOf(schema, used).join(', ') };
}

const isKey = (type: ArrowType): boolean =>
  KEYS.has(type.typeId === DICTIONARY ? type.dictionary!.typeId : type.typeId);
const isStamp = ({ typeId, unit }: ArrowType): boolean =>
  typeId === TIMESTAMP || (typeId === DATE && unit === MILLISECOND);

/** Reads what batches of a series come with. */
export function batchComing(plan: Plan, arrivals: Arrivals): (batch: ArrowBatch, roles: Roles) => Coming {
  const codes = dictionaryReader(arrivals);
  return (batch, { by, time, weight }) => ({
    rows: batch.numRows,
    assign: plan.by && ((by.length === 1 && codes(batch.data.children[by[0]!]!)) || valueReader(batch, by)),
    stamps: time !== null ? stampsOf(batch, time) : isTimed(plan) && batch.numRows > 0 ? stampedAt(plan.now()) : null,
    weights: weight === null ? null : weightsOf(batch, weight),
  });
}

/** Slots by the keys' values. */
function valueReader(batch: ArrowBatch, by: readonly number[]): Coming['assign'] {
  const columns = by.map((at) => valuesOf(batch, at));
  return (slots, find) => {
    for (let row = 0; row < batch.numRows; row++) {
      slots[row] = find(joinedKey(columns.map((valueAt) => valueAt(row))), row);
    }
  };
}

/** A column's values by row. Arrow does not read a dictionary by indices of 64 bits. */
function valuesOf(batch: ArrowBatch, at: number): (row: number) => unknown {
  const data = batch.data.children[at]!;
  const { dictionary } = data;
  const values = dictionary ?? batch.getChildAt(at)!;
  const codes = dictionary && codesOf(data);
  return (row) => (isNull(data, row) ? null : values.get(codes?.[row] ?? row));
}

/** A dictionary's indices, as numbers. */
function codesOf({ values }: ArrowData): ArrayLike<number> {
  return typeof values[0] === 'bigint' ? Float64Array.from(values as BigInt64Array, Number) : (values as Int32Array);
}

/** Slots by dictionary codes, which mean the same as long as the dictionary is the same object. */
function dictionaryReader(arrivals: Arrivals): (data: ArrowData) => Coming['assign'] {
  /** By dictionary: 1 + slot of each code that has been seen. */
  let known = new WeakMap<object, Int32Array>();
  let { epoch } = arrivals;
  return (data) => {
    const { dictionary, length } = data;
    if (dictionary === undefined) return null;
    const codes = codesOf(data);
    if (epoch !== arrivals.epoch) known = new WeakMap();
    ({ epoch } = arrivals);
    let seen = known.get(dictionary);
    if (seen === undefined || seen.length < dictionary.length) {
      known.set(dictionary, (seen = new Int32Array(dictionary.length)));
    }
    const table = seen;
    return (slots, find) => {
      for (let row = 0; row < length; row++) {
        if (!hasNulls(data)) row = lookUp(codes, table, slots, row, length);
        if (row === length) return;
        const code = codes[row]!;
        if (isNull(data, row)) slots[row] = find(null, row);
        else if (table[code]! > 0) slots[row] = table[code]! - 1;
        else table[code] = 1 + (slots[row] = find(joinedKey([dictionary.get(code)]), row));
      }
    };
  };
}

/** Rows from `row` on whose codes have been seen. Returns the first whose has not. */
function lookUp(codes: ArrayLike<number>, seen: Int32Array, slots: Int32Array, row: number, rows: number): number {
  for (; row < rows; row++) {
    const slot = seen[codes[row]!]! - 1;
    if (!(slot >= 0)) return row;
    slots[row] = slot;
  }
  return rows;
}

/** Stamps as the column has them: 64-bit integers, in words, so that nanoseconds are subtracted exactly. */
function stampsOf(batch: ArrowBatch, at: number): Stamps {
  const data = batch.data.children[at]!;
  if (hasNulls(data)) {
    for (let row = 0; row < batch.numRows; row++) {
      if (isNull(data, row)) throw new SmoothingError('TIME_MISSING', `time must give a stamp, got null in row ${row}`);
    }
  }
  if (batch.numRows === 0) return stampedAt(0);
  const { buffer, byteOffset } = data.values as BigInt64Array;
  const unit = data.type.unit!;
  return {
    high: new Int32Array(buffer, byteOffset + 4, 2 * batch.numRows - 1), // little-endian, as Arrow is
    low: new Uint32Array(buffer, byteOffset, 2 * batch.numRows),
    words: new Int32Array(buffer, byteOffset, 2 * batch.numRows),
    stride: 2,
    times: unit < MILLISECOND ? 1000 : 1,
    per: 1000 ** Math.max(unit - MILLISECOND, 0),
  };
}

function weightsOf(batch: ArrowBatch, at: number): Float64Array {
  const data = batch.data.children[at]!;
  const weights = floatsOf(data, batch.numRows);
  return Float64Array.from({ length: batch.numRows }, (_, row) => weightOf(isNull(data, row) ? null : weights[row]));
}
