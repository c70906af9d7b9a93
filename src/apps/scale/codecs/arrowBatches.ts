import { optionalPackage } from '../../../sources/optionalPackage.js';
import type { RecordBatch } from '../../../sources/recordBatch.js';
import type { Codec } from '../codec.js';

type Arrow = typeof import('../../../arrow/batchBytes.js') & typeof import('../../../arrow/codecs.js');

const SOURCE = 'the Arrow stream in a message';

/**
 * Arrow record batches: an IPC stream with one batch for each message, as `pyarrow.ipc.new_stream` and `writeArrow` write
 * it. All rows of a batch are of the message's key. A batch of no rows is a message like others.
 *
 * What comes out is such a stream, uncompressed, with the schema, the metadata and the columns of what came in, but those that
 * are smoothed. Compressed bodies are read with the codec that is registered with apache-arrow's `compressionRegistry`, or
 * with the package `lz4-napi` or `zstddec`, if it is installed.
 *
 * @returns a codec, for any number of topics, once apache-arrow is there. `decode` throws a SmoothingError `ARROW_FORMAT` for
 *   what is no such stream, or damaged, `VALUE_KIND` for one of no batch or several, `CODEC_MISSING`; `encode` throws
 *   `VALUE_KIND` for what is no RecordBatch
 * @throws SmoothingError `PACKAGE_MISSING` if the package apache-arrow is not installed (a rejection)
 * @example
 * ```ts
 * import { tableFromArrays, tableFromIPC, tableToIPC } from 'apache-arrow';
 * import { arrowBatches } from 'rx-ema/kafka';
 * const codec = await arrowBatches();
 * const value = Buffer.from(tableToIPC(tableFromArrays({ celsius: Float64Array.of(20, 21) }), 'stream'));
 * const batch = codec.decode(value);
 * console.log(batch.numRows, tableFromIPC(codec.encode(batch, value)).getChild('celsius')?.get(1));
 * // => 2 21
 * ```
 * @see `jsonRecords` and `float64`, the other codecs; https://arrow.apache.org/docs/format/Columnar.html#ipc-streaming-format
 */
export async function arrowBatches(): Promise<Codec<RecordBatch>> {
  const { batchIn, bytesOfBatch, installedCodecs } = await optionalPackage<Arrow>(
    'apache-arrow',
    'arrowBatches',
    async () => ({ ...(await import('../../../arrow/batchBytes.js')), ...(await import('../../../arrow/codecs.js')) }),
  );
  const codecs = await installedCodecs();
  return {
    decode: (value) => batchIn(new Uint8Array(value), SOURCE, codecs), // a copy: columns that are not smoothed stay in what came out last
    encode: (smoothed) => bytesOfBatch(smoothed),
  };
}
