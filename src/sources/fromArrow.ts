import type { Observable } from 'rxjs';

import { bad, choice } from '../options.js';
import { safetensorsOptions } from '../state/safetensorsOptions.js';
import { arrowBatches, type ReadArrow } from './arrowBatches.js';
import { optionalPackage } from './optionalPackage.js';
import type { RecordBatch } from './recordBatch.js';

/** Options of `fromArrow`. */
export interface FromArrowOptions {
  /** Go on with batches that are yet to be written, until the stream says that it has ended, or unsubscribed. @default false */
  readonly follow?: boolean;
}

/**
 * The batches of an Arrow stream or file on the disk, each as soon as its last byte has been written.
 *
 * Without `follow` it is `readArrow(path)`. With it a stream that somebody is writing is read as it grows, as `writeArrow` and
 * pyarrow's `ipc.new_stream` write them: a batch comes within 200 ms of its last byte, one that is half written is waited for,
 * and so is a file that is not there yet. It completes at the mark with which a writer ends a stream. Where a file is cut or
 * written anew without that mark, as by a program that was killed and started again, the new stream is read from its beginning,
 * whatever its schema. Arrow's *file* format can't grow, since it ends with a footer: such a file is read as without `follow`.
 *
 * Node only, with `npm i apache-arrow` beside the package. Between two batches the event loop gets its turn.
 *
 * @param path - of the file
 * @param options - `follow`
 * @returns a cold Observable of RecordBatches, yours
 * @throws SmoothingError `OPTION_VALUE`, `OPTION_UNKNOWN` at the call. As notifications, with the path, those of `readArrow`,
 *   and `PACKAGE_MISSING`
 * @example
 * ```ts
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { tableFromArrays } from 'apache-arrow';
 * import { from, lastValueFrom } from 'rxjs';
 * import { biasCorrected, emaScan } from 'rx-ema';
 * import { writeArrow } from 'rx-ema/arrow';
 * import { fromArrow } from 'rx-ema/sources';
 *
 * const path = join(tmpdir(), 'rx-ema-followed.arrows');
 * const smooth = lastValueFrom(fromArrow(path, { follow: true }).pipe(emaScan({ decay: 0.5 }), biasCorrected()));
 * await lastValueFrom(from(tableFromArrays({ loss: Float64Array.of(4, 2, 1) }).batches).pipe(writeArrow(path)));
 * console.log((await smooth).getChild('loss')?.get(1).toFixed(3));
 * // => 2.667
 * ```
 * @see `readArrow` from `rx-ema/arrow` for bytes, streams and responses
 */
export function fromArrow(path: string, options: FromArrowOptions = {}): Observable<RecordBatch> {
  if (typeof path !== 'string' || path === '') throw bad('path', 'be the path of a file', path);
  const follow = choice(safetensorsOptions(options, ['follow']), 'follow', [true, false]) ?? false;
  return arrowBatches(path, follow, async () => {
    await optionalPackage('apache-arrow', 'fromArrow'); // which is what to install
    // by its name, so that a bundle finds it too; ours imports apache-arrow, and so may not be imported here
    const { readArrow } = await optionalPackage<{ readArrow: ReadArrow }>('rx-ema/arrow', 'fromArrow');
    return readArrow;
  });
}
