import {
  Bool,
  Dictionary,
  Field,
  Float16,
  Float32,
  Float64,
  Int32,
  makeData,
  RecordBatch,
  RecordBatchReader,
  Schema,
  Struct,
  Table,
  tableFromIPC,
  tableToIPC,
  Utf8,
  vectorFromArray,
  type Data,
} from 'apache-arrow';
import * as fc from 'fast-check';
import { biasCorrected, Ema, emaScan, type EmaOptions } from 'rx-ema';
import { from, lastValueFrom, of, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { holds } from '../holds.js';
import { refusal, refusalOf } from '../refusal.js';

type Cell = number | null;

/** A float64 column; under a null lies `junk`. */
function float64(cells: readonly Cell[], junk = 1e9): Data<Float64> {
  const bits = new Uint8Array(Math.ceil(cells.length / 8));
  cells.forEach((cell, i) => {
    if (cell !== null) bits[i >> 3]! |= 1 << (i & 7);
  });
  const nullCount = cells.filter((cell) => cell === null).length;
  const data = Float64Array.from(cells, (cell) => cell ?? junk);
  return makeData({
    type: new Float64(),
    length: cells.length,
    data,
    nullCount,
    nullBitmap: nullCount > 0 ? bits : null,
  });
}

interface Column {
  readonly data: Data;
  readonly nullable?: boolean;
  readonly metadata?: Map<string, string>;
}

function batchOf(columns: Readonly<Record<string, Column>>, metadata = new Map<string, string>()): RecordBatch {
  const fields = Object.entries(columns).map(
    ([name, { data, nullable = true, metadata: own }]) => new Field(name, data.type, nullable, own ?? null),
  );
  const children = Object.values(columns).map(({ data }) => data);
  const length = children[0]!.length;
  const schema = new Schema(fields, metadata);
  return new RecordBatch(schema, makeData({ type: new Struct(fields), length, nullCount: 0, children }));
}

const column = (batch: RecordBatch, name: string): Cell[] => Array.from(batch.getChild(name)!, (cell) => cell as Cell);
const price = (cells: readonly Cell[]): RecordBatch => batchOf({ price: { data: float64(cells) } });

const text = ({ schema }: RecordBatch): string => schema.fields.map((f) => `${String(f)} ${f.nullable}`).join();

/** Applied to one batch. */
const smoothed = (batch: RecordBatch, options: EmaOptions<RecordBatch> = { decay: 0.5 }): RecordBatch =>
  new Ema<RecordBatch>(options).update(batch);

describe('a column', () => {
  const cells = fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }) },
      { weight: 1, arbitrary: fc.constantFrom<Cell>(null, NaN, Infinity, -Infinity) },
    ),
    { minLength: 1, maxLength: 60 },
  );
  const options = fc.record({
    alpha: fc.constantFrom(0.1, 0.9, 1 / 3, 1, ({ step }: { step: number }) => 1 / step),
    missing: fc.constantFrom('skip' as const, 'carry' as const, 'propagate' as const),
    ages: fc.boolean(),
    start: fc.constantFrom('zero' as const, 'first' as const),
  });
  const readout = fc.constantFrom('raw' as const, 'corrected' as const);
  const cuts = fc.array(fc.nat(40), { maxLength: 6 });

  /** Cut into batches at these rows; equal cuts give batches of no rows. */
  function cut(rows: readonly Cell[], at: readonly number[]): Cell[][] {
    const ends = [...at.map((row) => Math.min(row, rows.length)), rows.length].sort((a, b) => a - b);
    return ends.map((end, i) => rows.slice(ends[i - 1] ?? 0, end));
  }

  const expected = (rows: readonly Cell[], plan: object, as: 'raw' | 'corrected'): unknown[] => {
    const ema = new Ema(plan as EmaOptions<number>);
    return rows.map((cell) => ema.update(cell as number, as));
  };

  /** Missing and infinite alike, and within 8 eps of the largest input. */
  function expectClose(got: readonly unknown[], want: readonly unknown[], rows: readonly Cell[]): void {
    const tolerance = 8 * Number.EPSILON * Math.max(...rows.filter(Number.isFinite).map((cell) => Math.abs(cell!)), 0);
    const close = got.map((one, i) => {
      const exact = want[i];
      return Number.isFinite(exact) && Math.abs(Number(one) - Number(exact)) <= tolerance ? exact : one;
    });
    expect(close).toEqual(want);
  }

  it('equals the number stream of its rows within 8 eps, however it is cut into batches', () => {
    holds(
      fc.property(cells, options, readout, cuts, (rows, plan, as, at) => {
        const ema = new Ema<RecordBatch>(plan);
        const got = cut(rows, at).flatMap((part) => column(ema.update(price(part), as), 'price'));
        expectClose(got, expected(rows, plan, as), rows);
        expect(ema.seen).toBe(at.length + 1);
      }),
      500,
    );
  });

  it('equals the number stream of its rows when its batches are slices at any offset', () => {
    holds(
      fc.property(cells, options, readout, cuts, fc.integer({ min: 1, max: 20 }), (rows, plan, as, at, before) => {
        const whole = price([...Array.from({ length: before }, (_, i) => (i % 3 === 0 ? null : i)), ...rows, null, 5]);
        const ema = new Ema<RecordBatch>(plan);
        let row = before;
        const got = cut(rows, at).flatMap((part) => {
          const slice = whole.slice(row, (row += part.length));
          return column(ema.update(slice, as), 'price');
        });
        expectClose(got, expected(rows, plan, as), rows);
      }),
      500,
    );
  });

  it.each([
    ['float32', new Float32(), Float32Array.of(0.1, 0.2, 0.7)],
    ['float16', new Float16(), Uint16Array.of(0x3c00, 0x4200, 0xc000)],
  ])('of %s is averaged in doubles and rounded once when it comes out', (_, type, data) => {
    const batch = batchOf({ x: { data: makeData({ type, length: 3, data } as never) } });
    const rows = column(batch, 'x') as number[];
    const want = expected(rows, { alpha: 0.3 }, 'raw') as number[];
    const ulp = type instanceof Float32 ? 2 ** -24 : 2 ** -11;
    column(new Ema<RecordBatch>({ alpha: 0.3 }).update(batch, 'raw'), 'x').forEach((got, i) => {
      expect(Math.abs(got! - want[i]!)).toBeLessThanOrEqual(ulp * Math.abs(want[i]!));
    });
  });
});

it.each([1, 10, 1e3, 1e6])('a constant column of %d rows comes out exactly, holes aside', (length) => {
  const rows = Array.from({ length }, (_, row): Cell => (row % 7 === 3 ? null : 0.1));
  for (const rate of [{ decay: 0.999999 }, { alpha: 1 / 3 }, { alpha: ({ step }: { step: number }) => 1 / step }]) {
    const out = smoothed(price(rows), rate).data.children[0] as Data<Float64>;
    const wrong = rows.filter((cell, row) => (cell === null ? out.getValid(row) : out.values[row] !== cell));
    expect(wrong).toEqual([]);
  }
});

describe('the batch that comes out', () => {
  const words = vectorFromArray(['a', 'b', 'a'], new Dictionary(new Utf8(), new Int32())).data[0]!;
  const flags = vectorFromArray([true, null, false], new Bool()).data[0]!;
  const count = vectorFromArray([1, 2, 3], new Int32()).data[0]!;
  const own = new Map([['unit', 'EUR']]);
  const batch = batchOf(
    {
      symbol: { data: words },
      price: { data: float64([4, null, 4]), metadata: own },
      flag: { data: flags },
      count: { data: count, nullable: false },
      fixed: { data: float64([1, 2, 3]), nullable: false },
    },
    new Map([['source', 'exchange 7']]),
  );

  it('is a RecordBatch of Arrow’s own, which writes and reads back', () => {
    const out = smoothed(batch);
    expect(out).toBeInstanceOf(RecordBatch);
    const back = tableFromIPC(tableToIPC(new Table([out])));
    expect(back.toArray().map(String)).toEqual(new Table([out]).toArray().map(String));
    expect(back.schema.metadata.get('source')).toBe('exchange 7');
  });

  it('has the other columns as they are, the same memory, dictionaries too', () => {
    const out = smoothed(batch);
    for (const i of [0, 2, 3]) expect(out.data.children[i]).toBe(batch.data.children[i]);
    expect(column(out, 'symbol')).toEqual(['a', 'b', 'a']);
  });

  it('keeps the metadata of the schema, of the fields and of the batch', () => {
    const schema = new Schema(batch.schema.fields, batch.schema.metadata);
    const tagged = new RecordBatch(schema, batch.data, new Map([['chunk', '3']]));
    const out = smoothed(tagged);
    expect([...out.schema.metadata]).toEqual([['source', 'exchange 7']]);
    expect([...out.schema.fields[1]!.metadata]).toEqual([['unit', 'EUR']]);
    expect([...out.metadata]).toEqual([['chunk', '3']]);
  });

  it('keeps the type of each smoothed column and is nullable where the input is', () => {
    const { fields } = smoothed(batch).schema;
    expect(fields.map(String)).toEqual(batch.schema.fields.map(String));
    expect(fields.map((field) => field.nullable)).toEqual([true, true, true, false, false]);
  });

  it('is nullable where { sma } has nothing to say yet, which comes out null', () => {
    const out = smoothed(batch, { decay: 0.5, start: { sma: 3 } });
    expect(out.schema.fields.map((field) => field.nullable)).toEqual([true, true, true, false, true]);
    expect(column(out, 'fixed')).toEqual([null, null, 2]);
    expect(smoothed(batch, { decay: 0.5, start: { sma: 1 } }).schema.fields[4]!.nullable).toBe(false);
  });

  it('has no nulls where nothing was missing, and keeps those that came in', () => {
    const out = smoothed(batch);
    expect(out.getChild('fixed')!.nullCount).toBe(0);
    expect(column(out, 'price')).toEqual([4, null, 4]);
  });

  it('is new: neither the input nor an earlier output changes', () => {
    const ema = new Ema<RecordBatch>({ decay: 0.5 });
    const input = price([1, null, 3]);
    const first = ema.update(input);
    const before = column(first, 'price');
    ema.update(price([100, 200, 300]));
    expect(column(first, 'price')).toEqual(before);
    expect(column(input, 'price')).toEqual([1, null, 3]);
  });

  it('smooths the columns asked for and leaves other floating ones alone', () => {
    const out = smoothed(batch, { decay: 0.5, columns: ['fixed'] });
    expect(out.data.children[1]).toBe(batch.data.children[1]);
    expect(column(out, 'fixed')).not.toEqual([1, 2, 3]);
  });

  it('appends under new names with `as`, and leaves the input columns alone', () => {
    const out = smoothed(batch, { decay: 0.5, as: (name) => `${name}_ema` });
    expect(out.schema.fields.map(({ name, nullable }) => [name, nullable])).toEqual([
      ...batch.schema.fields.map(({ name, nullable }) => [name, nullable]),
      ['price_ema', true],
      ['fixed_ema', false],
    ]);
    expect([...out.schema.fields[5]!.metadata]).toEqual([['unit', 'EUR']]);
    batch.data.children.forEach((child, i) => expect(out.data.children[i]).toBe(child));
    expect(column(out, 'price_ema')).toEqual([4, null, 4]);
  });
});

describe('the output schema', () => {
  const all: EmaOptions<RecordBatch>[] = [
    { decay: 0.5 },
    { decay: 0.5, start: { sma: 2 } },
    { decay: 0.5, as: (name) => `${name}2` },
  ];

  it.each(all)('follows from the input schema and the options alone, never from data: %o', (options) => {
    const ema = new Ema<RecordBatch>(options);
    const full = text(ema.update(price([1, null, NaN])));
    expect(text(ema.update(price([])))).toBe(full);
    expect(text(ema.update(price([1, 2, 3])))).toBe(full);
    expect(text(smoothed(price([]), options))).toBe(full);
    expect(text(smoothed(price([null]), options))).toBe(full);
  });

  it('of a stream of two schema objects alike is alike, and the average goes on', () => {
    const ema = new Ema<RecordBatch>({ decay: 0.5 });
    ema.update(price([2]));
    const read = tableFromIPC(tableToIPC(new Table([price([4])]))).batches[0]!;
    expect(column(ema.update(read, 'raw'), 'price')).toEqual([2.5]);
  });
});

describe('batches of no rows', () => {
  it('come out with the output schema and change nothing', () => {
    const ema = new Ema<RecordBatch>({ decay: 0.5 });
    expect(ema.update(price([])).numRows).toBe(0);
    ema.update(price([2]));
    expect(ema.update(price([])).numRows).toBe(0);
    expect([ema.step, ema.seen]).toEqual([1, 3]);
    expect(column(ema.update(price([4]), 'raw'), 'price')).toEqual([2.5]);
  });

  it.each([new Float64(), new Float32(), new Float16()])('that an empty Table has (%s) come out too', (type) => {
    const schema = new Schema([new Field('price', type, true), new Field('symbol', new Utf8())]);
    for (const empty of [new Table(schema).batches[0], tableFromIPC(tableToIPC(new Table(schema))).batches[0]]) {
      if (empty === undefined) continue;
      const out = smoothed(empty, { decay: 0.5, as: (name) => `${name}_ema` });
      expect([out.numRows, out.schema.fields.map(({ name }) => name)]).toEqual([0, ['price', 'symbol', 'price_ema']]);
      expect(out.getChild('price_ema')!.length).toBe(0);
    }
  });

  it('of a stream without any batch come out', async () => {
    const bytes = tableToIPC(new Table(price([]).schema), 'stream');
    const batches = [...RecordBatchReader.from(bytes)];
    const out = await lastValueFrom(from(batches).pipe(emaScan({ decay: 0.5 }), toArray()));
    expect(out.map((batch) => batch.numRows)).toEqual(batches.map((batch) => batch.numRows));
  });
});

describe('what a batch is refused for', () => {
  const ints = batchOf({ count: { data: vectorFromArray([1], new Int32()).data[0]! }, price: { data: float64([1]) } });

  it.each([
    ['a column it lacks', { columns: ['cost'] }, 'COLUMN_MISSING', /cost/],
    ['a column of integers', { columns: ['count'] }, 'COLUMN_TYPE', /toFloat64\('count'\)/],
    ['a name that another column has', { as: () => 'count' }, 'COLUMN_COLLISION', /'count'/],
    ['its own name', { as: () => 'price' }, 'COLUMN_COLLISION', /'price'/],
    ['a name that is none', { as: () => 3 }, 'COLUMN_COLLISION', /3/],
    ['a start of another kind', { start: { value: 3 } }, 'OPTION_VALUE', /start\.value\.price must/],
    ['a start that is null', { start: { value: price([null]) } }, 'OPTION_VALUE', /price/],
    ['a start of two rows', { start: { value: price([1, 2]) } }, 'OPTION_VALUE', /start\.value\.price must/],
  ])('%s', (_, options, code, message) => {
    const refused = refusal(() => smoothed(ints, { decay: 0.5, ...(options as object) }));
    expect(refused).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it.each<EmaOptions<unknown>>([{ decay: 0.5 }, { decay: 0.5, columns: ['price'] as never }])(
    'a Table: it says what to pass instead (%o)',
    async (options) => {
      const table = new Table([price([1])]);
      const { code, message } = await refusalOf(of<unknown>(table).pipe(emaScan(options)));
      expect(code).toBe('VALUE_KIND');
      expect(message).toContain('batches');
    },
  );

  it('a column that changed its type names both', () => {
    const ema = new Ema<RecordBatch>({ decay: 0.5 });
    ema.update(price([1]));
    const narrow = batchOf({ price: { data: makeData({ type: new Float32(), length: 1, data: Float32Array.of(1) }) } });
    const { code, message } = refusal(() => ema.update(narrow));
    expect(code).toBe('SCHEMA_CHANGED');
    expect(message).toContain('price: Float64');
    expect(message).toContain('price: Float32');
  });

  it('a missing row in the middle takes back the rows before it', () => {
    const ema = new Ema<RecordBatch>({ decay: 0.5, missing: 'throw' });
    ema.update(price([2]));
    const before = ema.snapshot();
    expect(refusal(() => ema.update(price([4, 6, null]))).code).toBe('MISSING_VALUE');
    expect(ema.snapshot()).toEqual(before);
  });
});

const rows = (out: RecordBatch[]): Cell[] => out.flatMap((batch) => column(batch, 'price_ema'));

it('a stream through the operators has raw and corrected columns side by side', async () => {
  const batches = [price([4, 4]), price([4])];
  const options = { decay: 0.5, as: (name: string) => `${name}_ema` };
  expect(rows(await lastValueFrom(from(batches).pipe(emaScan(options), toArray())))).toEqual([2, 3, 3.5]);
  expect(rows(await lastValueFrom(from(batches).pipe(emaScan(options), biasCorrected(), toArray())))).toEqual([
    4, 4, 4,
  ]);
});
