import {
  Bool,
  type DataType,
  Decimal,
  Field,
  Float16,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  Int8,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableFromArrays,
  tableFromIPC,
  tableToIPC,
  TimestampMillisecond,
  Uint16,
  Uint32,
  Uint64,
  Uint8,
  Utf8,
  type Vector,
  vectorFromArray,
} from 'apache-arrow';
import * as fc from 'fast-check';
import { lastValueFrom, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { SmoothingError } from '../../src/errors.js';
import { toFloat64 } from '../../src/arrow/index.js';

async function convert(batch: RecordBatch, ...names: (string | string[])[]): Promise<RecordBatch> {
  return lastValueFrom(of(batch).pipe(toFloat64(...names)));
}
const batchOf = (columns: Record<string, Vector>) => new Table(columns).batches[0]!;
const rowsOf = (batch: RecordBatch, name: string) => Array.from(batch.getChild(name) ?? [], (x: unknown) => x);
async function codeOf(act: () => Promise<unknown>): Promise<unknown> {
  try {
    return await act();
  } catch (error) {
    return error instanceof SmoothingError ? error.code : error;
  }
}

/** Integers of so many bits: any, and those beside the places where words and doubles end. */
const integers = (width: number) => {
  const any = fc.bigInt({ min: -(2n ** BigInt(width - 1)), max: 2n ** BigInt(width - 1) - 1n });
  const edge = fc
    .constantFrom(31n, 32n, 53n, 63n, 64n, 96n)
    .chain((power) => fc.bigInt({ min: 2n ** power - 2n, max: 2n ** power + 2n }))
    .chain((value) => fc.constantFrom(value, -value))
    .map((value) => BigInt.asIntN(width, value));
  return fc.array(fc.oneof(any, edge));
};

/** Unscaled integers as a decimal column: two's complement words, lowest first. */
function decimalBatch(bitWidth: number, scale: number, ...unscaled: bigint[]): RecordBatch {
  const words = unscaled.flatMap((value) =>
    Array.from({ length: bitWidth / 32 }, (_, k) => Number(BigInt.asUintN(32, value >> BigInt(32 * k)))),
  );
  return new RecordBatch({
    price: makeData({ type: new Decimal(scale, 38, bitWidth), data: Uint32Array.from(words) }),
  });
}

describe('toFloat64 of integers and floats', () => {
  it.each<[DataType, (number | bigint | null)[]]>([
    [new Int8(), [-128, 127, null, 0]],
    [new Int16(), [-32768, 32767, null, 0]],
    [new Int32(), [-(2 ** 31), 2 ** 31 - 1, null, 0]],
    [new Int64(), [-(2n ** 53n), 2n ** 53n, null, -1n]],
    [new Uint8(), [255, null, 0, 1]],
    [new Uint16(), [65535, null, 0, 1]],
    [new Uint32(), [2 ** 32 - 1, null, 0, 1]],
    [new Uint64(), [2n ** 63n, null, 0n, 2n ** 32n]],
    [new Float16(), [65504, -0.5, null, 2 ** -24]],
    [new Float32(), [Math.fround(0.1), NaN, null, -Infinity]],
  ])('gives the values of %s, nulls kept, under Float64', async (type, values) => {
    const out = await convert(batchOf({ x: vectorFromArray(values, type) }), 'x');
    expect(String(out.schema.fields[0]?.type)).toBe('Float64');
    expect(rowsOf(out, 'x')).toEqual(values.map((value) => (value === null ? null : Number(value))));
  });

  it('rounds 64-bit integers beyond 2^53 to the nearest double, ties to even (property)', () => {
    const signed = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    const unsigned = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    return fc.assert(
      fc.asyncProperty(fc.array(signed), fc.array(unsigned), async (longs, unsignedLongs) => {
        for (const array of [BigInt64Array.from(longs), BigUint64Array.from(unsignedLongs)]) {
          const type = array instanceof BigInt64Array ? new Int64() : new Uint64();
          const out = await convert(new RecordBatch({ x: makeData({ type, data: array as BigInt64Array }) }), 'x');
          expect(rowsOf(out, 'x')).toEqual(Array.from<bigint, number>(array, Number));
        }
      }),
    );
  });

  it('passes a batch on as it is when the named columns are Float64 already', async () => {
    const batch = tableFromArrays({ x: Float64Array.of(1, 2), n: Int32Array.of(3, 4) }).batches[0]!;
    expect(await convert(batch, 'x')).toBe(batch);
  });

  it('leaves the rows behind the last one out, which builders and readers leave', async () => {
    const data = makeData({ type: new Int32(), length: 2, data: Int32Array.of(1, 2, 99, 99) });
    expect(rowsOf(await convert(new RecordBatch({ x: data }), 'x'), 'x')).toEqual([1, 2]);
  });
});

describe('toFloat64 of decimals', () => {
  it.each([32, 64, 128, 256])('reads %i bits with their scale, of either sign', async (bitWidth) => {
    const out = await convert(decimalBatch(bitWidth, 2, 12345n, -12345n, 0n, -1n, 10n), 'price');
    expect(rowsOf(out, 'price')).toEqual([123.45, -123.45, 0, -0.01, 0.1]);
  });

  it('reads a negative scale', async () => {
    expect(rowsOf(await convert(decimalBatch(128, -3, 12n, -7n), 'price'), 'price')).toEqual([12000, -7000]);
  });

  it('gives the double that the same digits are in JavaScript, whatever the width and scale (property)', () => {
    const bits = fc.constantFrom(32, 64, 128, 256);
    return fc.assert(
      fc.asyncProperty(
        bits.chain((width) => fc.tuple(fc.constant(width), integers(width))),
        fc.integer({ min: -30, max: 76 }),
        async ([width, unscaled], scale) => {
          const out = await convert(decimalBatch(width, scale, ...unscaled), 'price');
          expect(rowsOf(out, 'price')).toEqual(unscaled.map((value) => Number(`${value}e${-scale}`)));
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('toFloat64 of a batch', () => {
  const values = [1, null, 3, 4, null, 6, 7, null, 9, 10, 11, null];
  const whole = batchOf({
    count: vectorFromArray(values, new Int32()),
    price: new Table([decimalBatch(128, 1, ...values.map((value) => BigInt(value ?? 0) * 10n))]).getChild('price')!,
    name: vectorFromArray(values.map((value) => `row ${value}`)),
    flag: vectorFromArray(
      values.map((value) => value === null),
      new Bool(),
    ),
  });

  it('keeps the values and nulls of every slice, and what it does not name (property)', () =>
    fc.assert(
      fc.asyncProperty(fc.nat(12), fc.nat(12), async (begin, end) => {
        const slice = whole.slice(Math.min(begin, end), Math.max(begin, end));
        const out = await convert(slice, 'count', 'price');
        const rows = values.slice(Math.min(begin, end), Math.max(begin, end));
        expect(rowsOf(out, 'count')).toEqual(rows);
        expect(rowsOf(out, 'price')).toEqual(rows.map((value) => value ?? 0));
        expect(rowsOf(out, 'name')).toEqual(rows.map((value) => `row ${value}`));
        expect(rowsOf(out, 'flag')).toEqual(rows.map((value) => value === null));
        expect(out.getChild('count')?.nullCount ?? 0).toBe(rows.filter((value) => value === null).length);
      }),
    ));

  it('gives batches that survive IPC and being sliced again', async () => {
    const out = await convert(whole.slice(1, 11), 'count');
    const back = tableFromIPC(tableToIPC(new Table([out]))).batches[0]!;
    expect(rowsOf(back, 'count')).toEqual(values.slice(1, 11));
    expect(rowsOf(out.slice(3, 8), 'count')).toEqual(values.slice(4, 9));
  });

  it('keeps nullability, and the metadata of fields, schema and batch', async () => {
    const schema = new Schema(
      [new Field('n', new Int32(), false, new Map([['unit', 'm']])), new Field('s', new Utf8(), true)],
      new Map([['source', 'buoy']]),
    );
    const children = [
      makeData({ type: new Int32(), data: Int32Array.of(5) }),
      vectorFromArray(['x'], new Utf8()).data[0]!,
    ];
    const data = makeData({ type: new Struct(schema.fields), length: 1, nullCount: 0, children });
    const out = await convert(new RecordBatch(schema, data, new Map([['epoch', '4']])), 'n');
    expect(out.schema.fields[0]).toMatchObject({ name: 'n', nullable: false });
    expect(out.schema.fields[0]?.metadata.get('unit')).toBe('m');
    expect(out.schema.fields[1]).toStrictEqual(schema.fields[1]);
    expect(out.schema.metadata.get('source')).toBe('buoy');
    expect(out.metadata.get('epoch')).toBe('4');
    expect(out.data.children[1]).toBe(children[1]);
  });

  it('takes several names, one by one or in a list', async () => {
    for (const names of [['count', 'price'], [['count', 'price']]] as (string | string[])[][]) {
      const out = await convert(whole, ...names);
      expect(out.schema.fields.map((field) => String(field.type)).slice(0, 2)).toEqual(['Float64', 'Float64']);
    }
  });

  it('converts a batch of no rows, that of an empty Table too', async () => {
    const none = whole.slice(4, 4);
    const empty = new Table({ count: vectorFromArray([], new Int32()) }).batches[0]!;
    for (const batch of [none, empty]) {
      const out = await convert(batch, 'count');
      expect(out.numRows).toBe(0);
      expect(String(out.schema.fields[0]?.type)).toBe('Float64');
    }
  });

  it('does not change the batch it was given', async () => {
    await convert(whole, 'count');
    expect(String(whole.schema.fields[0]?.type)).toBe('Int32');
    expect(rowsOf(whole, 'count')).toEqual(values);
  });
});

describe('toFloat64 refuses', () => {
  const batch = batchOf({
    n: vectorFromArray([1], new Int32()),
    name: vectorFromArray(['a']),
    text: vectorFromArray(['a'], new Utf8()),
    flag: vectorFromArray([true], new Bool()),
    at: vectorFromArray([new Date(0)], new TimestampMillisecond()),
  });

  it('a name that the batch does not have, and says which it has', async () => {
    expect(await codeOf(() => convert(batch, 'N'))).toBe('COLUMN_MISSING');
    await expect(convert(batch, 'N')).rejects.toThrow("(n, name, text, flag, at), got 'N'");
  });

  it.each(['name', 'text', 'flag', 'at'])('the column %s, which is no number', async (name) => {
    expect(await codeOf(() => convert(batch, name))).toBe('COLUMN_TYPE');
  });

  it('what is not a RecordBatch', async () => {
    expect(await codeOf(() => convert(new Table([batch]) as unknown as RecordBatch, 'n'))).toBe('VALUE_KIND');
    expect(await codeOf(() => convert(3 as unknown as RecordBatch, 'n'))).toBe('VALUE_KIND');
  });

  it.each([[[]], [[[]]], [[3]], [['n', null]]])(
    'no names, or others than strings, when the pipe is built: %j',
    (names) => {
      let code: unknown;
      try {
        toFloat64(...(names as string[]));
      } catch (error) {
        code = (error as SmoothingError).code;
      }
      expect(code).toBe('OPTION_VALUE');
    },
  );
});

it('toFloat64 names Float64 for the type of what comes out', async () => {
  const out = await convert(tableFromArrays({ n: Int32Array.of(1) }).batches[0]!, 'n');
  expect(out.getChild('n')?.type).toBeInstanceOf(Float64);
});
