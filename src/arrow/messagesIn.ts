import { SmoothingError } from '../errors.js';
import { CONTINUATION, damaged, headerOf, hex, isText, MAGIC, type ArrowMessage } from './messages.js';

/**
 * The messages of an Arrow stream of which all bytes are there.
 *
 * @param source - what the bytes are, in errors
 * @returns views of the bytes
 * @throws SmoothingError `ARROW_FORMAT` for anything else than one stream: foreign bytes, a file, an end in the middle, more
 *   behind its end
 */
export function messagesIn(bytes: Uint8Array, source: string): ArrowMessage[] {
  const messages: ArrowMessage[] = [];
  let at = 0;
  const take = (length: number): Uint8Array => {
    if (length > bytes.byteLength - at) throw damaged(messages.length, 'its end in the middle', undefined, source);
    return bytes.subarray(at, (at += length));
  };
  const isStream = bytes.byteLength >= 8 && int32(bytes) === CONTINUATION;
  if (!isStream) throw foreign(bytes, source);
  while (at < bytes.byteLength) {
    const count = messages.length;
    const [mark, length] = [int32(take(4)), int32(take(4))];
    if (mark !== CONTINUATION || length < 0) throw damaged(count, `a length of ${length} bytes`, undefined, source);
    if (length === 0) break;
    const metadata = take(length);
    const header = headerOf(metadata, count, source);
    if (header.isSchema() !== (count === 0)) {
      throw damaged(count, count === 0 ? 'no schema, which is the first' : 'a second schema', undefined, source);
    }
    messages.push({ header, metadata, body: take(header.bodyLength) });
  }
  if (at < bytes.byteLength) throw damaged(messages.length, 'bytes behind the end', undefined, source);
  return messages;
}

function int32(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true);
}

function foreign(bytes: Uint8Array, source: string): SmoothingError {
  const start = bytes.subarray(0, 8);
  const what = isText(start.subarray(0, MAGIC.length), MAGIC) ? 'a file of Arrow' : `bytes that begin ${hex(start)}`;
  return new SmoothingError('ARROW_FORMAT', `${source} must be one, got ${bytes.byteLength === 0 ? 'nothing' : what}`);
}
