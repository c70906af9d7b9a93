import { describe, expect, it } from 'vitest';
import { Refusals } from '../../../../src/apps/scale/rdkafka/refusals.js';

const KEY = Buffer.from('k');
const refused = (size: number, key: Buffer | null = KEY) => ({ topic: 'out', partition: 1, key, size });
const written = (size: number, key: Buffer | null = KEY, topic = 'out', partition = 1) => ({
  topic,
  partition,
  key,
  value: Buffer.alloc(size),
});

describe('what a topic does not take', () => {
  it('is nothing, until a broker has said so', () => {
    expect(new Refusals({}).of(written(1e6))).toBeNull();
  });

  it('is a message that was too large alone, and others like it', () => {
    const refusals = new Refusals({ 'batch.size': 500 });
    expect(refusals.learnSize(refused(600), 500)).toBe(true);
    expect(refusals.of(written(600))).toBe('too large');
    const others = [written(599), written(600, Buffer.from('l')), written(600, null), written(600, KEY, 'dead'), written(600, KEY, 'out', 2)]; // prettier-ignore
    expect(others.map((one) => refusals.of(one))).toEqual([null, null, null, null, null]);
    expect(refusals.batchBytes).toBe(500);
  });

  it('is not known of a message among others: the next batches are smaller, until it is alone', () => {
    const refusals = new Refusals({});
    const sizes: number[] = [];
    while (!refusals.learnSize(refused(5000), refusals.batchBytes)) {
      expect(refusals.of(written(5000))).toBeNull();
      sizes.push(refusals.batchBytes);
    }
    expect(sizes).toEqual([62_500, 3906]);
    expect(refusals.of(written(5000))).toBe('too large');
  });

  it('is found in the end though it has no value', () => {
    const refusals = new Refusals({});
    for (let tries = 0; !refusals.learnSize(refused(0), refusals.batchBytes); tries++) expect(tries).toBeLessThan(6);
    expect([refusals.batchBytes, refusals.of({ ...written(0), value: null })]).toEqual([1, 'too large']);
  });

  it('makes batches no larger again where a late report comes of one that was larger', () => {
    const refusals = new Refusals({});
    refusals.learnSize(refused(9), 1000);
    refusals.learnSize(refused(9), 1_000_000);
    expect(refusals.batchBytes).toBe(62);
  });

  it('is a message without a key, if a batch was invalid', () => {
    const refusals = new Refusals({});
    refusals.learnKeyless(refused(7, null));
    refusals.learnKeyless(refused(7));
    expect([refusals.of(written(7, null)), refusals.of(written(7))]).toEqual(['without a key', null]);
  });

  it('is looked for in batches that are as large as the settings say', () => {
    expect(new Refusals({}).batchBytes).toBe(1_000_000);
    expect(new Refusals({ 'batch.size': 20_000 }).batchBytes).toBe(20_000);
    expect(new Refusals({ 'message.max.bytes': '20000', 'batch.size': 1e6 }).batchBytes).toBe(20_000);
    expect(new Refusals({ 'message.max.bytes': 9e6 }).batchBytes).toBe(1_000_000);
  });
});
