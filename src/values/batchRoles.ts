import { shown, SmoothingError } from '../errors.js';
import type { Plan, Selector } from '../options.js';
import { isTimed, stampedAt, stampOf, weightOf, type Arrivals, type Coming, type Stamps } from './arrivals.js';
import { floatsOf, hasNulls, isFloat, isNull, type ArrowBatch, type ArrowSchema, type ArrowType } from './arrowData.js';
import { hasWholeKeys, isKey, keyReader, wholeReader } from './batchKeys.js';

/** Columns that tell whose, when and how much, by index. */
export interface Roles {
  readonly by: readonly number[];
  readonly time: number | null;
  readonly weight: number | null;
  /** As `name: type`, which later batches keep; a function that gives the keys as `by: a function`. */
  readonly text: string;
}

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

export function rolesOf(schema: ArrowSchema, plan: Plan): Roles {
  const { by, time, weight } = plan;
  const isWhole = hasWholeKeys(plan);
  const roles = {
    by: (isWhole ? [] : (by ?? [])).map((one) =>
      columnAt(schema, 'by', one, isKey, 'utf8, integers, bool or a dictionary of them'),
    ),
    time: time === null ? null : columnAt(schema, 'time', time, isStamp, 'a timestamp or date64'),
    weight: weight === null ? null : columnAt(schema, 'weight', weight, isFloat, FLOATING),
  };
  const used = [...roles.by, roles.time, roles.weight].filter((at) => at !== null);
  const types = typesOf(schema, used);
  if (isWhole) types.unshift('by: a function');
  return { ...roles, text: types.join(', ') };
}

const isStamp = ({ typeId, unit }: ArrowType): boolean =>
  typeId === TIMESTAMP || (typeId === DATE && unit === MILLISECOND);

/** Reads what batches of a series come with. */
export function batchComing(plan: Plan, arrivals: Arrivals): (batch: ArrowBatch, roles: Roles) => Coming {
  const keys = plan.by && (hasWholeKeys(plan) ? wholeReader(plan) : keyReader(arrivals));
  return (batch, { by, time, weight }) => ({
    rows: batch.numRows,
    assign: keys && keys(batch, by),
    stamps:
      time !== null
        ? stampsOf(batch, time)
        : isTimed(plan) && batch.numRows > 0
          ? stampedAt(stampOf(plan.now()))
          : null,
    weights: weight === null ? null : weightsOf(batch, weight),
  });
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
  if (weights instanceof Float64Array && !hasNulls(data) && areWeights(weights, batch.numRows)) return weights;
  return Float64Array.from({ length: batch.numRows }, (_, row) => weightOf(isNull(data, row) ? null : weights[row]));
}

function areWeights(weights: Float64Array, rows: number): boolean {
  for (let row = 0; row < rows; row++) if (!(weights[row]! >= 0 && weights[row]! < Infinity)) return false;
  return true;
}
