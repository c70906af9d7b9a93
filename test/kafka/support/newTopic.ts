import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaConsumer, Metadata } from '../../../src/apps/scale/rdkafka/client.js';
import { type At, outcome, withConsumer } from './connection.js';

/** Settings of a topic. */
export type TopicConfig = Readonly<Record<string, string>>;

/** Makes a topic, with as many replicas as the brokers give it, and waits until it can be seen. */
export async function newTopic(at: At, topic: string, partitions: number, config: TopicConfig = {}): Promise<void> {
  const admin = at.client.AdminClient.create({ ...at.settings } as never);
  try {
    const wanted = { topic, num_partitions: partitions, replication_factor: -1, config };
    await outcome<void>((done) => admin.createTopic(wanted, 30_000, (error) => done(error)));
  } finally {
    admin.disconnect();
  }
  await withConsumer(at, {}, async (consumer) => {
    while ((await partitionsOf(consumer, topic)) !== partitions) await sleep(50);
  });
}

/** How many partitions a topic has; 0 if it isn't there. */
export async function partitionsOf(consumer: KafkaConsumer, topic: string): Promise<number> {
  const metadata = await outcome<Metadata>((done) => consumer.getMetadata({ topic, timeout: 30_000 }, done));
  return metadata.topics.find(({ name }) => name === topic)?.partitions.length ?? 0;
}
