import { Message } from 'apache-arrow';

import { SmoothingError } from '../errors.js';
import type { ByteReader } from './byteReader.js';
import { failure, said } from '../failure.js';
import { schemaMessage } from './schemaMessage.js';
import { joined } from '../values/joined.js';

/** One message of Arrow's IPC format, whole. */
export interface ArrowMessage {
  readonly header: Message;
  /** The header's bytes, as they are behind the prefix. */
  readonly metadata: Uint8Array;
  readonly body: Uint8Array;
}

export const MAGIC = 'ARROW1';
export const CONTINUATION = -1;
/** What bytes come from, in errors. */
export const SOURCE = "readArrow's source";
/** More than a schema takes, and less than four letters of text read as a length. */
const LONGEST_LEGACY_HEADER = 2 ** 27;

/**
 * The messages of an Arrow stream or file, read one by one in the order in which they stand, up to the end mark.
 *
 * A file is a stream between two marks with a footer behind it, so both are read from the start, and what was not reached was
 * not read. Only apache-arrow's own writer leaves the schema out of the stream: it is in the footer alone, which is read first
 * then. A stream may end between two messages; a file must end with its second mark.
 *
 * @param bytes - at its start. A source without a single byte has no messages
 * @throws SmoothingError `ARROW_FORMAT` for anything else than such messages: foreign bytes, an end in the middle
 */
export async function* readMessages(bytes: ByteReader): AsyncGenerator<ArrowMessage, void> {
  let start = await bytes.read(4);
  if (start.byteLength === 0) return;
  const isFile = isText(start, MAGIC.slice(0, 4));
  if (isFile) {
    const rest = await bytes.read(4);
    if (!isText(rest.subarray(0, 2), MAGIC.slice(4))) throw foreign(start, rest);
    start = await bytes.read(4);
  }
  for (let count = 0; ; count++) {
    const length = await headerLength(bytes, start, count);
    if (length === null && isFile) throw cutShort(count, 'its end mark');
    if (length === 0 && isFile) await checkEnd(bytes, count);
    else if (length === 0 && count === 0) throw noSchema();
    if (length === null || length === 0) return;
    const message = await readMessage(bytes, length, count).catch((error: unknown) => {
      const isDoubtful = count === 0 && int32(start) !== CONTINUATION && error instanceof SmoothingError;
      throw isDoubtful ? foreign(start) : error; // a length that was none: gzip's first bytes look like one
    });
    const isSchema = message.header.isSchema();
    if (isSchema && count > 0) throw damaged(count, 'a second schema');
    if (!isSchema && count === 0) {
      if (!isFile) throw noSchema();
      yield await footerSchema(bytes);
    }
    yield message;
    start = await bytes.read(4);
  }
}

/** How long the next header is: 0 at the end mark, null where the source ends. `start` holds the four bytes read for it. */
async function headerLength(bytes: ByteReader, start: Uint8Array, count: number): Promise<number | null> {
  if (start.byteLength === 0) return null;
  if (start.byteLength < 4) throw count === 0 ? foreign(start) : cutShort(count, 'a length');
  const first = int32(start);
  if (first !== CONTINUATION) {
    // Before version 0.15 the length stood here
    if (count === 0 && !(first > 0 && first < LONGEST_LEGACY_HEADER)) throw foreign(start);
    if (first < 0) throw damaged(count, `a length of ${first} bytes`);
    return first;
  }
  const second = await bytes.read(4);
  if (second.byteLength < 4) throw cutShort(count, 'a length');
  const length = int32(second);
  if (length < 0) throw damaged(count, `a length of ${length} bytes`);
  return length;
}

async function readMessage(bytes: ByteReader, length: number, count: number): Promise<ArrowMessage> {
  const metadata = await bytes.read(length);
  if (metadata.byteLength < length) throw cutShort(count, `${length} bytes of header`, metadata.byteLength);
  const header = headerOf(metadata, count);
  const { bodyLength } = header;
  const body = await bytes.read(bodyLength);
  if (body.byteLength < bodyLength) throw cutShort(count, `${bodyLength} bytes of body`, body.byteLength);
  return { header, metadata, body };
}

/** The header of the message behind the first `count`, of which it is known how long its body is. */
export function headerOf(metadata: Uint8Array, count: number, source: string = SOURCE): Message {
  let header: Message;
  try {
    header = Message.decode(metadata);
  } catch (error) {
    throw damaged(count, said(error), error, source);
  }
  const { bodyLength } = header;
  if (Number.isSafeInteger(bodyLength) && bodyLength >= 0) return header;
  throw damaged(count, `a body of ${bodyLength} bytes`, undefined, source);
}

/** Reads what stands behind the end mark of a file. */
async function checkEnd(bytes: ByteReader, count: number): Promise<void> {
  let last: Uint8Array = new Uint8Array(0);
  for (;;) {
    const chunk = await bytes.read(2 ** 16);
    if (chunk.byteLength === 0) break;
    last = Uint8Array.from([...last, ...chunk.subarray(-MAGIC.length)]).subarray(-MAGIC.length);
  }
  if (!isText(last, MAGIC)) throw cutShort(count, `its footer and '${MAGIC}'`);
}

/** The schema in the footer of a file, as the message that is missing at its start. */
async function footerSchema(bytes: ByteReader): Promise<ArrowMessage> {
  const end = await bytes.tail(4 + MAGIC.length);
  if (!isText(end.subarray(4), MAGIC)) throw cutShort(0, `a schema, or its footer and '${MAGIC}'`);
  const footer = (await bytes.tail(int32(end) + end.byteLength)).subarray(0, int32(end));
  try {
    const metadata = schemaMessage(footer);
    return { header: Message.decode(metadata), metadata, body: new Uint8Array(0) };
  } catch (error) {
    throw failure('ARROW_FORMAT', `the footer of readArrow's source must be sound, got ${said(error)}`, error);
  }
}

function int32(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true);
}

export function isText(bytes: Uint8Array, text: string): boolean {
  return String.fromCharCode(...bytes) === text;
}

function noSchema(): SmoothingError {
  return damaged(0, 'no schema, which is the first');
}

function foreign(...parts: Uint8Array[]): SmoothingError {
  const got = `bytes that begin ${hex(joined(parts))}`;
  return new SmoothingError('ARROW_FORMAT', `readArrow's source must be an Arrow stream or file, got ${got}`);
}

/** Bytes as people write them down. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

function cutShort(count: number, wanted: string, had?: number): SmoothingError {
  const got = had === undefined ? 'its end' : `its end after ${had}`;
  const message = `readArrow's source must have ${wanted} behind message ${count}, got ${got}`;
  return new SmoothingError('ARROW_FORMAT', message);
}

/** About the message behind the first `count`. */
export function damaged(count: number, what: string, cause?: unknown, source: string = SOURCE): SmoothingError {
  return failure('ARROW_FORMAT', `message ${count + 1} of ${source} must be sound, got ${what}`, cause);
}
