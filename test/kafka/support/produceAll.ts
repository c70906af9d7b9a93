import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaError } from '../../../src/apps/scale/rdkafka/client.js';
import { type At, outcome, type Settings, type TestProducer, withProducer } from './connection.js';

/** A message to be sent. */
export interface Sent {
  readonly key?: string | Buffer | null;
  readonly value: string | Uint8Array | null;
  /** @default as the key says, as Java has it */
  readonly partition?: number;
  /** ms since 1970. @default now */
  readonly timestamp?: number;
  readonly headers?: readonly Readonly<Record<string, string | Buffer>>[];
}

/** How messages are sent. */
export interface Sending {
  /** In one transaction, which is committed or aborted once all has reached the broker. @default in none */
  readonly transaction?: 'commit' | 'abort';
  /** Of librdkafka. */
  readonly settings?: Settings;
}

const QUEUE_FULL = -184;
const LONG = 120_000;

/** Writes messages, as fast as they come, and waits until the broker has them all. */
export function produceAll(
  at: At,
  topic: string,
  messages: Iterable<Sent> | AsyncIterable<Sent>,
  how: Sending = {},
): Promise<void> {
  const transactional = how.transaction === undefined ? {} : { 'transactional.id': `test-${randomUUID()}` };
  const settings = {
    'linger.ms': 5,
    'enable.idempotence': true, // or a retry changes their order
    dr_cb: true,
    'delivery.report.only.error': true, // a call for each message halves the speed
    ...transactional,
    ...how.settings,
  };
  return withProducer(at, settings, async (producer) => {
    if (how.transaction !== undefined) {
      await outcome((done) => producer.initTransactions(LONG, done));
      await outcome((done) => producer.beginTransaction(done));
    }
    await deliver(producer, topic, messages);
    if (how.transaction === 'commit') await outcome((done) => producer.commitTransaction(LONG, done));
    if (how.transaction === 'abort') await outcome((done) => producer.abortTransaction(LONG, done));
  });
}

async function deliver(
  producer: TestProducer,
  topic: string,
  messages: Iterable<Sent> | AsyncIterable<Sent>,
): Promise<void> {
  const failures: string[] = [];
  let trouble = 'no other error';
  producer.on('delivery-report', (error: KafkaError) => failures.push(error.message));
  producer.on('event.error', (error: KafkaError) => (trouble = error.message));
  try {
    for await (const message of messages) await enqueue(producer, topic, message);
    await outcome((done) => producer.flush(LONG, done));
  } catch (error) {
    failures.push((error as Error).message);
  }
  await sleep(10); // what was reported comes a turn later
  if (failures.length > 0) throw new Error(`not all was written to ${topic}: ${failures[0]!} (${trouble})`);
}

async function enqueue(producer: TestProducer, topic: string, message: Sent): Promise<void> {
  const { key, value, partition, timestamp, headers } = message;
  for (;;) {
    try {
      const bytes = value === null ? null : bytesOf(value);
      const keyBytes = key === null || key === undefined ? null : bytesOf(key);
      producer.produce(topic, partition ?? null, bytes, keyBytes, timestamp ?? null, null, headers?.slice());
      return;
    } catch (error) {
      if ((error as KafkaError).code !== QUEUE_FULL) throw error;
      producer.poll();
      await sleep(5);
    }
  }
}

/** Bytes that are somewhere also if there are none: the client takes an empty buffer that is nowhere for null. */
function bytesOf(text: string | Uint8Array): Buffer {
  const bytes = Buffer.from(text as Uint8Array);
  return bytes.length === 0 ? Buffer.alloc(1).subarray(0, 0) : bytes;
}
