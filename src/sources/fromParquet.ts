import type { Observable } from 'rxjs';

import { bad, isNames } from '../options.js';
import { safetensorsOptions } from '../state/safetensorsOptions.js';
import { optionalPackage } from './optionalPackage.js';
import { parquetBatches } from './parquetBatches.js';
import type { RecordBatch } from './recordBatch.js';

/** Options of `fromParquet`. */
export interface FromParquetOptions {
  /** Names of the columns to read, in the order in which they come. @default all that hold one value a row */
  readonly columns?: readonly string[];
}

/**
 * A Parquet file as Arrow batches, of any size in constant memory: the columns that are asked for, and no others, are read.
 *
 * A batch has 65 536 rows at most, and rows of one row group. Types come from the file's schema, never from values: floats,
 * integers of every width, booleans, text (Utf8), bytes (Binary), dates, times, timestamps (`UTC` where the file says so) as
 * they are, INT96 as timestamps in ns, decimals as the nearest Float64, UUIDs as text. Nulls are kept; an optional column's
 * field is nullable. Columns of lists, maps and structs, of BSON and of intervals are passed over, and an error when asked for.
 *
 * Snappy, gzip, zstd, brotli and LZ4 are read. There is no `follow`: a Parquet file is complete when its footer is written.
 * Node only, with `npm i apache-arrow` beside the package. Between two batches the event loop gets its turn.
 *
 * @param path - of the file
 * @param options - `columns`
 * @returns a cold Observable of RecordBatches, yours
 * @throws SmoothingError `OPTION_VALUE`, `OPTION_UNKNOWN` at the call. As notifications: `SOURCE_UNREADABLE`; `FILE_FORMAT` for
 *   what is not Parquet, damaged or encrypted; `COLUMN_MISSING`; `COLUMN_TYPE`; `PACKAGE_MISSING`
 * @example
 * ```ts
 * import { writeFileSync } from 'node:fs';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { parquetWriteBuffer } from 'hyparquet-writer';
 * import { lastValueFrom } from 'rxjs';
 * import { biasCorrected, emaScan } from 'rx-ema';
 * import { fromParquet } from 'rx-ema/sources';
 *
 * const path = join(tmpdir(), 'rx-ema-loss.parquet');
 * const columnData = [{ name: 'loss', data: Float64Array.of(4, 2, 1) }];
 * writeFileSync(path, Buffer.from(parquetWriteBuffer({ columnData })));
 *
 * const smooth$ = fromParquet(path, { columns: ['loss'] }).pipe(emaScan({ decay: 0.5 }), biasCorrected());
 * const batch = await lastValueFrom(smooth$);
 * console.log(batch.getChild('loss')?.get(1).toFixed(3));
 * // => 2.667
 * ```
 * @see `fromArrow`, and `toFloat64` from `rx-ema/arrow` for columns of integers
 */
export function fromParquet(path: string, options: FromParquetOptions = {}): Observable<RecordBatch> {
  if (typeof path !== 'string' || path === '') throw bad('path', 'be the path of a file', path);
  const { columns = null } = safetensorsOptions(options, ['columns']) as FromParquetOptions & { columns?: unknown };
  if (columns !== null && !isNames(columns)) throw bad('columns', 'be a list of different names', columns);
  const names = columns === null ? null : [...columns];
  return parquetBatches(path, names, () => optionalPackage('apache-arrow', 'fromParquet'));
}
