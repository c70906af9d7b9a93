import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  Dictionary,
  Int32,
  Message,
  RecordBatchFileWriter,
  RecordBatchStreamWriter,
  Table,
  tableFromIPC,
  tableFromJSON,
  tableToIPC,
  Utf8,
  vectorFromArray,
  type RecordBatch,
} from 'apache-arrow';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchIn, bytesOfBatch } from '../../src/arrow/batchBytes.js';
import { installedCodecs } from '../../src/arrow/codecs.js';
import { messagesIn } from '../../src/arrow/messagesIn.js';
import { holds } from '../holds.js';
import { held, refusal } from '../refusal.js';

const SOURCE = 'the stream';
const codecs = await installedCodecs();
const read = (bytes: Uint8Array): RecordBatch => batchIn(bytes, SOURCE, codecs);
const fixture = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(join(import.meta.dirname, '../fixtures/arrow', name)));
const rowsOf = (batch: RecordBatch) => new Table(batch).toArray().map((row) => ({ ...(row as object) }));

const symbols = vectorFromArray(['up', 'down', null, 'up'], new Dictionary(new Utf8(), new Int32()));
const table = new Table({ symbol: symbols, price: vectorFromArray([1.5, null, 3, 4]), n: vectorFromArray([1n, 2n, 3n, 4n]) }); // prettier-ignore
const BATCH = table.batches[0]!;
const STREAM = tableToIPC(table, 'stream');

/** A stream up to the end of its first batch. */
function firstOf(stream: Uint8Array): Uint8Array {
  const message = messagesIn(stream, SOURCE).find(({ header }) => header.isRecordBatch())!;
  return stream.slice(0, message.body.byteOffset - stream.byteOffset + message.body.byteLength);
}

describe('a batch', () => {
  it('goes into a stream of its own and out again, dictionaries and nulls too', () => {
    const bytes = bytesOfBatch(BATCH);
    expect(rowsOf(read(bytes))).toEqual(rowsOf(BATCH));
    expect(tableFromIPC(bytes).toArray().map(String)).toEqual(table.toArray().map(String));
    expect(bytesOfBatch(read(bytes))).toEqual(bytes);
  });

  it.each([
    ['with its end mark', STREAM],
    ['that ends behind the batch', firstOf(STREAM)],
    ['at an odd address', new Uint8Array([7, ...STREAM]).subarray(1)],
  ])('comes from what apache-arrow wrote, a stream %s', (_, bytes) => {
    expect(rowsOf(read(bytes))).toEqual(rowsOf(BATCH));
  });

  it.each(['lz4.arrows', 'zstd.arrows'])('comes from what pyarrow compressed: %s', (name) => {
    const batch = read(firstOf(fixture(name)));
    expect([batch.numRows, batch.getChild('symbol')!.get(1), batch.getChild('loss')!.get(9)]).toEqual([
      10_000,
      'down',
      null,
    ]);
  });

  it('of no rows is one', () => {
    const bytes = bytesOfBatch(BATCH.slice(0, 0));
    expect(read(bytes).numRows).toBe(0);
  });

  it('keeps its rows where it is a slice', () => {
    expect(rowsOf(read(bytesOfBatch(BATCH.slice(1, 3))))).toEqual(rowsOf(BATCH).slice(1, 3));
  });
});

describe('what is no stream of one batch is refused:', () => {
  const two = tableToIPC(new Table([BATCH, BATCH]), 'stream');
  const none = RecordBatchStreamWriter.writeAll(new Table(table.schema)).toUint8Array(true);
  const [schema, , batch] = messagesIn(STREAM, SOURCE);
  const from = (start: { metadata: Uint8Array }) => STREAM.slice(start.metadata.byteOffset - STREAM.byteOffset - 8);

  it.each<[string, Uint8Array, string, string]>([
    ['nothing', new Uint8Array(0), 'ARROW_FORMAT', 'the stream must be one, got nothing'],
    ['text', Buffer.from('{"price":1}'), 'ARROW_FORMAT', 'the stream must be one, got bytes that begin 7b 22 70 72 69 63 65 22'], // prettier-ignore
    ['a file', RecordBatchFileWriter.writeAll(table).toUint8Array(true), 'ARROW_FORMAT', 'the stream must be one, got a file of Arrow'], // prettier-ignore
    ['a schema alone', none, 'VALUE_KIND', 'the stream must have one batch, got 0'],
    ['two batches', two, 'VALUE_KIND', 'the stream must have one batch, got 2'],
    ['two streams', Buffer.concat([STREAM, STREAM]), 'ARROW_FORMAT', 'message 4 of the stream must be sound, got bytes behind the end'], // prettier-ignore
    ['no schema', from(batch!), 'ARROW_FORMAT', 'message 1 of the stream must be sound, got no schema, which is the first'], // prettier-ignore
    ['codes without their dictionary', Buffer.concat([STREAM.subarray(0, 8 + schema!.metadata.length), from(batch!)]), 'ARROW_FORMAT', 'message 2 of the stream must be sound, got codes of dictionary'], // prettier-ignore
  ])('%s', (_, bytes, code, message) => {
    const refused = refusal(() => read(bytes));
    expect(refused.code).toBe(code);
    expect(refused.message.slice(0, message.length)).toBe(message);
  });

  it('one that is cut short anywhere', () => {
    const whole = firstOf(STREAM).length;
    holds(
      fc.property(fc.nat(whole - 1), (length) => {
        expect(['ARROW_FORMAT', 'VALUE_KIND']).toContain(refusal(() => read(STREAM.slice(0, length))).code);
      }),
      500,
    );
  });

  it('one whose buffers are longer than any can be', () => {
    const { metadata } = batch!;
    const ofPrice = Buffer.from(BigInt64Array.of(32n).buffer); // the length of four doubles
    const at = metadata.byteOffset - STREAM.byteOffset + Buffer.from(metadata).indexOf(ofPrice);
    const bytes = STREAM.slice();
    bytes[at + 7] = 1;
    const { code, message } = refusal(() => read(bytes));
    expect([code, message]).toEqual(['ARROW_FORMAT', expect.stringContaining('message 3 of the stream must be sound')]);
  });

  it('one whose body is damaged, if that shows: never with another error', () => {
    const { body } = batch!;
    const start = body.byteOffset - STREAM.byteOffset;
    holds(
      fc.property(fc.nat(body.byteLength - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bytes = STREAM.slice();
        bytes[start + at]! ^= flip;
        let rows = BATCH.numRows;
        try {
          rows = read(bytes).numRows;
        } catch (error) {
          expect(held(error).code).toBe('ARROW_FORMAT');
        }
        expect(rows).toBe(BATCH.numRows);
      }),
      500,
    );
  });

  it('one that is compressed, where nothing decompresses', () => {
    const bytes = firstOf(fixture('zstd.arrows'));
    const { code, message } = refusal(() => batchIn(bytes, SOURCE, new Map()));
    expect([code, message]).toEqual(['CODEC_MISSING', expect.stringContaining('npm i zstddec')]);
  });

  it('what is no batch, on its way out', () => {
    expect(refusal(() => bytesOfBatch(tableFromJSON([{ x: 1 }]) as never)).code).toBe('VALUE_KIND');
    expect(Message.decode(schema!.metadata).isSchema()).toBe(true);
  });
});
