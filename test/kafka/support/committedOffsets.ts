import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaConsumer, KafkaError } from '../../../src/apps/scale/rdkafka/client.js';
import { type At, outcome, withConsumer } from './connection.js';
import { partitionsOf } from './newTopic.js';

/** What a group has committed, by partition of the topic: the next offset; −1 where nothing. */
export function committedOffsets(at: At, group: string, topic: string): Promise<number[]> {
  return withConsumer(at, { 'group.id': group }, (consumer) => committed(consumer, topic));
}

/** Waits until a group has committed at least these, by partition. */
export function committedReach(
  at: At,
  group: string,
  topic: string,
  offsets: readonly number[],
  withinMs: number,
): Promise<void> {
  const enough = (now: readonly number[]): boolean => offsets.every((offset, partition) => now[partition]! >= offset);
  return untilCommitted(at, group, topic, enough, `not ${offsets.join(', ')}`, withinMs);
}

/** Waits until a group has committed so many messages of a topic that has no gaps. */
export function committedCount(at: At, group: string, topic: string, count: number, withinMs: number): Promise<void> {
  const enough = (now: readonly number[]): boolean =>
    now.reduce((sum, offset) => sum + Math.max(0, offset), 0) >= count;
  return untilCommitted(at, group, topic, enough, `not ${count} in all`, withinMs);
}

function untilCommitted(
  at: At,
  group: string,
  topic: string,
  enough: (now: readonly number[]) => boolean,
  wanted: string,
  withinMs: number,
): Promise<void> {
  const until = Date.now() + withinMs;
  return withConsumer(at, { 'group.id': group }, async (consumer) => {
    for (;;) {
      // what can't be told while brokers go and come can be a little later
      const now = await committed(consumer, topic).catch((error: unknown) => error as KafkaError);
      if (Array.isArray(now) && enough(now)) return;
      if (Date.now() > until) {
        const got = Array.isArray(now) ? now.join(', ') : now.message;
        throw new Error(`${group} has committed ${got} of ${topic}, ${wanted}`);
      }
      await sleep(20);
    }
  });
}

async function committed(consumer: KafkaConsumer, topic: string): Promise<number[]> {
  const count = await partitionsOf(consumer, topic);
  const asked = Array.from({ length: count }, (_, partition) => ({ topic, partition }));
  const found = await outcome<{ partition: number; offset?: number }[]>((done) =>
    consumer.committed(asked, 30_000, done),
  );
  const offsets = asked.map(() => -1);
  for (const { partition, offset } of found) offsets[partition] = offset ?? -1;
  return offsets;
}
