import type { KafkaClient, KafkaConsumer, KafkaError, KafkaProducer } from '../../../src/apps/scale/rdkafka/client.js';

/** Settings of librdkafka. */
export type Settings = Readonly<Record<string, string | number | boolean>>;

/** With these, a connection to a cluster's `sasl` is one of its `users`. */
export function loginOf(user: string, password: string): Settings {
  return {
    'security.protocol': 'sasl_plaintext',
    'sasl.mechanism': 'PLAIN',
    'sasl.username': user,
    'sasl.password': password,
  };
}

/** A Kafka, and what one connects to it with. */
export interface At {
  readonly client: KafkaClient;
  readonly settings: Settings;
}

/** With what only tests use of a producer. */
export interface TestProducer extends KafkaProducer {
  poll(): unknown;
}

/** What a function that calls back came to. */
export function outcome<R>(
  call: (done: (error: KafkaError | null | undefined, result: R) => void) => unknown,
): Promise<R> {
  return new Promise((resolve, reject) => {
    call((error, result) => (error === null || error === undefined ? resolve(result) : reject(error)));
  });
}

/** Lends a connected consumer, of no group unless the settings say which. */
export async function withConsumer<R>(
  { client, settings }: At,
  own: Settings,
  use: (consumer: KafkaConsumer) => Promise<R>,
): Promise<R> {
  const config = { 'group.id': 'test', 'enable.auto.commit': false, ...settings, ...own };
  const consumer = new client.KafkaConsumer(config as never, {} as never);
  await outcome((done) => consumer.connect({ timeout: 30_000 }, done));
  try {
    return await use(consumer);
  } finally {
    await outcome((done) => consumer.disconnect(done));
  }
}

/** Lends a connected producer, which chooses a key's partition as Java does. */
export async function withProducer<R>(
  { client, settings }: At,
  own: Settings,
  use: (producer: TestProducer) => Promise<R>,
): Promise<R> {
  const producer = new client.Producer({ ...settings, ...own } as never, { partitioner: 'murmur2_random' } as never);
  await outcome((done) => producer.connect({ timeout: 30_000 }, done));
  try {
    return await use(producer as TestProducer);
  } finally {
    await outcome((done) => producer.disconnect(5000, done));
  }
}
