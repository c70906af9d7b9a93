import { createRequire } from 'node:module';
import type { KafkaClient, KafkaConsumer } from '../../../../src/apps/scale/rdkafka/client.js';
import { outcome, type TestProducer } from '../../../kafka/support/connection.js';

/** Looked up where this file lies, or the bundle that it is in: inside the repository. */
export const client = createRequire(import.meta.url)('node-rdkafka') as KafkaClient;

/** ms that a call to a broker may take. */
export const PATIENCE_MS = 30_000;

type Settings = Readonly<Record<string, string | number | boolean>>;

/** A connected consumer, which begins at the beginning where nothing is committed. */
export async function consumerOf(brokers: string, settings: Settings): Promise<KafkaConsumer> {
  const config = { 'bootstrap.servers': brokers, 'enable.auto.commit': false, ...settings };
  const consumer = new client.KafkaConsumer(config as never, { 'auto.offset.reset': 'earliest' } as never);
  await outcome((done) => consumer.connect({ timeout: PATIENCE_MS }, done));
  return consumer;
}

/** A connected producer, for a program that ends with it. */
export async function producerOf(brokers: string, settings: Settings): Promise<TestProducer> {
  const producer = new client.Producer({ 'bootstrap.servers': brokers, ...settings } as never, {} as never);
  await outcome((done) => producer.connect({ timeout: PATIENCE_MS }, done));
  return producer as unknown as TestProducer;
}
