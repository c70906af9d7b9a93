import { createReadStream, promises, readFileSync } from 'node:fs';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import {
  compressionRegistry,
  CompressionType,
  Field,
  Int32,
  makeData,
  Message,
  RecordBatch,
  RecordBatchFileWriter,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  tableFromArrays,
  tableFromIPC,
} from 'apache-arrow';
import * as fc from 'fast-check';
import { defer, EMPTY, from, lastValueFrom, retry, Subject, take, takeUntil, toArray, type Observable } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readArrow, toFloat64, writeArrow, type ArrowSource } from '../../src/arrow/index.js';
import { StreamEncoder } from '../../src/arrow/streamEncoder.js';
import type { SmoothingError } from '../../src/errors.js';
import { refusal, refusalOf } from '../refusal.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rx-ema-read-'));
});
afterEach(() => rm(folder, { recursive: true }));

const fixture = (name: string) => readFileSync(join(import.meta.dirname, '../fixtures/arrow', name));

const schema = new Schema([new Field('n', new Int32(), true)], new Map([['run', 'seven']]));
function batchOf(...rows: number[]): RecordBatch {
  const children = [makeData({ type: new Int32(), data: Int32Array.from(rows) })];
  const data = makeData({ type: new Struct(schema.fields), length: rows.length, nullCount: 0, children });
  return new RecordBatch(schema, data);
}
const three = [batchOf(1, 2), batchOf(3), batchOf(4, 5, 6)];
const rows = [[1, 2], [3], [4, 5, 6]];
const STREAM = RecordBatchStreamWriter.writeAll(three).toUint8Array(true);
const FILE = RecordBatchFileWriter.writeAll(three).toUint8Array(true);
const FORMATS = [
  ['a stream', STREAM],
  ['a file', FILE],
] as const;

const rowsOf = (batch: RecordBatch) => Array.from(batch.getChildAt(0) ?? [], (x: unknown) => x);
const read = async (batches: Observable<RecordBatch>) =>
  lastValueFrom(batches.pipe(toArray())).then((all) => all.map(rowsOf));
const columnsOf = (batch: RecordBatch) =>
  Object.fromEntries(batch.schema.names.map((name) => [name, Array.from(batch.getChild(name) ?? [])]));
const integer = (bits: number) => [1, null, 2 ** (bits - 1) - 1];
const readBytes = async (bytes: Uint8Array) => read(readArrow(bytes));
async function* inPieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.slice(at, at + length);
}
async function saved(bytes: Uint8Array, name = 'in.arrow'): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

/** The messages of a stream with its end mark, prefix and body included. */
function messagesOf(stream: Uint8Array): Uint8Array[] {
  const view = new DataView(stream.buffer, stream.byteOffset);
  const messages: Uint8Array[] = [];
  for (let at = 0; view.getInt32(at + 4, true) > 0;) {
    const bodyAt = at + 8 + view.getInt32(at + 4, true);
    const { bodyLength } = Message.decode(stream.subarray(at + 8, bodyAt));
    messages.push(stream.subarray(at, bodyAt + bodyLength));
    at = bodyAt + bodyLength;
  }
  return messages;
}
const bodyAt = (message: Uint8Array) => 8 + new DataView(message.buffer, message.byteOffset).getInt32(4, true);
const withoutMessage = (stream: Uint8Array, index: number) =>
  Buffer.concat(messagesOf(stream).filter((_, i) => i !== index));
const withLegacyPrefixes = (stream: Uint8Array) =>
  Buffer.concat([...messagesOf(stream).map((message) => message.subarray(4)), new Uint8Array(4)]);

/** The handles that are opened by path from here on. */
async function withHandles<T>(
  run: (handles: promises.FileHandle[]) => Promise<T>,
  opened: (handle: promises.FileHandle) => void = () => {},
): Promise<T> {
  const handles: promises.FileHandle[] = [];
  const { open } = promises;
  promises.open = async (...args) => {
    const handle = await open(...args);
    handles.push(handle);
    opened(handle);
    return handle;
  };
  syncBuiltinESMExports();
  try {
    return await run(handles);
  } finally {
    promises.open = open;
    syncBuiltinESMExports();
  }
}

/** A web stream of a source's pieces, and whether it was cancelled. */
function webStream(bytes: Uint8Array, length = 100) {
  const seen = { cancelled: false, pulled: 0 };
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (seen.pulled >= bytes.length) controller.close();
        else controller.enqueue(bytes.slice(seen.pulled, (seen.pulled += length)));
      },
      cancel() {
        seen.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, seen };
}

describe.each(FORMATS)('readArrow of %s', (_, bytes) => {
  const sources: [string, () => ArrowSource | Promise<ArrowSource>][] = [
    ['bytes', () => bytes],
    ['a Buffer', () => Buffer.from(bytes)],
    ['an ArrayBuffer', () => bytes.slice().buffer],
    ['another view of bytes', () => new DataView(bytes.slice().buffer)],
    ['bytes that stand askew in memory', () => Buffer.concat([Buffer.of(0), bytes]).subarray(1)],
    ['a Node stream', () => Readable.from(inPieces(bytes, 64), { objectMode: false })],
    ['a web stream', () => webStream(bytes).stream],
    ['an async generator of single bytes', () => inPieces(bytes, 1)],
    ['an async generator of pieces', () => inPieces(bytes, 1000)],
    ['a Response', () => new Response(bytes.slice())],
    ['a promise of a Response', async () => new Response(bytes.slice())],
    ['a promise of bytes', async () => bytes],
  ];
  it.each(sources)('gives every batch of %s', async (_name, source) => {
    expect(await read(readArrow(source()))).toEqual(rows);
  });

  it('gives every batch of a path, of a file URL and of a stream of that file', async () => {
    const path = await saved(bytes);
    for (const source of [path, pathToFileURL(path), createReadStream(path)]) {
      expect(await read(readArrow(source))).toEqual(rows);
    }
  });

  it('keeps the metadata of the schema', async () => {
    const batch = await lastValueFrom(readArrow(bytes));
    expect(batch.schema.metadata.get('run')).toBe('seven');
  });

  it('is cold: each subscription reads a path anew', async () => {
    const batch$ = readArrow(await saved(bytes));
    expect([await read(batch$), await read(batch$)]).toEqual([rows, rows]);
  });

  it('emits what came before an end in the middle, then errors with ARROW_FORMAT', async () => {
    const whole = bytes === STREAM ? betweenMessages() : [];
    for (let length = 1; length < bytes.length; length++) {
      const got: unknown[][] = [];
      const end = await new Promise((resolve) => {
        readArrow(bytes.subarray(0, length)).subscribe({
          next: (batch) => got.push(rowsOf(batch)),
          error: (error: SmoothingError) => resolve(error.code),
          complete: () => resolve('complete'),
        });
      });
      expect([length, end]).toEqual([length, whole.includes(length) ? 'complete' : 'ARROW_FORMAT']);
      expect(got).toEqual(rows.slice(0, got.length));
    }
  });
});

/** The lengths at which `STREAM` may end. */
function betweenMessages(): number[] {
  const starts = messagesOf(STREAM).map(({ byteOffset }) => byteOffset - STREAM.byteOffset);
  return [...starts.slice(1), STREAM.length - 8];
}

describe('readArrow takes its time', () => {
  it('emits each batch when its last byte has come, not at the end', async () => {
    const encoder = new StreamEncoder();
    const arriving = new PassThrough();
    const got: unknown[][] = [];
    const done = readArrow(arriving).forEach((batch) => got.push(rowsOf(batch)));
    for (const [i, batch] of three.entries()) {
      const bytes = encoder.encode(batch);
      arriving.write(bytes.subarray(0, -1));
      await wait(5);
      expect(got).toEqual(rows.slice(0, i));
      arriving.write(bytes.subarray(-1));
      await expect.poll(() => got, { interval: 1 }).toEqual(rows.slice(0, i + 1));
    }
    arriving.write(encoder.end());
    await done; // at the end mark: the stream itself is still open
  });

  it('gives the event loop its turn between two batches of bytes in memory', async () => {
    const order: string[] = [];
    const done = readArrow(STREAM).forEach((batch) => {
      order.push(`batch ${rowsOf(batch).length}`);
      setImmediate(() => order.push('turn'));
    });
    await done;
    expect(order.slice(0, 5)).toEqual(['batch 2', 'turn', 'batch 1', 'turn', 'batch 3']);
  });

  it('pulls no further than the batch that was asked for', async () => {
    const { stream, seen } = webStream(STREAM, 8);
    await lastValueFrom(readArrow(stream).pipe(take(1)));
    const encoder = new StreamEncoder();
    expect(seen.pulled).toBe(encoder.encode(three[0]!).length);
    await expect.poll(() => seen.cancelled).toBe(true);
  });

  it('reads only the start of a large file for take(1)', async () => {
    const many = Array.from({ length: 200 }, () => batchOf(...Array.from({ length: 1000 }, (_, i) => i)));
    for (const bytes of [
      RecordBatchStreamWriter.writeAll(many).toUint8Array(true),
      RecordBatchFileWriter.writeAll(many).toUint8Array(true),
    ]) {
      const path = await saved(bytes);
      let readBytes = 0;
      const first = await withHandles(
        async () => lastValueFrom(readArrow(path).pipe(take(1))),
        (handle) => {
          const read = handle.read.bind(handle) as (...all: unknown[]) => Promise<{ bytesRead: number }>;
          const counted = async (...all: unknown[]) => {
            const result = await read(...all);
            readBytes += result.bytesRead;
            return result;
          };
          handle.read = counted as typeof handle.read;
        },
      );
      expect(first.numRows).toBe(1000);
      expect(bytes.length).toBeGreaterThan(800_000);
      expect(readBytes).toBeGreaterThan(4_000);
      expect(readBytes).toBeLessThan(80_000);
    }
  });
});

describe('readArrow lets go', () => {
  const ends: [string, (batches: Observable<RecordBatch>) => Promise<unknown>][] = [
    ['the end', (batches) => lastValueFrom(batches)],
    ['take(1)', (batches) => lastValueFrom(batches.pipe(take(1)))],
    ['unsubscribing before anything was read', async (batches) => batches.subscribe().unsubscribe()],
    ['the error of a subscriber behind it', (batches) => lastValueFrom(batches.pipe(toFloat64('x'))).catch(() => {})],
  ];
  it.each(ends)('of a file after %s', async (_name, end) => {
    const path = await saved(STREAM);
    await withHandles(async (handles) => {
      await end(readArrow(path));
      await expect.poll(() => handles.map(({ fd }) => fd)).toEqual([-1]);
    });
  });

  it('of a file that is cut short, before the error is told', async () => {
    const path = await saved(STREAM);
    await truncate(path, STREAM.length - 20);
    await withHandles(async (handles) => {
      expect((await refusalOf(readArrow(path))).code).toBe('ARROW_FORMAT');
      expect(handles.map(({ fd }) => fd)).toEqual([-1]);
    });
  });

  it.each(ends)('of a Node stream after %s', async (_name, end) => {
    const stream = createReadStream(await saved(FILE), { highWaterMark: 64 });
    await end(readArrow(stream));
    await expect.poll(() => [stream.destroyed, stream.closed]).toEqual([true, true]);
  });

  it.each(ends.slice(1))('of a web stream after %s', async (_name, end) => {
    const { stream, seen } = webStream(STREAM, 64);
    await end(readArrow(stream));
    await expect.poll(() => seen.cancelled).toBe(true);
  });

  it('of a generator, whose finally runs', async () => {
    let isOver = false;
    async function* bytes() {
      try {
        yield* inPieces(STREAM, 100);
      } finally {
        isOver = true;
      }
    }
    await lastValueFrom(readArrow(bytes()).pipe(take(1)));
    await expect.poll(() => isOver).toBe(true);
  });

  it('of a stream at once, though a read is under way, and tells nobody', async () => {
    const stream = new Readable({ read() {} });
    const told: unknown[] = [];
    const subscription = readArrow(stream).subscribe({ error: (error) => told.push(error) });
    await wait(5);
    subscription.unsubscribe();
    expect(await vi.waitFor(() => stream.destroyed || Promise.reject(new Error('open')))).toBe(true);
    await wait(5);
    expect(told).toEqual([]);
  });
});

describe('readArrow of a fetch', () => {
  let server: Server;
  let answer: RequestListener;
  let url: string;
  beforeEach(async () => {
    server = createServer((request, response) => answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('gives the batches of an answer, and those before its end', async () => {
    const encoder = new StreamEncoder();
    let open: ServerResponse | undefined;
    answer = (_request, response) => {
      open = response;
      response.write(encoder.encode(three[0]!));
    };
    const got: unknown[][] = [];
    const done = readArrow(fetch(url)).forEach((batch) => got.push(rowsOf(batch)));
    await expect.poll(() => got).toEqual([[1, 2]]);
    open?.end(Buffer.concat([encoder.encode(three[1]!), encoder.end()]));
    await done;
    expect(got).toEqual([[1, 2], [3]]);
  });

  it('cancels the body when it is unsubscribed: the server sees the connection close', async () => {
    let isClosed = false;
    answer = (_request, response) => {
      response.on('close', () => (isClosed = !response.writableFinished));
      response.write(new StreamEncoder().encode(three[0]!));
    };
    await lastValueFrom(readArrow(fetch(url)).pipe(take(1)));
    await expect.poll(() => isClosed).toBe(true);
  });

  it('cancels the body of an answer that comes after unsubscribing', async () => {
    let isClosed = false;
    answer = (_request, response) => {
      response.on('close', () => (isClosed = true));
      setTimeout(() => response.write(STREAM.subarray(0, 8)), 20);
    };
    readArrow(fetch(url)).subscribe().unsubscribe();
    await expect.poll(() => isClosed).toBe(true);
  });

  it.each([404, 500])('refuses an answer of %i, and lets go of it', async (status) => {
    let isClosed = false;
    answer = (_request, response) => {
      response.on('close', () => (isClosed = true));
      response.writeHead(status).write(STREAM);
    };
    const { code, message } = await refusalOf(readArrow(fetch(url)));
    expect([code, message]).toEqual([
      'SOURCE_UNREADABLE',
      `readArrow's response must have a status of 200 to 299, got ${status}`,
    ]);
    await expect.poll(() => isClosed).toBe(true);
  });

  it('passes on what fetch rejects with, and a connection that breaks', async () => {
    const cause = new TypeError('fetch failed');
    await expect(lastValueFrom(readArrow(Promise.reject(cause)))).rejects.toBe(cause);
    answer = (_request, response) => {
      response.write(STREAM.subarray(0, 100), () => response.destroy());
    };
    await expect(lastValueFrom(readArrow(fetch(url)))).rejects.toThrow('terminated');
  });

  it('tries anew under defer and retry', async () => {
    let asked = 0;
    answer = (_request, response) => {
      asked += 1;
      response.writeHead(asked < 3 ? 503 : 200).end(asked < 3 ? '' : FILE);
    };
    expect(await read(defer(() => readArrow(fetch(url))).pipe(retry(2)))).toEqual(rows);
    expect(asked).toBe(3);
  });
});

describe('readArrow refuses', () => {
  it.each<[string, string | Uint8Array]>([
    ['CSV', 'step,loss\n1,0.9\n2,0.7\n'],
    ['JSON', '{"loss": 1}'],
    ['Parquet', 'PAR1\x15\x04\x15\x00'],
    ['gzip', Uint8Array.of(0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 5)],
    ['zeros', new Uint8Array(64)],
    ['two bytes', 'AR'],
    ["what only begins as Arrow's mark does", 'ARROWS and bows'],
  ])('%s, and shows how it begins', async (_name, bytes) => {
    const { code, message } = await refusalOf(readArrow(Buffer.from(bytes)));
    expect(code).toBe('ARROW_FORMAT');
    const start = Buffer.from(bytes).subarray(0, 2).toString('hex').replace(/^../, '$& ');
    expect(message).toContain(`must be an Arrow stream or file, got bytes that begin ${start}`);
  });

  it('a damaged body, or reads what became of it (property)', () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom(STREAM, fixture('lz4.arrows'), fixture('zstd.arrows')),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (bytes, at, flip) => {
          const broken = Uint8Array.from(bytes);
          const bodies = messagesOf(broken).map((message) => message.subarray(bodyAt(message)));
          const body = bodies.filter(({ length }) => length > 0)[at % 2]!;
          body[at % body.length]! ^= flip;
          const end = await lastValueFrom(readArrow(broken)).then(
            () => 'read',
            (error: unknown) => (error as SmoothingError).code ?? error,
          );
          expect(end === 'read' || end === 'ARROW_FORMAT' || end).toBe(true);
        },
      ),
      { numRuns: 200 },
    ));

  it.each(['lz4.arrows', 'zstd.arrows'])(
    'in %s a length that no compression can reach, before it is allocated',
    async (name) => {
      const broken = Uint8Array.from(fixture(name));
      const dictionary = messagesOf(broken)[1]!;
      new DataView(broken.buffer, dictionary.byteOffset + bodyAt(dictionary)).setBigInt64(0, 2n ** 40n, true);
      const { code, message } = await refusalOf(readArrow(broken));
      expect(code).toBe('ARROW_FORMAT');
      expect(message).toContain('bytes for 1099511627776 decompressed ones');
    },
  );

  it('a stream that begins without a schema, or has a second one', async () => {
    const encoder = new StreamEncoder();
    const first = encoder.encode(three[0]!);
    const second = encoder.encode(three[1]!);
    expect((await refusalOf(readArrow(second))).message).toContain('no schema, which is the first');
    expect((await refusalOf(readArrow(Buffer.concat([first, first])))).message).toContain('a second schema');
  });

  it('a dictionary that is missing', async () => {
    const stream = fixture('delta.arrows');
    const { code, message } = await refusalOf(readArrow(withoutMessage(stream, 1)));
    expect([code, message]).toEqual([
      'ARROW_FORMAT',
      "message 2 of readArrow's source must be sound, got codes of dictionary 0, which has not come before",
    ]);
  });

  it("a file that isn't there or is a folder, and says which", async () => {
    const path = join(folder, 'none.arrow');
    const { code, message } = await refusalOf(readArrow(path));
    expect(code).toBe('SOURCE_UNREADABLE');
    expect(message).toBe(
      `readArrow's source must be a file that can be read, got ENOENT: no such file or directory, open '${path}'`,
    );
    const aFolder = await refusalOf(readArrow(folder));
    expect([aFolder.code, aFolder.message]).toEqual([
      'SOURCE_UNREADABLE',
      "readArrow's source must be a file that can be read, got a folder",
    ]);
  });

  it('a stream, response or generator that was read before', async () => {
    const node = Readable.from(inPieces(STREAM, 100));
    const response = new Response(STREAM.slice());
    const sources = [node, webStream(STREAM).stream, response, inPieces(STREAM, 100)];
    for (const source of sources) {
      const batch$ = readArrow(source);
      expect(await read(batch$)).toEqual(rows);
      expect((await refusalOf(batch$)).code).toBe('SOURCE_UNREADABLE');
    }
  });

  it('pieces that are not bytes', async () => {
    const text = Readable.from(['ARROW1', 'text']);
    expect((await refusalOf(readArrow(text))).code).toBe('VALUE_KIND');
  });

  it.each([
    [''],
    ['https://example.org/a.arrow'],
    [new URL('https://example.org/a.arrow')],
    [3],
    [null],
    [{}],
    [[1, 2]],
  ])('%j when it is called', (source) => {
    expect(refusal(() => readArrow(source as string)).code).toBe('OPTION_VALUE');
  });

  it('what a promise of a source turns out not to be', async () => {
    expect((await refusalOf(readArrow(Promise.resolve(3) as never))).code).toBe('OPTION_VALUE');
  });
});

describe("readArrow of other writers' bytes", () => {
  it('reads what writeArrow wrote, a source without a batch too', async () => {
    const path = join(folder, 'out.arrow');
    await lastValueFrom(from(three).pipe(writeArrow(path)));
    expect(await read(readArrow(path))).toEqual(rows);
    await lastValueFrom(EMPTY.pipe(writeArrow(path)));
    expect(await read(readArrow(path))).toEqual([]);
  });

  it('reads while writeArrow still writes: what is whole at the time', async () => {
    const path = join(folder, 'growing.arrow');
    const [source, stop] = [new Subject<RecordBatch>(), new Subject<void>()];
    const written = lastValueFrom(source.pipe(takeUntil(stop), writeArrow(path)));
    source.next(three[0]!);
    await expect.poll(() => read(readArrow(path))).toEqual([[1, 2]]);
    stop.next();
    await written;
  });

  it('stops at the end mark of a stream', async () => {
    expect(await readBytes(Buffer.concat([STREAM, Buffer.from('more')]))).toEqual(rows);
  });

  it('reads a schema without batches', async () => {
    const none = new RecordBatchStreamWriter();
    none.reset(undefined, schema).close();
    expect(await readBytes(none.toUint8Array(true))).toEqual([]);
  });

  it('reads the prefixes of before version 0.15', async () => {
    expect(await readBytes(withLegacyPrefixes(STREAM))).toEqual(rows);
  });

  it('reads dictionaries that grow and that are replaced', async () => {
    expect(await readBytes(fixture('delta.arrows'))).toEqual([
      ['a', 'b'],
      ['c', 'a'],
    ]);
    expect(await readBytes(fixture('replaced.arrows'))).toEqual([
      ['a', 'b'],
      ['x', 'y'],
    ]);
    const [first, second] = [['a', 'b'], ['c']].map((name) => tableFromArrays({ name }).batches[0]!);
    const path = join(folder, 'names.arrow');
    await lastValueFrom(from([first!, second!]).pipe(writeArrow(path)));
    expect(await read(readArrow(path))).toEqual([['a', 'b'], ['c']]);
  });

  it('reads dictionaries in which an earlier batch stays what it was', async () => {
    const batches = await lastValueFrom(readArrow(fixture('replaced.arrows')).pipe(toArray()));
    expect(batches.map(rowsOf)).toEqual([
      ['a', 'b'],
      ['x', 'y'],
    ]);
  });

  it("turns pyarrow's integers and decimals of every width into doubles behind toFloat64", async () => {
    const bytes = fixture('numbers.arrow');
    const names = tableFromIPC(bytes).schema.fields.map(({ name }) => name);
    const batch = await lastValueFrom(readArrow(bytes).pipe(toFloat64(names)));
    expect(columnsOf(batch)).toEqual({
      int8: integer(8),
      int16: integer(16),
      int32: integer(32),
      int64: [1, null, 2 ** 63],
      uint8: integer(8),
      uint16: integer(16),
      uint32: integer(32),
      uint64: [1, null, 2 ** 63],
      decimal32: [123.45, null, -0.1],
      decimal64: [123.45, null, -0.1],
      decimal128: [123.45, null, -0.1],
      decimal256: [123.45, null, -0.1],
    });
  });
});

describe.each(['lz4.arrow', 'lz4.arrows', 'zstd.arrow', 'zstd.arrows'])('readArrow of %s', (name) => {
  const type = name.startsWith('lz4') ? CompressionType.LZ4_FRAME : CompressionType.ZSTD;
  afterEach(() => {
    compressionRegistry.set(type, {});
    vi.doUnmock('lz4-napi');
    vi.doUnmock('zstddec');
  });

  const expected = [0, 10_000].map((first) => {
    const all = Array.from({ length: 10_000 }, (_, i) => first + i);
    return {
      step: all.map((i) => BigInt(Math.floor(i / 100))),
      loss: all.map((i) => (i % 10 === 9 ? null : (i % 8) / 8)),
      symbol: all.map((i) => ['up', 'down'][i % 2]),
      note: all.map((i) => ['a note that is longer than a view', 'short'][i % 2]),
    };
  });

  it('gives what pyarrow compressed, and leaves the registry as it was', async () => {
    const batches = await lastValueFrom(readArrow(fixture(name)).pipe(toArray()));
    expect(batches.map(columnsOf)).toEqual(expected);
    expect(compressionRegistry.get(type) ?? {}).toEqual({});
  });

  it('gives the same from pieces', async () => {
    const batches = await lastValueFrom(readArrow(inPieces(fixture(name), 777)).pipe(toArray()));
    expect(batches.map(columnsOf)).toEqual(expected);
  });

  it('uses the codec that is registered with apache-arrow, and keeps it', async () => {
    const given: number[] = [];
    const codec = {
      decode(bytes: Uint8Array) {
        given.push(bytes.length);
        return new Uint8Array(3);
      },
    };
    compressionRegistry.set(type, codec);
    const { code, message } = await refusalOf(readArrow(fixture(name)));
    expect([code, given.length]).toEqual(['ARROW_FORMAT', 1]);
    expect(message).toContain('3 bytes decompressed, not ');
    expect(compressionRegistry.get(type)).toBe(codec);
  });

  it('says what to install when there is no codec', async () => {
    const wanted = name.startsWith('lz4') ? 'lz4-napi' : 'zstddec';
    vi.doMock(wanted, () => {
      throw new Error('it is not there');
    });
    const { code, message } = await refusalOf(readArrow(fixture(name)));
    expect(code).toBe('CODEC_MISSING');
    expect(message).toContain(`npm i ${wanted},`);
  });
});
