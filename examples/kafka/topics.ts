import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaClient } from 'rx-ema/kafka';
import { called, type Consumer } from './client.js';

/** The messages of the sensors, and what the workers make of them. */
export const INPUT = 'telemetry';
export const OUTPUT = 'telemetry-smoothed';
/** As many workers can share the work. */
const PARTITIONS = 8;

interface Metadata {
  readonly topics: readonly { readonly name: string; readonly partitions: readonly { readonly id: number }[] }[];
}

const CALL_MS = 10_000;
const EXISTS = 36;

/** Makes both topics where they are not there, with as many replicas as the cluster gives a topic. */
export async function makeTopics(client: KafkaClient, brokers: string): Promise<void> {
  const admin = client.AdminClient.create({ 'bootstrap.servers': brokers } as never);
  try {
    for (const topic of [INPUT, OUTPUT]) {
      const wanted = { topic, num_partitions: PARTITIONS, replication_factor: -1 };
      await called((done) => admin.createTopic(wanted, CALL_MS, done)).catch((error: { code?: number }) => {
        if (error.code !== EXISTS) throw error;
      });
    }
  } finally {
    admin.disconnect();
  }
}

/** The partitions of a topic; waits until it can be seen. */
export async function partitionsOf(consumer: Consumer, topic: string): Promise<number[]> {
  for (;;) {
    const { topics } = await called<Metadata>((done) => consumer.getMetadata({ topic, timeout: CALL_MS }, done));
    const partitions = topics.find(({ name }) => name === topic)?.partitions ?? [];
    if (partitions.length > 0) return partitions.map(({ id }) => id);
    await sleep(50);
  }
}
