import { createWriteStream, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { Writable } from 'node:stream';
import {
  Decimal,
  Field,
  Float64,
  makeData,
  RecordBatch,
  RecordBatchReader,
  Schema,
  Struct,
  Table,
  tableFromArrays,
  tableFromIPC,
  vectorFromArray,
} from 'apache-arrow';
import { build } from 'esbuild';
import { concat, config, EMPTY, from, lastValueFrom, NEVER, of, Subject, takeUntil, throwError } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SmoothingError } from '../../src/errors.js';
import { writeArrow, type WrittenArrow } from '../../src/arrow/index.js';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rx-ema-write-'));
  path = join(folder, 'out.arrow');
});
afterEach(() => rm(folder, { recursive: true }));

const lossSchema = new Schema(
  [new Field('loss', new Float64(), true, new Map([['unit', 'nats']]))],
  new Map([['run', 'seven']]),
);
function lossBatch(...loss: number[]): RecordBatch {
  const child = makeData({ type: new Float64(), data: Float64Array.from(loss) });
  return new RecordBatch(
    lossSchema,
    makeData({ type: new Struct(lossSchema.fields), length: loss.length, nullCount: 0, children: [child] }),
  );
}
const lossOf = (bytes: Uint8Array) => Array.from(tableFromIPC(bytes).getChild('loss') ?? []);
const named = (...names: string[]) => tableFromArrays({ name: names }).batches[0]!;
const price = (scale: number) =>
  new RecordBatch({ price: makeData({ type: new Decimal(scale, 20, 128), data: Uint32Array.of(1, 0, 0, 0) }) });
const codeOf = (error: unknown) => (error instanceof SmoothingError ? error.code : error);

/** A stream whose every write waits until it is let go. */
class SlowStream extends Writable {
  readonly taken: Uint8Array[] = [];
  readonly waiting: (() => void)[] = [];
  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    this.taken.push(chunk);
    this.waiting.push(done);
  }
}

describe('writeArrow to a file', () => {
  it('emits one summary once the file holds every batch, schema, metadata and end mark', async () => {
    const written = await lastValueFrom(from([lossBatch(1, 2), lossBatch(3)]).pipe(writeArrow(path)));
    const bytes = readFileSync(path);
    expect(written).toEqual<WrittenArrow>({ batches: 2, rows: 3, bytes: bytes.byteLength });
    const table = tableFromIPC(bytes);
    expect(lossOf(bytes)).toEqual([1, 2, 3]);
    expect(table.schema.metadata.get('run')).toBe('seven');
    expect(table.schema.fields[0]?.metadata.get('unit')).toBe('nats');
    expect([...bytes.subarray(-8)]).toEqual([255, 255, 255, 255, 0, 0, 0, 0]);
  });

  it('takes a file URL as well as a path', async () => {
    await lastValueFrom(of(lossBatch(4)).pipe(writeArrow(pathToFileURL(path))));
    expect(lossOf(readFileSync(path))).toEqual([4]);
  });

  it('writes each batch when it arrives, so the file can be followed while it grows', async () => {
    const batches = new Subject<RecordBatch>();
    const done = lastValueFrom(batches.pipe(writeArrow(path)));
    batches.next(lossBatch(1));
    await expect.poll(async () => lossOf(await readFile(path))).toEqual([1]);
    batches.next(lossBatch(2));
    await expect.poll(async () => lossOf(await readFile(path))).toEqual([1, 2]);
    batches.complete();
    expect((await done).rows).toBe(2);
  });

  it('keeps batches of no rows, and the values of slices with an offset and nulls', async () => {
    const whole = new RecordBatch({ loss: vectorFromArray([1, null, 3, 4, null], new Float64()).data[0]! });
    const source = from([whole.slice(0, 0), whole.slice(1, 5), whole.slice(3, 4)]);
    expect(await lastValueFrom(source.pipe(writeArrow(path)))).toMatchObject({ batches: 3, rows: 5 });
    expect(lossOf(readFileSync(path))).toEqual([null, 3, 4, null, 4]);
  });

  it('takes a batch whose strings have a dictionary of their own, under another id', async () => {
    const [first, second] = [named('a', 'b'), named('c', 'a')];
    expect(first.schema.fields[0]?.type.id).not.toBe(second.schema.fields[0]?.type.id);
    await lastValueFrom(of(first, second).pipe(writeArrow(path)));
    expect(Array.from(tableFromIPC(readFileSync(path)).getChild('name') ?? [])).toEqual(['a', 'b', 'c', 'a']);
  });

  it('keeps the metadata of a batch', async () => {
    const { schema, data } = lossBatch(1);
    await lastValueFrom(of(new RecordBatch(schema, data, new Map([['epoch', '4']]))).pipe(writeArrow(path)));
    const [batch] = RecordBatchReader.from(readFileSync(path));
    expect(batch?.metadata.get('epoch')).toBe('4');
  });

  it('has copied a batch when it has arrived, so its memory may be used again', async () => {
    const memory = Float64Array.of(1, 2);
    const data = makeData({ type: new Float64(), data: memory });
    const batches = new Subject<RecordBatch>();
    const done = lastValueFrom(batches.pipe(writeArrow(path)));
    batches.next(new RecordBatch({ loss: data }));
    memory.fill(99);
    batches.complete();
    await done;
    expect(lossOf(readFileSync(path))).toEqual([1, 2]);
  });

  it('leaves an empty file and a summary of zeros when the source completes without a batch', async () => {
    expect(await lastValueFrom(EMPTY.pipe(writeArrow(path)))).toEqual({ batches: 0, rows: 0, bytes: 0 });
    expect(readFileSync(path).byteLength).toBe(0);
  });

  it('writes anew at every subscription', async () => {
    const writing = of(lossBatch(1)).pipe(writeArrow(path));
    expect(await lastValueFrom(writing)).toEqual(await lastValueFrom(writing));
    expect(lossOf(readFileSync(path))).toEqual([1]);
  });
});

describe('writeArrow when something ends early', () => {
  it('keeps what was written readable when a batch has other fields, and errors with SCHEMA_CHANGED', async () => {
    const other = tableFromArrays({ accuracy: Float64Array.of(1) }).batches[0]!;
    const batches = new Subject<RecordBatch>();
    const failed = lastValueFrom(batches.pipe(writeArrow(path))).catch(codeOf);
    batches.next(lossBatch(1, 2));
    batches.next(other);
    expect(batches.observed).toBe(false);
    expect(await failed).toBe('SCHEMA_CHANGED');
    const bytes = readFileSync(path);
    expect(lossOf(bytes)).toEqual([1, 2]);
    expect([...bytes.subarray(-8)]).toEqual([255, 255, 255, 255, 0, 0, 0, 0]);
  });

  it('sees a change that is only in a parameter of a type, as the scale of a decimal', async () => {
    const writing = lastValueFrom(of(price(2), price(3)).pipe(writeArrow(path)));
    expect(await writing.catch(codeOf)).toBe('SCHEMA_CHANGED');
  });

  it('keeps what was written readable when the source fails, then passes its error on', async () => {
    const cause = new Error('the sensor is gone');
    const source = concat(
      of(lossBatch(1), lossBatch(2)),
      throwError(() => cause),
    );
    await expect(lastValueFrom(source.pipe(writeArrow(path)))).rejects.toBe(cause);
    expect(lossOf(readFileSync(path))).toEqual([1, 2]);
    expect([...readFileSync(path).subarray(-8)]).toEqual([255, 255, 255, 255, 0, 0, 0, 0]);
  });

  it('ends the file when it is unsubscribed', async () => {
    const subscription = concat(of(lossBatch(1)), NEVER)
      .pipe(writeArrow(path))
      .subscribe();
    subscription.unsubscribe();
    await expect.poll(() => readFileSync(path).byteLength).toBeGreaterThan(0);
    await expect.poll(() => [...readFileSync(path).subarray(-8)]).toEqual([255, 255, 255, 255, 0, 0, 0, 0]);
    expect(lossOf(readFileSync(path))).toEqual([1]);
  });

  it('completes with a summary behind takeUntil, the way to stop early and know that the file is whole', async () => {
    const stop = new Subject<void>();
    const source = concat(of(lossBatch(1, 2, 3)), NEVER).pipe(takeUntil(stop));
    const written = lastValueFrom(source.pipe(writeArrow(path)));
    stop.next();
    expect((await written).rows).toBe(3);
    expect(lossOf(readFileSync(path))).toEqual([1, 2, 3]);
  });

  it('refuses a Table and other values with VALUE_KIND, and says what to pass', async () => {
    const table = new Table(lossBatch(1)) as unknown as RecordBatch;
    await expect(lastValueFrom(of(table).pipe(writeArrow(path)))).rejects.toThrow('a Table: pass its batches');
    const number = 3 as unknown as RecordBatch;
    expect(await lastValueFrom(of(number).pipe(writeArrow(path))).catch(codeOf)).toBe('VALUE_KIND');
  });

  it("passes the file system's own error on and lets go of the source", async () => {
    const batches = new Subject<RecordBatch>();
    const failed = lastValueFrom(batches.pipe(writeArrow(join(folder, 'no', 'such', 'folder')))).catch(
      (error: NodeJS.ErrnoException) => error.code,
    );
    batches.next(lossBatch(1));
    expect(await failed).toBe('ENOENT');
    expect(batches.observed).toBe(false);
  });

  it('reports what fails after unsubscribing where RxJS reports unhandled errors', async () => {
    const reported: unknown[] = [];
    config.onUnhandledError = (error) => reported.push((error as NodeJS.ErrnoException).code);
    try {
      NEVER.pipe(writeArrow(join(folder, 'missing', 'out.arrow')))
        .subscribe()
        .unsubscribe();
      await expect.poll(() => reported).toEqual(['ENOENT']);
    } finally {
      config.onUnhandledError = null;
    }
  });

  it('refuses a target that is no path, URL or stream when the pipe is built', () => {
    const targets = ['', 3, null, undefined, {}, { write() {} }] as unknown as string[];
    expect(
      targets.map((target) => {
        try {
          writeArrow(target);
          return 'built';
        } catch (error) {
          return codeOf(error);
        }
      }),
    ).toEqual(targets.map(() => 'OPTION_VALUE'));
  });
});

describe('writeArrow to a Writable', () => {
  it('writes and ends a stream that was made elsewhere', async () => {
    const stream = createWriteStream(path);
    const written = await lastValueFrom(of(lossBatch(5, 6)).pipe(writeArrow(stream)));
    expect(stream.writableFinished).toBe(true);
    expect(written.bytes).toBe(stream.bytesWritten);
    expect(lossOf(readFileSync(path))).toEqual([5, 6]);
  });

  it('has one write under way at a time and holds the rest until the stream is ready', async () => {
    const stream = new SlowStream({ highWaterMark: 1 });
    const written = lastValueFrom(from([lossBatch(1), lossBatch(2), lossBatch(3)]).pipe(writeArrow(stream)));
    await wait(10);
    expect(stream.taken.length).toBe(1);
    expect(stream.writableLength).toBe(stream.taken[0]?.byteLength);
    while (!stream.writableFinished) {
      stream.waiting.shift()?.();
      await wait(1);
    }
    expect(await written).toMatchObject({ batches: 3, rows: 3 });
    expect(lossOf(Buffer.concat(stream.taken))).toEqual([1, 2, 3]);
  });

  it('passes the error of a stream on', async () => {
    const broken = new Writable({ write: (_chunk, _encoding, done) => done(new Error('disk full')) });
    await expect(lastValueFrom(concat(of(lossBatch(1)), NEVER).pipe(writeArrow(broken)))).rejects.toThrow('disk full');
  });

  it('errors, rather than wait for ever, when the stream is destroyed in the middle of a write', async () => {
    const stream = new SlowStream();
    const written = lastValueFrom(concat(of(lossBatch(1)), NEVER).pipe(writeArrow(stream)));
    await wait(5);
    stream.destroy();
    await expect(written).rejects.toThrow(/closed|destroyed/);
  });

  it('errors when the stream has ended already', async () => {
    const stream = new SlowStream();
    stream.end();
    await wait(1);
    await expect(lastValueFrom(of(lossBatch(1)).pipe(writeArrow(stream)))).rejects.toThrow();
  });
});

it.each([false, true])("bundles for a browser, node's file system left out (minified: %s)", async (minify) => {
  const bundle = await build({
    entryPoints: [join(import.meta.dirname, '../../src/arrow/index.ts')],
    bundle: true,
    minify,
    write: false,
    format: 'esm',
    platform: 'browser',
    external: ['apache-arrow', 'rxjs'],
    logLevel: 'silent',
  });
  expect(bundle.warnings).toEqual([]);
  const text = bundle.outputFiles[0]?.text;
  expect(text).toContain('node:fs/promises');
  expect(text).not.toMatch(/(from|import|import\(|require\()\s*["']node:/);
});
