import { setTimeout as sleep } from 'node:timers/promises';
import { Observable } from 'rxjs';
import type { KafkaClient } from 'rx-ema/kafka';
import { called, insistOn, type Consumer } from './client.js';
import { partitionsOf } from './topics.js';

/** A message, as far as it is looked at. */
export interface Message {
  readonly key: Buffer;
  readonly value: Buffer;
  readonly timestamp: number;
}

const CHUNK = 1000;
const CHUNK_MS = 100;
const CALL_MS = 10_000;

/**
 * What is committed to a topic from now on, in pieces of some messages; the first piece is empty, and says that from here
 * on nothing is missed.
 */
export function fromTopic(client: KafkaClient, brokers: string, topic: string): Observable<readonly Message[]> {
  return new Observable((subscriber) => {
    const consumer: Consumer = new client.KafkaConsumer(
      {
        'bootstrap.servers': brokers,
        'group.id': `${topic}-page`, // in name only: it takes what it wants, and commits nothing
        'enable.auto.commit': false,
        'isolation.level': 'read_committed', // what a worker throws away is not to be seen
      } as never,
      {} as never,
    );
    consumer.on('event.error', () => {}); // it connects again by itself
    const read = async (): Promise<void> => {
      await called((done) => consumer.connect({ timeout: CALL_MS }, done));
      consumer.assign(await endsOf(consumer, topic));
      consumer.setDefaultConsumeTimeout(CHUNK_MS);
      subscriber.next([]);
      while (!subscriber.closed) {
        const messages = await called<Message[]>((done) => consumer.consume(CHUNK, done as never)).catch(() =>
          sleep(CHUNK_MS, []),
        );
        if (messages.length > 0) subscriber.next(messages);
      }
    };
    void read()
      .catch((error: unknown) => subscriber.error(error))
      .finally(() => consumer.disconnect(() => {}));
  });
}

/** Behind the newest message of each partition. */
async function endsOf(
  consumer: Consumer,
  topic: string,
): Promise<{ topic: string; partition: number; offset: number }[]> {
  const ends = (await partitionsOf(consumer, topic)).map(async (partition) => {
    const { highOffset: offset } = await insistOn(() =>
      called<{ highOffset: number }>((done) => consumer.queryWatermarkOffsets(topic, partition, CALL_MS, done)),
    );
    return { topic, partition, offset };
  });
  return Promise.all(ends);
}
