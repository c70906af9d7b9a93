import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataType, RecordBatch, Table, type Data } from 'apache-arrow';
import * as fc from 'fast-check';
import { parquetWriteBuffer, type ColumnSource } from 'hyparquet-writer';
import { fromParquet } from 'rx-ema/sources';
import { concatMap, lastValueFrom, take, timer, toArray } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { writeParquet } from '../../src/apps/tables/writeParquet.js';
import { refusal, refusalOf } from '../refusal.js';
import { bundle } from '../support/bundle.js';
import { emptyFolder } from '../support/emptyFolder.js';
import { ROOT } from '../support/workspace.js';

const FIXTURES = `${ROOT}/test/fixtures/parquet`;
type Rows = Readonly<Record<string, readonly (string | null)[]>>;
const theirs = JSON.parse(readFileSync(`${FIXTURES}/rows.json`, 'utf8')) as Readonly<Record<string, Rows>>;

const all = (path: string, columns?: string[]): Promise<RecordBatch[]> =>
  lastValueFrom(fromParquet(path, columns === undefined ? {} : { columns }).pipe(toArray()));
const filesOpen = (): number => readdirSync('/proc/self/fd').length;

/** Writes a file with hyparquet-writer, in groups of so many rows. */
function put(columnData: ColumnSource[], rowGroupSize = 100_000): string {
  const path = join(emptyFolder(), 'x.parquet');
  writeFileSync(path, Buffer.from(parquetWriteBuffer({ columnData, rowGroupSize })));
  return path;
}

/** A value as Python shows it: of times and dates the integer that is stored. */
function shown(data: Data, row: number): string | null {
  const { type, values } = data;
  if (DataType.isNull(type) || !data.getValid(row)) return null;
  if (DataType.isTimestamp(type) || DataType.isTime(type) || DataType.isDate(type)) return String(values[row]);
  const value: unknown = new Table(new RecordBatch({ x: data })).getChild('x')?.get(row);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (!DataType.isFloat(type)) return String(value);
  const special: Readonly<Record<string, string>> = { NaN: 'nan', Infinity: 'inf', '-Infinity': '-inf' };
  return special[String(value)] ?? (Number.isInteger(value) ? `${String(value)}.0` : String(value));
}

/** The columns of batches as text. */
function rowsOf(batches: readonly RecordBatch[]): Rows {
  const { fields } = batches[0]!.schema;
  const column = (i: number) =>
    batches.flatMap(({ data, numRows }) => Array.from({ length: numRows }, (_, row) => shown(data.children[i]!, row)));
  return Object.fromEntries(fields.map(({ name }, i) => [name, column(i)]));
}

describe('fromParquet', () => {
  it.each(Object.keys(theirs))('has of %s what its writer says is in it', async (name) => {
    expect(rowsOf(await all(join(FIXTURES, name)))).toEqual(theirs[name]);
  });

  it('takes types from the schema', async () => {
    const [batch] = await all(`${FIXTURES}/kinds-snappy.parquet`);
    expect(Object.fromEntries(batch!.schema.fields.map(({ name, type }) => [name, String(type)]))).toEqual({
      float64: 'Float64',
      float32: 'Float32',
      float16: 'Float16',
      int8: 'Int8',
      int16: 'Int16',
      int32: 'Int32',
      int64: 'Int64',
      uint8: 'Uint8',
      uint16: 'Uint16',
      uint32: 'Uint32',
      uint64: 'Uint64',
      bool: 'Bool',
      text: 'Utf8',
      bytes: 'Binary',
      fixed: 'Binary',
      dictionary: 'Utf8',
      date: 'Date32<DAY>',
      time_ms: 'Time32<MILLISECOND>',
      time_us: 'Time64<MICROSECOND>',
      ms: 'Timestamp<MILLISECOND>',
      us_utc: 'Timestamp<MICROSECOND, UTC>',
      ns: 'Timestamp<NANOSECOND>',
      decimal: 'Float64',
      null: 'Null',
    });
    expect(batch!.schema.fields.every(({ nullable }) => nullable)).toBe(true);
  });

  it('gives a batch for each row group, and typed arrays without a bitmap for required columns', async () => {
    const batches = await all(`${FIXTURES}/groups.parquet`);
    expect(batches.map(({ numRows }) => numRows)).toEqual([1000, 1000, 1000]);
    expect(batches[0]!.schema.fields.map(({ nullable }) => nullable)).toEqual([false, false]);
    const steps = batches.flatMap(({ data }) => [...(data.children[0]!.values as Int32Array)]);
    expect(steps).toEqual(Array.from({ length: 3000 }, (_, i) => i));
    const losses = batches.flatMap(({ data }) => [...(data.children[1]!.values as Float64Array)]);
    expect(losses).toEqual(Array.from({ length: 3000 }, (_, i) => 1 / (1 + i)));
    expect(batches[2]!.getChild('loss')?.nullCount).toBe(0);
  });

  it('cuts a large row group into batches of 65 536 rows, nulls and text in their rows', async () => {
    const rows = 600_001;
    const x = Array.from({ length: rows }, (_, i) => (i % 7 === 0 ? null : i));
    const name = Array.from({ length: rows }, (_, i) => (i % 5 === 0 ? null : `n${i % 11}`));
    const done = Array.from({ length: rows }, (_, i) => i % 3 === 0);
    const path = put(
      [
        { name: 'x', data: x, type: 'DOUBLE' },
        { name: 'name', data: name, type: 'STRING' },
        { name: 'done', data: done, nullable: false, type: 'BOOLEAN' },
      ],
      rows,
    );
    const batches = await all(path);
    expect(Math.max(...batches.map(({ numRows }) => numRows))).toBe(65_536);
    const table = new Table(batches);
    expect(table.numRows).toBe(rows);
    const got = {
      x: [...table.getChild('x')!],
      name: [...table.getChild('name')!],
      done: [...table.getChild('done')!],
    };
    expect(got.x.findIndex((value, i) => value !== x[i])).toBe(-1);
    expect(got.name.findIndex((value, i) => value !== name[i])).toBe(-1);
    expect(got.done.findIndex((value, i) => value !== done[i])).toBe(-1);
    expect(batches.reduce((count, batch) => count + batch.getChild('x')!.nullCount, 0)).toBe(Math.ceil(rows / 7));
  });

  it('reads back whatever writeParquet was given', async () => {
    const values = fc.array(fc.option(fc.double()), { minLength: 1, maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(values, fc.integer({ min: 1, max: 100 }), async (x, rowGroupSize) => {
        const path = put([{ name: 'x', data: x, type: 'DOUBLE', encoding: 'PLAIN' }], rowGroupSize);
        const table = new Table(await all(path));
        expect([...table.getChild('x')!]).toEqual(x);
        const again = `${path}.again`;
        await lastValueFrom(fromParquet(path).pipe(writeParquet(again)));
        expect([...new Table(await all(again)).getChild('x')!]).toEqual(x);
      }),
      { numRuns: 50 },
    );
  });

  it('reads the columns asked for, in that order', async () => {
    const [batch] = await all(`${FIXTURES}/kinds-snappy.parquet`, ['text', 'float64']);
    expect(batch!.schema.fields.map(({ name }) => name)).toEqual(['text', 'float64']);
  });

  it('emits nothing for a file without rows, and for one without columns', async () => {
    expect(await all(put([{ name: 'x', data: [], type: 'DOUBLE' }]))).toEqual([]);
    expect(await all(put([]))).toEqual([]);
  });

  it('is cold, gives the event loop its turn between batches, and reads on when unsubscribed no more', async () => {
    const path = put([{ name: 'x', data: new Float64Array(500_000) }]);
    const before = filesOpen();
    const batch$ = fromParquet(path);
    const [first] = await Promise.all([lastValueFrom(batch$.pipe(take(1))), lastValueFrom(batch$.pipe(toArray()))]);
    expect(first.numRows).toBe(65_536);
    let turns = 0;
    const timers = setInterval(() => (turns += 1), 0);
    await lastValueFrom(batch$.pipe(concatMap(() => timer(2))));
    clearInterval(timers);
    expect(turns).toBeGreaterThan(2);
    await vi.waitUntil(() => filesOpen() <= before, { timeout: 10_000 });
  });

  it('goes on with the file that it opened when another takes its place', async () => {
    const path = put([{ name: 'x', data: new Float64Array(300_000).fill(1) }], 50_000);
    const other = put([{ name: 'x', data: new Float64Array(10).fill(2) }]);
    let sum = 0;
    await new Promise<void>((resolve, reject) => {
      fromParquet(path).subscribe({
        next(batch) {
          if (sum === 0) renameSync(other, path);
          for (const x of batch.getChild('x')!) sum += Number(x);
        },
        error: reject,
        complete: resolve,
      });
    });
    expect(sum).toBe(300_000);
  });
});

describe('fromParquet of what it can not read', () => {
  const kinds = `${FIXTURES}/kinds-snappy.parquet`;

  it('names the nearest column', async () => {
    const { code, message } = await refusalOf(fromParquet(kinds, { columns: ['float64', 'flaot64'] }));
    expect(code).toBe('COLUMN_MISSING');
    expect(message).toMatch(/^columns must be among float64, .*, got 'flaot64': did you mean 'float64'\?$/);
  });

  it.each(['list', 'struct'])('refuses a %s that is asked for', async (name) => {
    expect(await refusalOf(fromParquet(kinds, { columns: [name] }))).toEqual({
      code: 'COLUMN_TYPE',
      message: `columns must hold one value a row, got '${name}', which is nested or of no type of Arrow's`,
    });
  });

  it('refuses other files, damaged ones and none, with the path', async () => {
    const folder = emptyFolder();
    const bytes = readFileSync(kinds);
    const cases: Readonly<Record<string, Uint8Array>> = {
      empty: Buffer.alloc(0),
      csv: Buffer.from('step,loss\n1,0.5\n'),
      cut: bytes.subarray(0, -20),
      headless: Buffer.concat([bytes.subarray(0, 4), bytes.subarray(-bytes.readUInt32LE(bytes.length - 8) - 8)]),
    };
    for (const [name, data] of Object.entries(cases)) {
      const path = join(folder, name);
      writeFileSync(path, data);
      const { code, message } = await refusalOf(fromParquet(path));
      expect([code, message.startsWith(`'${path}' must be a whole Parquet file, got `)]).toEqual(['FILE_FORMAT', true]);
    }
    for (const path of [folder, join(folder, 'absent')]) {
      const { code, message } = await refusalOf(fromParquet(path));
      expect([code, message.startsWith(`'${path}' must be a file that can be read, got `)]).toEqual([
        'SOURCE_UNREADABLE',
        true,
      ]);
    }
  });

  it('ends with one error, or none, whichever byte is another, and leaves no file open', async () => {
    const bytes = readFileSync(`${FIXTURES}/pandas.parquet`);
    const path = join(emptyFolder(), 'x.parquet');
    const before = filesOpen();
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, difference) => {
        const changed = Buffer.from(bytes);
        changed[at]! ^= difference;
        writeFileSync(path, changed);
        const error: unknown = await all(path).then(
          () => null,
          (one: unknown) => one,
        );
        if (error === null) return;
        expect(error).toHaveProperty('code');
        refused += 1;
      }),
      { numRuns: 300 },
    );
    expect(refused).toBeGreaterThan(20);
    await vi.waitUntil(() => filesOpen() <= before, { timeout: 10_000 });
  });

  it('refuses options that make no sense when it is called', () => {
    expect(refusal(() => fromParquet('')).code).toBe('OPTION_VALUE');
    expect(refusal(() => fromParquet('x', { columns: [] })).code).toBe('OPTION_VALUE');
    expect(refusal(() => fromParquet('x', { columns: ['a', 'a'] })).code).toBe('OPTION_VALUE');
    expect(refusal(() => fromParquet('x', { columns: 'a' as never })).code).toBe('OPTION_VALUE');
    expect(refusal(() => fromParquet('x', { follow: true } as never)).code).toBe('OPTION_UNKNOWN');
  });

  it('is in a bundle for the browser without apache-arrow and hyparquet', async () => {
    const { imports, inputs } = await bundle("export { fromParquet } from 'rx-ema/sources';", ROOT);
    expect(imports).toEqual([]);
    expect(inputs.filter((path) => /apache-arrow|hyparquet/.test(path))).toEqual([]);
  });
});
