import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  Bool,
  DateDay,
  DateMillisecond,
  Dictionary,
  Field,
  Float16,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  List,
  makeVector,
  RecordBatch,
  Schema,
  Struct,
  Table,
  TimestampMicrosecond,
  TimestampNanosecond,
  TimestampSecond,
  Uint32,
  Uint64,
  Uint8,
  Utf8,
  makeData,
  vectorFromArray,
  type DataType,
  type Vector,
} from 'apache-arrow';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { from, lastValueFrom, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { writeParquet } from '../../../src/apps/tables/writeParquet.js';
import { refusalOf } from '../../refusal.js';
import { emptyFolder } from '../../support/emptyFolder.js';

const rowsOf = async (path: string) => parquetReadObjects({ file: await asyncBufferFromFile(path) });
const written = (path: string, batches: readonly RecordBatch[]) =>
  lastValueFrom(from(batches).pipe(writeParquet(path)));

/** One batch of these columns, nullable. */
const batchOf = (columns: Readonly<Record<string, Vector>>): RecordBatch => new Table(columns).batches[0]!;

describe('writeParquet', () => {
  it.each<[string, DataType, readonly unknown[]]>([
    ['Float64', new Float64(), [0.1, null, NaN, -0, Infinity]],
    ['Float32', new Float32(), [0.5, null, NaN, -0, -Infinity]],
    ['Float16', new Float16(), [0.5, null, -2, 65504]],
    ['Int16', new Int16(), [-32768, null, 32767]],
    ['Int32', new Int32(), [-(2 ** 31), null, 2 ** 31 - 1]],
    ['Int64', new Int64(), [-(2n ** 63n), null, 2n ** 63n - 1n]],
    ['Uint8', new Uint8(), [0, null, 255]],
    ['Uint32', new Uint32(), [0, null, 2 ** 32 - 1]],
    ['Uint32 without a null', new Uint32(), [0, 2 ** 31, 2 ** 32 - 1]],
    ['Uint64 without a null', new Uint64(), [0n, 2n ** 63n, 2n ** 64n - 1n]],
    ['Uint64', new Uint64(), [0n, null, 2n ** 64n - 1n]],
    ['Bool', new Bool(), [true, null, false]],
    ['Utf8', new Utf8(), ['', null, 'Größe 𝄞']],
    ['dictionary', new Dictionary(new Utf8(), new Int32()), ['a', null, 'b', 'a']],
  ])('keeps what is in a column of %s, and its nulls', async (_, type, values) => {
    const path = join(emptyFolder(), 'out.parquet');
    await written(path, [batchOf({ x: vectorFromArray(values as never[], type) })]);
    const rows = await rowsOf(path);
    expect(rows.map(({ x }) => x as unknown)).toEqual(values);
  });

  it.each<[string, Vector, Date]>([
    [
      'seconds',
      makeVector(makeData({ type: new TimestampSecond(), data: BigInt64Array.of(1_700_000_000n) })),
      new Date(1_700_000_000_000),
    ],
    [
      'microseconds',
      makeVector(makeData({ type: new TimestampMicrosecond(), data: BigInt64Array.of(1_700_000_000_123_000n) })),
      new Date(1_700_000_000_123),
    ],
    [
      'nanoseconds',
      makeVector(makeData({ type: new TimestampNanosecond(), data: BigInt64Array.of(1_700_000_000_123_000_000n) })),
      new Date(1_700_000_000_123),
    ],
    ['days', vectorFromArray([new Date(86_400_000)], new DateDay()), new Date(86_400_000)],
    [
      'milliseconds of a date',
      vectorFromArray([new Date(1_700_000_000_123)], new DateMillisecond()),
      new Date(1_700_000_000_123),
    ],
  ])('keeps times in %s', async (_, column, expected) => {
    const path = join(emptyFolder(), 'out.parquet');
    await written(path, [batchOf({ at: column })]);
    expect(await rowsOf(path)).toEqual([{ at: expected }]);
  });

  it('says of integers nothing that pyarrow refuses', async () => {
    const path = join(emptyFolder(), 'out.parquet');
    const columns = [new Int16(), new Uint32()].map((type, i) => [`x${i}`, vectorFromArray([1], type)] as const);
    await written(path, [batchOf(Object.fromEntries(columns))]);
    const { schema } = await parquetMetadataAsync(await asyncBufferFromFile(path));
    expect(schema.slice(1).map((element) => [element.converted_type, element.logical_type])).toEqual([
      ['INT_16', undefined],
      ['UINT_32', undefined],
    ]);
  });

  it('gathers small batches to groups, in order, and says what it has written', async () => {
    const path = join(emptyFolder(), 'out.parquet');
    const batches = Array.from({ length: 200 }, (_, i) =>
      batchOf({ x: makeVector(Float64Array.from({ length: 1000 }, (__, row) => i * 1000 + row)) }),
    );
    expect(await written(path, batches)).toEqual({ rows: 200_000, bytes: readFileSync(path).length });
    const { row_groups } = await parquetMetadataAsync(await asyncBufferFromFile(path));
    expect(row_groups.map(({ num_rows }) => num_rows)).toEqual([66_000n, 66_000n, 66_000n, 2000n]);
    const rows = await rowsOf(path);
    expect(rows.length).toBe(200_000);
    expect(rows.findIndex(({ x }, row) => x !== row)).toBe(-1);
  });

  it('cuts columns where slices begin, and marks what has no nulls as required', async () => {
    const path = join(emptyFolder(), 'out.parquet');
    const schema = new Schema([new Field('x', new Int32(), false), new Field('y', new Float64(), true)]);
    const data = makeData({
      type: new Struct(schema.fields),
      children: [
        vectorFromArray([1, 2, 3, 4], new Int32()).data[0]!,
        vectorFromArray([1, null, 3, null], new Float64()).data[0]!,
      ],
    });
    await written(path, [new RecordBatch(schema, data).slice(1, 3), new RecordBatch(schema, data).slice(3)]);
    expect(await rowsOf(path)).toEqual([
      { x: 2, y: null },
      { x: 3, y: 3 },
      { x: 4, y: null },
    ]);
    const metadata = await parquetMetadataAsync(await asyncBufferFromFile(path));
    expect(metadata.schema.map(({ repetition_type }) => repetition_type)).toEqual([undefined, 'REQUIRED', 'OPTIONAL']);
  });

  it('makes a file without columns of nothing', async () => {
    const path = join(emptyFolder(), 'out.parquet');
    expect(await written(path, [])).toEqual({ rows: 0, bytes: readFileSync(path).length });
    expect(await rowsOf(path)).toEqual([]);
  });

  it('refuses lists, another schema and a folder that is not there, and passes errors on', async () => {
    const path = join(emptyFolder(), 'out.parquet');
    const lists = batchOf({ x: vectorFromArray([[1], [2]], new List(new Field('item', new Float64()))) });
    expect(await refusalOf(from([lists]).pipe(writeParquet(path)))).toMatchObject({
      code: 'COLUMN_TYPE',
      message:
        "column 'x' must be of numbers, booleans, text, bytes or times to be written to a Parquet file, got List<Float64>",
    });
    const two = [batchOf({ x: makeVector(Float64Array.of(1)) }), batchOf({ y: makeVector(Float64Array.of(1)) })];
    expect((await refusalOf(from(two).pipe(writeParquet(path)))).code).toBe('SCHEMA_CHANGED');
    const nowhere = join(path, 'in a file');
    writeFileSync(path, '');
    expect((await refusalOf(from(two).pipe(writeParquet(nowhere)))).code).toBe('SINK_UNWRITABLE');
    const broken = throwError(() => new Error('broken'));
    await expect(lastValueFrom(broken.pipe(writeParquet(path)))).rejects.toThrow('broken');
  });
});
