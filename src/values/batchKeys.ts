import type { Plan } from '../options.js';
import type { Key } from '../types.js';
import type { Arrivals, Coming, Find } from './arrivals.js';
import { hasNulls, isNull, type ArrowBatch, type ArrowData, type ArrowType } from './arrowData.js';
import { joinedKey } from './keys.js';
import { Texts } from './texts.js';

const DICTIONARY = -1; // Type.Dictionary
const INT = 2; // Type.Int
const TEXTS = new Set([5, 20]); // Type.Utf8, LargeUtf8
const KEYS = new Set([INT, ...TEXTS, 6]); // and Bool

/** True if a column of this type can tell keys. */
export const isKey = (type: ArrowType): boolean =>
  KEYS.has(type.typeId === DICTIONARY ? type.dictionary!.typeId : type.typeId);

/** True if a function gives the key of a whole batch: no column tells those of its rows. */
export const hasWholeKeys = ({ by }: Plan): boolean => typeof by?.[0] === 'function';

/** Reads the keys of batches that are whole of one: all rows go to its slot. */
export function wholeReader({ by }: Plan): (batch: ArrowBatch) => Coming['assign'] {
  const [keyOf] = by as unknown as [(batch: ArrowBatch) => unknown];
  return (batch) => {
    const { numRows } = batch;
    const key = numRows > 0 ? joinedKey([keyOf(batch)]) : null;
    return (slots, find) => numRows > 0 && slots.fill(find(key, 0), 0, numRows);
  };
}

/** Slots that have been found, by whatever stands for a key; forgotten when one of the keys is. */
type Known = Map<unknown, number | Known>;

/** Reads the keys of the rows of batches, from columns. */
export function keyReader(arrivals: Arrivals): (batch: ArrowBatch, by: readonly number[]) => Coming['assign'] {
  /** By dictionary, or texts: 1 + slot of each code that has been seen. */
  let seen: WeakMap<object, Int32Array>;
  let known: Known;
  let texts: Texts[];
  let epoch = NaN;
  return (batch, by) => {
    if (epoch !== arrivals.epoch) {
      seen = new WeakMap();
      known = new Map();
      texts = by.map(() => new Texts());
      ({ epoch } = arrivals);
    }
    const columns = by.map((at, i) => keyColumn(batch, at, texts[i]!));
    const [{ codes, book, size, keyAt, isNullAt }] = columns as [KeyColumn];
    if (by.length > 1) return (slots, find) => byValues(columns, known, slots, find, batch.numRows);
    if (book === null) {
      return (slots, find) => {
        for (let row = 0; row < batch.numRows; row++) slots[row] = find(keyAt(row) as Key, row);
      };
    }
    let table = seen.get(book);
    if (table === undefined || table.length < size) {
      const had = table;
      seen.set(book, (table = new Int32Array(size)));
      if (had !== undefined) table.set(had);
    }
    const slotOf = table;
    return (slots, find) => {
      for (let row = 0; row < batch.numRows; row++) {
        if (isNullAt === null) row = lookUp(codes, slotOf, slots, row, batch.numRows);
        if (row === batch.numRows) return;
        const code = codes[row]!;
        if (isNullAt?.(row) === true) slots[row] = find(null, row);
        else if (slotOf[code]! > 0) slots[row] = slotOf[code]! - 1;
        else slotOf[code] = 1 + (slots[row] = find(joinedKey([keyAt(row)]), row));
      }
    };
  };
}

/** A column of keys, by row; where codes stand for its values, what they are codes of. */
interface KeyColumn {
  readonly codes: ArrayLike<number>;
  readonly book: object | null;
  readonly size: number;
  readonly isNullAt: ((row: number) => boolean) | null;
  readonly keyAt: (row: number) => unknown;
}

function keyColumn(batch: ArrowBatch, at: number, texts: Texts): KeyColumn {
  const data = batch.data.children[at]!;
  const { dictionary, values, valueOffsets, type } = data;
  const isNullAt = hasNulls(data) ? (row: number): boolean => isNull(data, row) : null;
  const column = batch.getChildAt(at)!;
  const plain = { codes: [], book: null, size: 0, isNullAt, keyAt: (row: number): unknown => column.get(row) };
  if (dictionary !== undefined) {
    const codes = numbersOf(values);
    // Arrow does not read a dictionary by indices of 64 bits
    const keyAt = (row: number): unknown => (isNullAt?.(row) === true ? null : dictionary.get(codes[row]!));
    return { codes, book: dictionary, size: dictionary.length, isNullAt, keyAt };
  }
  if (batch.numRows > 0 && TEXTS.has(type.typeId)) {
    const codes = texts.numbers(values as Uint8Array, numbersOf(valueOffsets!), batch.numRows);
    return { ...plain, codes, book: texts, size: texts.size };
  }
  if (type.typeId === INT && isNullAt === null) return { ...plain, keyAt: (row) => values[row] };
  return plain;
}

/** Indices or offsets, as numbers. */
function numbersOf(values: ArrowData['values']): ArrayLike<number> {
  return typeof values[0] === 'bigint' ? Float64Array.from(values as BigInt64Array, Number) : (values as Int32Array);
}

/** Slots by the keys' values, a level of the known ones for each; codes stand for values where there are some. */
function byValues(columns: readonly KeyColumn[], known: Known, slots: Int32Array, find: Find, rows: number): void {
  const last = columns.length - 1;
  for (let row = 0; row < rows; row++) {
    let level = known;
    for (let i = 0; i < last; i++) {
      const mark = markOf(columns[i]!, row);
      let next = level.get(mark) as Known | undefined;
      if (next === undefined) level.set(mark, (next = new Map()));
      level = next;
    }
    const mark = markOf(columns[last]!, row);
    let slot = level.get(mark) as number | undefined;
    if (slot === undefined) {
      slot = find(joinedKey(columns.map(({ keyAt }) => keyAt(row))), row);
      level.set(mark, slot);
    }
    slots[row] = slot;
  }
}

/** What stands for a column's key: codes of a text, which are the same in all batches, else the key. */
function markOf({ book, codes, isNullAt, keyAt }: KeyColumn, row: number): unknown {
  if (!(book instanceof Texts)) return keyAt(row);
  return isNullAt?.(row) === true ? null : codes[row];
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
