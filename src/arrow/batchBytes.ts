import type { CompressionType, RecordBatch } from 'apache-arrow';

import { SmoothingError } from '../errors.js';
import { joined } from '../values/joined.js';
import type { Decompress } from './codecs.js';
import { messagesIn } from './messagesIn.js';
import { StreamDecoder } from './streamDecoder.js';
import { StreamEncoder } from './streamEncoder.js';

/**
 * The batch in an Arrow stream that has but one.
 *
 * @param bytes - all of the stream
 * @param source - what it is, in errors
 * @param codecs - what decompresses
 * @returns a batch whose memory is of the bytes
 * @throws SmoothingError `ARROW_FORMAT` for what is no such stream, or damaged; `CODEC_MISSING`; `VALUE_KIND` for another
 *   number of batches
 */
export function batchIn(bytes: Uint8Array, source: string, codecs: Map<CompressionType, Decompress>): RecordBatch {
  const decoder = new StreamDecoder(source, codecs);
  const batches = messagesIn(bytes, source)
    .map((message) => decoder.decodeNow(message))
    .filter((batch) => batch !== null);
  const [batch] = batches;
  if (batch !== undefined && batches.length === 1) return batch;
  throw new SmoothingError('VALUE_KIND', `${source} must have one batch, got ${batches.length}`);
}

/** A batch as an Arrow stream of its own: a copy. Throws `VALUE_KIND` if it is none. */
export function bytesOfBatch(batch: RecordBatch): Uint8Array {
  const encoder = new StreamEncoder();
  return joined([encoder.encode(batch), encoder.end()]);
}
