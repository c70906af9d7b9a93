import {
  Dictionary,
  Field,
  Float16,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  Int8,
  LargeUtf8,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  Uint16,
  Uint32,
  Uint64,
  Uint8,
  Utf8,
  vectorFromArray,
  type Data,
  type DataType,
  type Vector,
} from 'apache-arrow';
import { fromHalf, toHalf } from '../../src/values/half.js';

/** A number, or an Arrow null. */
export type Cell = number | null;

/** Rows to be sent as records, or as batches cut in any way: a list for each field. */
export interface Columns {
  readonly x: readonly Cell[];
  readonly y: readonly Cell[];
  /** Whole ms; null is a missing stamp. */
  readonly at: readonly (number | null)[];
  readonly key: readonly (string | null)[];
  readonly n: readonly Cell[];
}

/** Random numbers in [0, 1) from a seed. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

// ---- what rows may look like ----------------------------------------------------------------------------------------

type Draw = (random: () => number, row: number) => number;

const wide: Draw = (random) => (random() - 0.5) * 10 ** Math.floor(random() * 600 - 300);

/** Values, each family of a size of its own. */
export const VALUES = {
  noise: (random) => random() - 0.5,
  'far from zero': (random) => 1e9 + random(),
  constant: () => 0.1,
  'a step now and then': (_, row) => (row % 50 < 25 ? 3 : -7.3),
  'of every size': wide,
  'too far apart to subtract': (random) => (random() < 0.5 ? -1.7e308 : 1.6e308),
  subnormal: (random) => (random() - 0.5) * 2 ** -1060,
} as const satisfies Record<string, Draw>;

type Miss = (random: () => number, row: number, rows: number) => boolean;

/** Where rows are missing: also at the edges of blocks of eight, and of pieces of 4096. */
export const HOLES = {
  none: () => false,
  some: (random) => random() < 0.1,
  many: (random) => random() < 0.8,
  'long gaps': (_, row) => row % 90 > 40,
  'at the edges of blocks': (_, row) => row % 8 === 7 || row % 16 === 0,
  'behind every whole block': (_, row) => row % 16 < 3,
  'at the edges of pieces': (_, row) => row % 4096 < 3 || row % 4096 > 4093,
  'before the first': (_, row, rows) => row < rows / 3,
  'after the last': (_, row, rows) => row > rows / 3,
  all: () => true,
} as const satisfies Record<string, Miss>;

/** What is missing is missing as. */
export const GAPS = { nulls: [null], 'not finite': [NaN, Infinity, -Infinity], both: [null, NaN, Infinity] } as const;

const STEPS_MS = {
  even: () => 1000,
  irregular: (random) => Math.floor(random() * 3000),
  'equal now and then': (random) => (random() < 0.4 ? 0 : 700),
  'bursts and pauses': (random) => (random() < 0.05 ? 1e7 : random() < 0.02 ? 1e9 : 1),
} as const satisfies Record<string, Draw>;

/** What rows are made of. */
export interface Made {
  readonly seed: number;
  readonly rows: number;
  readonly values: keyof typeof VALUES;
  readonly holes: keyof typeof HOLES;
  readonly gaps: keyof typeof GAPS;
  readonly steps: keyof typeof STEPS_MS;
  readonly keys: number;
  /** Rows in a row that have the same key. */
  readonly run: number;
  /** One in so many stamps is before the one before it; 0: none. */
  readonly late: number;
}

export const STEPS: readonly (keyof typeof STEPS_MS)[] = Object.keys(STEPS_MS) as (keyof typeof STEPS_MS)[];
const BEGUN = Date.UTC(2026, 10, 24);

/** The rows, in numbers that a type of float holds. */
export function columnsOf(
  { seed, rows, values, holes, gaps, steps, keys, run, late }: Made,
  float: FloatName,
): Columns {
  const random = randomFrom(seed);
  const { largest, round } = FLOATS[float];
  const draw: Draw = VALUES[values];
  const misses: Miss = HOLES[holes];
  const wait: Draw = STEPS_MS[steps];
  const held = (x: number): number => (Number.isFinite(x) ? round(Math.max(-largest, Math.min(largest, x))) : x);
  const column = (): Cell[] =>
    Array.from({ length: rows }, (_, row) => {
      const value = held(draw(random, row));
      if (!misses(random, row, rows)) return value;
      return GAPS[gaps][Math.floor(random() * GAPS[gaps].length)]!;
    });
  const x = column();
  const y = x.map((cell) => {
    if (cell === null || random() < 0.05) return null;
    return held(values === 'constant' ? cell : cell * 0.5 + draw(random, 1) * 0.5);
  });
  let now = BEGUN;
  const at = x.map((_, row) => {
    now += wait(random, row);
    return late > 0 && row % late === late - 1 ? now - Math.floor(random() * 5000) : now;
  });
  let key: string | null = null;
  const key_ = x.map((_, row) => {
    if (row % run === 0) {
      const drawn = Math.floor(random() * (keys + 0.2));
      key = drawn === keys ? null : `k${drawn}`;
    }
    return key;
  });
  const weights = [0, 1, 2.5, 1e-3, 1e6, 1, 1];
  const n = x.map(() => (random() < 0.05 ? null : weights[Math.floor(random() * weights.length)]!));
  return { x, y, at, key: key_, n };
}

// ---- as records -----------------------------------------------------------------------------------------------------

export interface Row {
  readonly x: Cell;
  readonly y: Cell;
  readonly at: number | null;
  readonly key: string | null;
  readonly n: Cell;
}

export const recordsOf = ({ x, y, at, key, n }: Columns): Row[] =>
  x.map((_, i) => ({ x: x[i]!, y: y[i]!, at: at[i]!, key: key[i]!, n: n[i]! }));

/** The inverse of `recordsOf`. */
export const columnsFrom = (rows: readonly Row[]): Columns => ({
  x: rows.map(({ x }) => x),
  y: rows.map(({ y }) => y),
  at: rows.map(({ at }) => at),
  key: rows.map(({ key }) => key),
  n: rows.map(({ n }) => n),
});

// ---- as batches -----------------------------------------------------------------------------------------------------

/** Arrow's floats: the largest of each, the spacing at 1, that at 0, and the nearest number that it holds. */
export const FLOATS = {
  Float64: {
    type: new Float64(),
    largest: Number.MAX_VALUE,
    eps: 2 ** -52,
    least: 2 ** -1074,
    round: (x: number) => x,
  },
  Float32: { type: new Float32(), largest: 2 ** 128 - 2 ** 104, eps: 2 ** -23, least: 2 ** -149, round: Math.fround },
  Float16: {
    type: new Float16(),
    largest: 65504,
    eps: 2 ** -10,
    least: 2 ** -24,
    round: (x: number) => fromHalf(toHalf(x)),
  },
} as const;
export type FloatName = keyof typeof FLOATS;

const INDICES = {
  Int8: [new Int8(), Int8Array],
  Int16: [new Int16(), Int16Array],
  Int32: [new Int32(), Int32Array],
  Int64: [new Int64(), BigInt64Array],
  Uint8: [new Uint8(), Uint8Array],
  Uint16: [new Uint16(), Uint16Array],
  Uint32: [new Uint32(), Uint32Array],
  Uint64: [new Uint64(), BigUint64Array],
} as const;

/** How keys come: plain, or by dictionaries of an index type that change from batch to batch or not. */
export const KEY_FORMS: readonly string[] = [
  'Utf8',
  'LargeUtf8',
  'numbers',
  'bigints',
  ...Object.keys(INDICES).flatMap((index) =>
    ['one for all', 'another each time', 'growing'].map((how) => `${index}, ${how}`),
  ),
];

/** How rows become batches. */
export interface Shape {
  readonly float: FloatName;
  /** One of `KEY_FORMS`. */
  readonly keys: string;
  /** Rows of junk before and behind each batch, which is a slice without them. */
  readonly before: number;
  readonly behind: number;
  readonly stamp: 'ms' | 'us' | 'ns';
  /** A bitmap of validity even where all is valid. */
  readonly bitmap: boolean;
}

const STAMPS = {
  ms: [new TimestampMillisecond(), 1n],
  us: [new TimestampMicrosecond('UTC'), 1000n],
  ns: [new TimestampNanosecond(), 1_000_000n],
} as const;

/** The validity of cells, or none. */
function validity(there: readonly boolean[], always: boolean): { nullBitmap: Uint8Array | null; nullCount: number } {
  const nullCount = there.reduce((count, is) => count + (is ? 0 : 1), 0);
  if (nullCount === 0 && !always) return { nullBitmap: null, nullCount };
  const nullBitmap = new Uint8Array((((there.length + 63) >> 6) << 3) + 8).fill(255);
  there.forEach((is, i) => {
    if (!is) nullBitmap[i >> 3]! &= ~(1 << (i & 7));
  });
  return { nullBitmap, nullCount };
}

function floatsOf(cells: readonly Cell[], type: Float64 | Float32 | Float16, always: boolean): Data {
  const under = (cell: Cell, i: number): number => cell ?? [7, NaN, 1e30][i % 3]!; // under a null lies anything
  const data =
    type instanceof Float64
      ? Float64Array.from(cells, under)
      : type instanceof Float32
        ? Float32Array.from(cells, under)
        : Uint16Array.from(cells, (cell, i) => toHalf(under(cell, i)));
  const length = cells.length;
  return makeData({
    type,
    length,
    data,
    ...validity(
      cells.map((cell) => cell !== null),
      always,
    ),
  } as never) as Data;
}

const numberOf = (key: string | null): number | null => (key === null ? null : Number(key.slice(1)));

/** Makes the key columns of one stream: dictionaries that are shared or grow are the same from call to call. */
function keyColumn(form: string, all: Columns): { type: DataType; of: (keys: readonly (string | null)[]) => Data } {
  if (form === 'numbers') {
    const type = new Int32();
    return { type, of: (keys) => plain(keys.map(numberOf), type) };
  }
  if (form === 'bigints') {
    const type = new Int64();
    return {
      type,
      of: (keys) =>
        plain(
          keys.map((key) => key && BigInt(key.slice(1)) * -(2n ** 40n)),
          type,
        ),
    };
  }
  if (form === 'Utf8' || form === 'LargeUtf8') {
    const type = form === 'Utf8' ? new Utf8() : new LargeUtf8();
    return { type, of: (keys) => plain(keys, type) };
  }
  const [index, how] = form.split(', ') as [keyof typeof INDICES, string];
  const [indices, List] = INDICES[index];
  const type = new Dictionary(new Utf8(), indices as Int32);
  const known = new Map<string, number>();
  const everything = [...new Set([...all.key, 'k99'])].filter((key) => key !== null);
  let vector: Vector | null = null;
  let batch = 0;
  const of = (keys: readonly (string | null)[]): Data => {
    batch++;
    if (how === 'another each time') known.clear();
    const had = known.size;
    // some that no row has, in an order that changes
    const wanted = how === 'one for all' ? [...everything, 'k-1'] : batch % 2 === 0 ? [...keys].reverse() : keys;
    for (const key of wanted) if (key !== null && !known.has(key)) known.set(key, known.size);
    if (vector === null || known.size > had || how === 'another each time') {
      vector = vectorFromArray(known.size === 0 ? ['nobody'] : [...known.keys()], new Utf8());
    }
    const codes = keys.map((key) => (key === null ? 0 : known.get(key)!));
    const data = index.endsWith('64')
      ? (List as typeof BigInt64Array).from(codes, BigInt)
      : (List as typeof Int32Array).from(codes);
    return makeData({
      type,
      length: keys.length,
      data,
      dictionary: vector,
      ...validity(
        keys.map((key) => key !== null),
        false,
      ),
    } as never) as Data;
  };
  return { type, of };
}

/** No rows make a column of no rows, which `vectorFromArray` has no chunk for. */
const plain = (values: readonly unknown[], type: DataType): Data =>
  vectorFromArray([...values], type).data[0] ?? (makeData({ type } as never) as Data);

/** The rows as batches that end at these rows; equal cuts make batches of no rows. */
export function batchesOf(columns: Columns, cuts: readonly number[], shape: Shape): RecordBatch[] {
  const rows = columns.x.length;
  const ends = [...cuts.map((at) => Math.min(at, rows)), rows].sort((a, b) => a - b);
  const { before, behind, bitmap } = shape;
  const { type: float } = FLOATS[shape.float];
  const [stamp, unit] = STAMPS[shape.stamp];
  const keys = keyColumn(shape.keys, columns);
  const schema = new Schema([
    new Field('x', float, true),
    new Field('y', float, true),
    new Field('at', stamp, true),
    new Field('key', keys.type, true),
    new Field('n', FLOATS.Float64.type, true),
  ]);
  return ends.map((to, i) => {
    const from = ends[i - 1] ?? 0;
    const length = before + (to - from) + behind;
    /** Junk that must not be read: no stamps, weights below zero, a key of its own. */
    const padded = <C>(cells: readonly C[], junk: C): C[] => [
      ...Array<C>(before).fill(junk),
      ...cells.slice(from, to),
      ...Array<C>(behind).fill(junk),
    ];
    const at = padded<number | null>(columns.at, null);
    const children = [
      floatsOf(padded(columns.x, i % 2 === 0 ? null : 1e30), float, bitmap),
      floatsOf(padded(columns.y, i % 2 === 0 ? null : 1e30), float, bitmap),
      makeData({
        type: stamp,
        length,
        data: BigInt64Array.from(at, (ms) => BigInt(ms ?? -1) * unit),
        ...validity(
          at.map((ms) => ms !== null),
          false,
        ),
      } as never) as Data,
      keys.of(padded<string | null>(columns.key, 'k99')),
      floatsOf(padded<Cell>(columns.n, -1), FLOATS.Float64.type, bitmap),
    ];
    const data = makeData({ type: new Struct(schema.fields), length, nullCount: 0, children });
    const batch = new RecordBatch(schema, data);
    return length > to - from ? batch.slice(before, before + to - from) : batch;
  });
}

/** A column of what came out. */
export function cellsOf(batches: readonly RecordBatch[], name: string): Cell[] {
  return batches.flatMap((batch) => {
    const column = batch.getChild(name)!;
    return Array.from({ length: batch.numRows }, (_, row) => column.get(row) as Cell);
  });
}
