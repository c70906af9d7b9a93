import { SmoothingError } from '../errors.js';
import type { Plan, Selector } from '../options.js';
import type { Key } from '../types.js';
import { weightOf, type Arrivals, type Coming } from './arrivals.js';
import {
  doublesOf,
  hasNulls,
  isFloat,
  isNull,
  type ArrowBatch,
  type ArrowSchema,
  type ArrowType,
} from './arrowData.js';
import { joinedKey } from './keys.js';
import { otherKind } from './smoother.js';

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
const MILLISECOND = 1; // TimeUnit and DateUnit

export function rolesOf(schema: ArrowSchema, { by, time, weight }: Plan): Roles {
  const used: string[] = [];
  const find = (option: string, selector: Selector, fits: (type: ArrowType) => boolean, kinds: string): number => {
    if (typeof selector === 'function') throw otherKind(`name its column for ${option} in a batch`, selector);
    const at = schema.fields.findIndex((field) => field.name === selector);
    const type = schema.fields[at]?.type;
    if (type === undefined) {
      const known = schema.fields.map(({ name }) => name).join(', ');
      throw new SmoothingError('COLUMN_MISSING', `${option} must be among ${known}, got ${selector}`);
    }
    if (!fits(type)) {
      throw new SmoothingError(
        'COLUMN_TYPE',
        `${option} column '${selector}' must be ${kinds}, got ${type.toString()}`,
      );
    }
    used.push(`${selector}: ${type.toString()}`);
    return at;
  };
  return {
    by: (by ?? []).map((one) => find('by', one, isKey, 'utf8, integers, bool or a dictionary of them')),
    time: time === null ? null : find('time', time, isStamp, 'a timestamp or date64'),
    weight: weight === null ? null : find('weight', weight, isFloat, 'floating'),
    text: used.join(', '),
  };
}

const isKey = (type: ArrowType): boolean =>
  KEYS.has(type.typeId === DICTIONARY ? type.dictionary!.typeId : type.typeId);
const isStamp = ({ typeId, unit }: ArrowType): boolean =>
  typeId === TIMESTAMP || (typeId === DATE && unit === MILLISECOND);

/** Reads what batches of a series come with. */
export function batchComing(plan: Plan, arrivals: Arrivals): (batch: ArrowBatch, roles: Roles) => Coming {
  const codes = new Codes(arrivals);
  return (batch, { by, time, weight }) => ({
    rows: batch.numRows,
    slots:
      plan.by &&
      ((slots, find) => (by.length === 1 ? codes.assign(batch, by[0]!, slots, find) : assign(batch, by, slots, find))),
    stamps: time === null ? arrivals.clock(batch.numRows) : stampsOf(batch, time),
    weights: weight === null ? null : weightsOf(batch, weight),
  });
}

/** Slots by the keys' values. */
function assign(batch: ArrowBatch, by: readonly number[], slots: Int32Array, find: (key: Key) => number): void {
  const columns = by.map((at) => batch.getChildAt(at)!);
  for (let row = 0; row < slots.length; row++) slots[row] = find(joinedKey(columns.map((column) => column.get(row))));
}

/** Slots by dictionary codes, which mean the same as long as the dictionary is the same object. */
class Codes {
  readonly #arrivals: Arrivals;
  /** By dictionary: 1 + slot of each code that has been seen. */
  #known = new WeakMap<object, Int32Array>();
  #epoch = 0;

  constructor(arrivals: Arrivals) {
    this.#arrivals = arrivals;
  }

  assign(batch: ArrowBatch, at: number, slots: Int32Array, find: (key: Key) => number): void {
    const data = batch.data.children[at]!;
    const { dictionary } = data;
    if (dictionary === undefined || data.values instanceof BigInt64Array) return assign(batch, [at], slots, find);
    const { epoch } = this.#arrivals.keys!;
    if (epoch !== this.#epoch) {
      this.#known = new WeakMap();
      this.#epoch = epoch;
    }
    let known = this.#known.get(dictionary);
    if (known === undefined || known.length < dictionary.length) {
      known = new Int32Array(dictionary.length);
      this.#known.set(dictionary, known);
    }
    const nulls = hasNulls(data);
    const values = data.values as Int32Array;
    for (let row = 0; row < slots.length; row++) {
      const code = values[row]!;
      if (nulls && isNull(data, row)) slots[row] = find(null);
      else slots[row] = (known[code] ||= find(joinedKey([dictionary.get(code)])) + 1) - 1;
    }
  }
}

/** Stamps as the column has them: 64-bit integers, in words, so that nanoseconds are subtracted exactly. */
function stampsOf(batch: ArrowBatch, at: number): NonNullable<Coming['stamps']> {
  const data = batch.data.children[at]!;
  if (hasNulls(data)) {
    for (let row = 0; row < batch.numRows; row++) {
      if (isNull(data, row)) throw new SmoothingError('TIME_MISSING', `time must give a stamp, got null in row ${row}`);
    }
  }
  const { buffer, byteOffset } = (data.values ?? new BigInt64Array(0)) as BigInt64Array;
  const words = new Int32Array(buffer, byteOffset, 2 * batch.numRows);
  const unit = data.type.unit!;
  const times = unit < MILLISECOND ? 1000 : 1;
  const per = 1000 ** Math.max(unit - MILLISECOND, 0);
  return {
    high: (row) => words[2 * row + 1]!,
    low: (row) => words[2 * row]! >>> 0,
    toMs: (units) => (units * times) / per,
  };
}

function weightsOf(batch: ArrowBatch, at: number): Float64Array {
  const data = batch.data.children[at]!;
  return doublesOf(data, batch.numRows)
    .slice(0, batch.numRows)
    .map((weight, row) => weightOf(isNull(data, row) ? null : weight));
}
