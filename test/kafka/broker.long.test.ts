import { afterAll, beforeAll, expect, it } from 'vitest';
import type { KafkaClient, TopicPartition } from '../../src/apps/scale/rdkafka/client.js';
import { describeWith } from '../support/need.js';
import { administrationOf } from './support/administration.js';
import { type Cluster, startCluster } from './support/cluster.js';
import { loginOf, outcome, withConsumer, withProducer } from './support/connection.js';
import { kafka } from './support/needKafka.js';
import type { Read } from './support/readTopic.js';
import { type Topics, topicsOf } from './support/topics.js';

describeWith(kafka, 'a broker', (client) => {
  let cluster: Cluster;
  let topics: Topics;
  beforeAll(async () => {
    cluster = await startCluster({ users: { ada: 'secret' } });
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
    const count = 50_000;
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

  it('forgets what is trimmed', async () => {
    await topics.create('trimmed', 2);
    await topics.produce(
      'trimmed',
      Array.from('abc', (value) => ({ value, partition: 1 })),
    );
    await administrationOf(cluster).trim('trimmed', [0, 2]);
    expect(values(await topics.read('trimmed'))).toEqual(['c']);
  });

  it('tells the settings of a topic, and changes them', async () => {
    const administration = administrationOf(cluster);
    await topics.create('configured', 1, { 'cleanup.policy': 'compact', 'segment.ms': '60000' });
    await administration.configure('configured', { 'cleanup.policy': 'compact,delete' });
    expect(await administration.configOf('configured')).toEqual({
      'cleanup.policy': 'compact,delete',
      'segment.ms': '60000',
    });
  });

  it('lets its users do what they are allowed', async () => {
    await topics.create('guarded', 1);
    const asAda = topicsOf(client, cluster.sasl, loginOf('ada', 'secret'));
    await expect(asAda.produce('guarded', [{ value: 'a' }])).rejects.toThrow('authorization failed');
    await administrationOf(cluster).allow('ada', 'Write', 'topic', 'guarded');
    await asAda.produce('guarded', [{ value: 'b' }]);
    expect(values(await topics.read('guarded'))).toEqual(['b']);
  });

  it('has what it had after a power cut', async () => {
    await topics.create('kept', 1);
    await topics.produce('kept', [{ value: 'a' }]);
    await cluster.brokers[0]!.kill();
    expect(cluster.brokers[0]!.pid).toBeUndefined();
    await cluster.brokers[0]!.start();
    expect(values(await topics.read('kept'))).toEqual(['a']);
  });

  it('says what a group has committed, and waits for it', async () => {
    await topics.create('grouped', 2);
    await topics.produce('grouped', [{ value: 'a', partition: 1 }]);
    expect(await topics.committed('group', 'grouped')).toEqual([-1, -1]);
    await expect(topics.reached('group', 'grouped', [0, 1], 100)).rejects.toThrow('group has committed -1, -1');
    const commits = commitOf(client, cluster.bootstrap, { topic: 'grouped', partition: 1, offset: 1 });
    await topics.reached('group', 'grouped', [-1, 1]);
    await commits;
    expect(await topics.committed('group', 'grouped')).toEqual([-1, 1]);
  });
});

function values(read: readonly Read[][]): string[] {
  return read.flat().map(({ value }) => String(value));
}

async function commitOf(client: KafkaClient, bootstrap: string, to: Required<TopicPartition>): Promise<void> {
  const at = { client, settings: { 'bootstrap.servers': bootstrap, 'transactional.id': 'commits' } };
  const group = { 'group.id': 'group' };
  await withConsumer({ client, settings: { 'bootstrap.servers': bootstrap } }, group, (consumer) =>
    withProducer(at, {}, async (producer) => {
      await outcome((done) => producer.initTransactions(30_000, done));
      await outcome((done) => producer.beginTransaction(done));
      await outcome((done) => producer.sendOffsetsToTransaction([to], consumer as never, 30_000, done));
      await outcome((done) => producer.commitTransaction(30_000, done));
    }),
  );
}
