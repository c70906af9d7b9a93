import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../support/need.js';
import { startCluster, type Cluster } from './support/cluster.js';
import { kafka } from './support/needKafka.js';
import type { TopicConfig } from './support/newTopic.js';
import type { Sent } from './support/produceAll.js';
import type { Read } from './support/readTopic.js';
import { runs } from './support/runs.js';
import { topicsOf, type Topics } from './support/topics.js';

const padded = (x: number, length: number): Sent => ({
  key: 'k',
  value: JSON.stringify({ x, pad: 'p'.repeat(length) }),
});
const xs = (read: readonly Read[]) => read.map(({ value }) => (JSON.parse(String(value)) as { x: number }).x);
const reasons = (letters: readonly Read[]) => letters.map(({ headers }) => String(headers[0]!['rx-ema.reason']));

describeWith(kafka, 'what a topic does not take', (client) => {
  let cluster: Cluster;
  let topics: Topics;
  beforeAll(async () => {
    cluster = await startCluster();
    topics = topicsOf(client, cluster.bootstrap);
  });
  afterAll(() => cluster.stop());

  /** What a worker makes of messages, of which each weighs as much as what is there. */
  async function smoothed(name: string, sent: readonly Sent[], output: TopicConfig, letters?: TopicConfig) {
    await topics.create(name, 1, { 'max.message.bytes': '8000000' });
    await topics.create(`${name}-out`, 1, output);
    if (letters !== undefined) await topics.create(`${name}-out-dead-letters`, 1, letters);
    await topics.produce(name, sent, { settings: { 'message.max.bytes': 8_000_000 } });
    const run = runs({ client, brokers: cluster.bootstrap, input: name, output: `${name}-out`, ema: { halfLife: 1 } });
    const state = await run.until(({ messages }) => messages >= sent.length);
    await run.stop();
    const [[outputs], [dead]] = await Promise.all([
      topics.read(`${name}-out`),
      topics.read(`${name}-out-dead-letters`),
    ]);
    return { state, outputs: outputs!, dead: dead! };
  }

  it('costs nothing but itself: what is too large for the client, or for the topic alone', async () => {
    const sent = [padded(4, 1), padded(100, 1_500_000), padded(100, 30_000), padded(8, 1)];
    const { outputs, dead, state } = await smoothed('large', sent, { 'max.message.bytes': '20000' });
    expect(xs(outputs)).toEqual([2, 5]);
    expect(state).toMatchObject({ messages: 4, deadLetters: 2 });
    expect(reasons(dead)[0]).toMatch(/^the output must be small enough for its topic, got 15000\d\d bytes \(its 15000\d\d bytes and its headers are left out, for their size\)$/); // prettier-ignore
    expect([dead[0]!.value, String(dead[1]!.value)]).toEqual([null, sent[2]!.value]);
  });

  it('may be a batch of messages that it takes one by one: none of them is lost', async () => {
    const sent = Array.from({ length: 1500 }, (_, x) => padded(x, 100));
    const { outputs, dead, state } = await smoothed('batches', sent, { 'max.message.bytes': '30000' });
    expect([outputs.length, dead.length, state.deadLetters]).toEqual([1500, 0, 0]);
  });

  it('may be a letter, which goes without its value then', async () => {
    const sent = [padded(4, 1), { key: 'k', value: '{'.repeat(5000), headers: [{ a: '1' }] }, padded(8, 1)];
    const { outputs, dead } = await smoothed('letters', sent, {}, { 'max.message.bytes': '4000' });
    expect(xs(outputs)).toEqual([2, 5]);
    expect(dead.map(({ key, value, headers }) => [String(key), value, headers.length])).toEqual([['k', null, 4]]);
  });

  it('may be a message without a key: its topic is compacted', async () => {
    const sent = [padded(4, 1), { ...padded(9, 1), key: null }, padded(8, 1)];
    const { outputs, dead } = await smoothed('keyless', sent, { 'cleanup.policy': 'compact' });
    expect(xs(outputs)).toEqual([2, 5]);
    expect(reasons(dead)).toEqual(['the output must have a key, as its topic is compacted, got none']);
  });

  it('ends the worker if it is a timestamp, which a letter would have too', async () => {
    await topics.create('stamps', 1);
    await topics.create('stamps-out', 1, { 'message.timestamp.after.max.ms': '1000' });
    await topics.produce('stamps', [{ ...padded(4, 1), timestamp: Date.now() + 600_000 }]);
    const ema = { halfLife: 1 };
    const run = runs({ client, brokers: cluster.bootstrap, input: 'stamps', output: 'stamps-out', ema });
    expect(await run.ended).toMatchObject({
      code: 'TOPIC_SETTINGS',
      message: expect.stringMatching(/^'stamps-out' must take messages of any timestamp that the input has/) as string,
    });
  });

  it('may be a session that is shorter than the brokers allow: the worker says so, and waits', async () => {
    await topics.create('short', 1);
    await topics.create('short-out', 1);
    const options = { client, brokers: cluster.bootstrap, input: 'short', output: 'short-out', ema: { halfLife: 1 } };
    const run = runs({ ...options, sessionMs: 1000 });
    const { trouble } = await run.until(({ status }) => status === 'waiting');
    expect(trouble).toMatch(/^the group 'rx-ema-short-out' must take the worker in: .*session/i);
    await run.stop();
  });
});
