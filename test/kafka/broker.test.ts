import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../support/need.js';
import { type Cluster, startCluster } from './support/cluster.js';
import { kafka } from './support/needKafka.js';
import type { Read } from './support/readTopic.js';
import { type Topics, topicsOf } from './support/topics.js';

describeWith(kafka, 'a broker', (client) => {
  let cluster: Cluster;
  let topics: Topics;
  beforeAll(async () => {
    cluster = await startCluster();
    topics = topicsOf(client, cluster.bootstrap);
  });
  afterAll(() => cluster.stop());

  it('gives back what was written, as it was written', async () => {
    await topics.create('all', 2);
    const headers = [{ a: '1' }, { a: '2' }];
    await topics.produce('all', [
      { key: 'k', value: 'v', partition: 1, timestamp: 1_700_000_000_000, headers },
      { key: 'k', value: null, partition: 1, timestamp: 1_700_000_000_001 },
    ]);
    const [first, second] = await topics.read('all');
    expect(first).toEqual([]);
    expect(second).toEqual([
      {
        partition: 1,
        offset: 0,
        key: Buffer.from('k'),
        value: Buffer.from('v'),
        timestamp: 1_700_000_000_000,
        headers: [{ a: Buffer.from('1') }, { a: Buffer.from('2') }],
      },
      { partition: 1, offset: 1, key: Buffer.from('k'), value: null, timestamp: 1_700_000_000_001, headers: [] },
    ]);
  });

  it('takes many messages', async () => {
    await topics.create('many', 4);
    const count = 200_000;
    const messages = (function* () {
      for (let i = 0; i < count; i++) yield { key: `k${i % 1000}`, value: String(i) };
    })();
    await topics.produce('many', messages);
    const read = await topics.read('many');
    expect(read.flat().length).toBe(count);
  });

  it('keeps what an aborted transaction wrote from those who read what is committed', async () => {
    await topics.create('transactions', 1);
    await topics.produce('transactions', [{ value: 'a' }], { transaction: 'abort' });
    await topics.produce('transactions', [{ value: 'b' }], { transaction: 'commit' });
    expect(values(await topics.read('transactions'))).toEqual(['b']);
    expect(values(await topics.read('transactions', { isolation: 'read_uncommitted' }))).toEqual(['a', 'b']);
  });

  it('has what it had after a power cut', async () => {
    await topics.create('kept', 1);
    await topics.produce('kept', [{ value: 'a' }]);
    await cluster.brokers[0]!.kill();
    await cluster.brokers[0]!.restart();
    expect(values(await topics.read('kept'))).toEqual(['a']);
  });
});

function values(read: readonly Read[][]): string[] {
  return read.flat().map(({ value }) => String(value));
}
