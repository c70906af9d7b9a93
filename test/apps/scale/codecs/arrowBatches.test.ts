import {
  Field,
  Float64,
  Int64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  tableFromIPC,
  tableToIPC,
  Table,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { Ema, EwmState } from 'rx-ema';
import { arrowBatches } from 'rx-ema/kafka';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { refusal } from '../../../refusal.js';

const METADATA = new Map([['site', 'hall 7']]);

/** The value of a message, at an odd address as it may come. */
function messageOf(celsius: readonly (number | null)[]): Buffer {
  const id = vectorFromArray(celsius.map((_, i) => 2n ** 60n + BigInt(i)), new Int64()).data[0]!; // prettier-ignore
  const tag = vectorFromArray(celsius.map(() => 'é'), new Utf8()).data[0]!; // prettier-ignore
  const children = [id, vectorFromArray([...celsius], new Float64()).data[0]!, tag];
  const fields = ['id', 'celsius', 'tag'].map((name, i) => new Field(name, children[i]!.type, true));
  const data = makeData({ type: new Struct(fields), length: celsius.length, nullCount: 0, children });
  const bytes = tableToIPC(new Table(new RecordBatch(new Schema(fields, METADATA), data)), 'stream');
  return Buffer.concat([Buffer.of(0), bytes]).subarray(1);
}

describe('batches in messages', () => {
  it('go out smoothed, with the rest as it came', async () => {
    const codec = await arrowBatches();
    let key = 'a';
    const ema = new Ema<RecordBatch>({ alpha: 0.5, start: 'first', by: () => key });
    const smooth = (value: Buffer) => tableFromIPC(codec.encode(ema.update(codec.decode(value)), value));
    smooth(messageOf([20, 21]));
    key = 'b';
    smooth(messageOf([5]));
    key = 'a';
    const out = smooth(messageOf([22.5, null]));
    expect(out.schema.metadata).toEqual(METADATA);
    expect(out.toArray().map((row) => ({ ...(row as object) }))).toEqual([
      { id: 2n ** 60n, celsius: 21.5, tag: 'é' },
      { id: 2n ** 60n + 1n, celsius: null, tag: 'é' },
    ]);
  });

  it('go out with what a statistic appends', async () => {
    const codec = await arrowBatches();
    const bands = new EwmState<RecordBatch>({ alpha: 0.5, by: () => 'a' }, { stat: 'bands' });
    const value = messageOf([20, 21]);
    const out = tableFromIPC(codec.encode(bands.update(codec.decode(value)), value));
    expect(out.schema.fields.map(({ name }) => name).slice(3)).toEqual([
      'celsius_mean',
      'celsius_std',
      'celsius_upper',
      'celsius_lower',
    ]);
  });

  it('keep nothing of a message’s memory', async () => {
    const codec = await arrowBatches();
    const value = messageOf([1, 2]);
    const batch = codec.decode(value);
    value.fill(0xff);
    expect([...batch.getChild('celsius')!, ...batch.getChild('tag')!]).toEqual([1, 2, 'é', 'é']);
  });

  it.each<[string, Buffer, string, string]>([
    ['text', Buffer.from('{"celsius":20}'), 'ARROW_FORMAT', 'the Arrow stream in a message must be one, got bytes'],
    ['a batch that is cut short', messageOf([1, 2]).subarray(0, 400), 'ARROW_FORMAT', 'message'],
  ])('that are %s are refused', async (_, value, code, message) => {
    const codec = await arrowBatches();
    const refused = refusal(() => codec.decode(value));
    expect([refused.code, refused.message]).toEqual([code, expect.stringContaining(message)]);
  });
});

it('without apache-arrow says what to install', async () => {
  onTestFinished(() => {
    vi.doUnmock('apache-arrow');
    vi.resetModules();
  });
  vi.resetModules();
  vi.doMock('apache-arrow', () => {
    throw new Error('it is not there');
  });
  const fresh = await import('../../../../src/apps/scale/codecs/arrowBatches.js');
  const { SmoothingError } = await import('../../../../src/errors.js');
  const error: unknown = await fresh.arrowBatches().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(SmoothingError);
  expect(error).toMatchObject({
    code: 'PACKAGE_MISSING',
    message: expect.stringContaining('arrowBatches must find the package apache-arrow: npm i apache-arrow, got none'),
  });
});
