import type { Data, Field } from 'apache-arrow';
import type { Compressors, FileMetaData, ParquetParsers } from 'hyparquet';
import { Observable } from 'rxjs';

import { SmoothingError } from '../errors.js';
import { failure, said } from '../failure.js';
import { openRanges, type RangesFile } from './openRanges.js';
import { optionalPackage } from './optionalPackage.js';
import type { Arrow } from './parquetCells.js';
import { parquetColumns } from './parquetColumns.js';
import { windowData } from './parquetWindow.js';
import type { RecordBatch } from './recordBatch.js';

const CALLER = 'fromParquet';
/** A batch, at most: row groups may be of any size, and what is decoded at once takes several times its place. */
const BATCH_ROWS = 2 ** 16;
/** A file without rows: two marks and the length of the footer between them. */
const SHORTEST = 12;

/** Times and text as they are in the file: what hyparquet makes of them by itself loses digits, or takes time. */
const AS_STORED: Partial<ParquetParsers> = {
  timestampFromMilliseconds: (millis) => millis,
  timestampFromMicroseconds: (micros) => micros,
  timestampFromNanoseconds: (nanos) => nanos,
  dateFromDays: (days) => days,
  stringFromBytes: (bytes) => bytes,
  jsonFromBytes: (bytes) => bytes,
  geometryFromBytes: (bytes) => bytes,
  geographyFromBytes: (bytes) => bytes,
};

/**
 * What `fromParquet` says; for a program that has apache-arrow in its bundle.
 *
 * @param columns - null for all that can be read
 */
export function parquetBatches(
  path: string,
  columns: readonly string[] | null,
  arrowOf: () => Promise<Arrow>,
): Observable<RecordBatch> {
  return new Observable((subscriber) => {
    const read = async (): Promise<void> => {
      for await (const batch of readParquet(path, columns, arrowOf, () => subscriber.closed)) {
        subscriber.next(batch);
        await new Promise((resolve) => setImmediate(resolve)); // timers, sockets and whoever wants to unsubscribe
        if (subscriber.closed) return;
      }
    };
    read().then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    );
  });
}

/** The same as they are asked for. @param closed - true once nobody wants more: looked at between two columns */
export async function* readParquet(
  path: string,
  columns: readonly string[] | null,
  arrowOf: () => Promise<Arrow>,
  closed: () => boolean,
): AsyncGenerator<RecordBatch> {
  const arrow = await arrowOf();
  const file = await openRanges(path, CALLER);
  try {
    yield* batchesIn(file, columns, arrow, closed);
  } catch (error) {
    const damaged = `'${path}' must be a whole Parquet file, got ${said(error)}`;
    throw error instanceof SmoothingError ? error : failure('FILE_FORMAT', damaged, error);
  } finally {
    await file.close();
  }
}

async function* batchesIn(
  file: RangesFile,
  columns: readonly string[] | null,
  arrow: Arrow,
  closed: () => boolean,
): AsyncGenerator<RecordBatch> {
  const hyparquet = await optionalPackage<typeof import('hyparquet')>('hyparquet', CALLER);
  const { compressors } = await optionalPackage<{ compressors: Compressors }>('hyparquet-compressors', CALLER);
  if (file.byteLength < SHORTEST) throw new Error(`${file.byteLength} bytes`);
  const asStored = {
    file,
    compressors: forEmptyToo(compressors),
    parsers: AS_STORED,
    utf8: false,
    useOffsetIndex: true,
    geoparquet: false,
  };
  const metadata = withScales(await hyparquet.parquetMetadataAsync(file, asStored));
  const chosen = parquetColumns(hyparquet.parquetSchema(metadata).children, columns, arrow);
  const fields = chosen.map(({ name, nullable, kind }) => new arrow.Field(name, kind.type, nullable));
  for (const [rowStart, rowEnd] of windowsOf(metadata)) {
    const children: Data[] = [];
    for (const column of chosen) {
      if (closed()) return;
      children.push(
        await windowData(column, rowStart, rowEnd, (part) => hyparquet.parquetRead({ ...asStored, metadata, ...part })),
      );
    }
    yield batchOf(arrow, fields, children, rowEnd - rowStart);
  }
}

/** hyparquet-compressors 1.1.2 refuses nothing at all compressed with LZ4, as the dictionary of a column of nulls is. */
function forEmptyToo(compressors: Compressors): Compressors {
  const wrapped = Object.entries(compressors).map(([codec, decompress]) => {
    const safe = (input: Uint8Array, length: number) => (length === 0 ? new Uint8Array(0) : decompress(input, length));
    return [codec, safe] as const;
  });
  return Object.fromEntries(wrapped);
}

/** hyparquet scales decimals by what older files say; newer ones may say it in the logical type alone. */
function withScales(metadata: FileMetaData): FileMetaData {
  const schema = metadata.schema.map((element) => {
    const { logical_type: logical } = element;
    return logical?.type === 'DECIMAL'
      ? { ...element, converted_type: 'DECIMAL' as const, scale: logical.scale }
      : element;
  });
  return { ...metadata, schema };
}

/** Where batches begin and end: each within one row group. */
function* windowsOf({ row_groups }: FileMetaData): Generator<readonly [rowStart: number, rowEnd: number]> {
  let start = 0;
  for (const { num_rows } of row_groups) {
    const end = start + Number(num_rows);
    for (; start < end; start = Math.min(start + BATCH_ROWS, end)) yield [start, Math.min(start + BATCH_ROWS, end)];
  }
}

function batchOf(arrow: Arrow, fields: Field[], children: Data[], length: number): RecordBatch {
  const type = new arrow.Struct(fields);
  return new arrow.RecordBatch(new arrow.Schema(fields), arrow.makeData({ type, length, nullCount: 0, children }));
}
