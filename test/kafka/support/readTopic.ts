import type { Consumed } from '../../../src/apps/scale/rdkafka/client.js';
import { type At, outcome, withConsumer } from './connection.js';
import { partitionsOf } from './newTopic.js';

/** A message that was read. */
export interface Read {
  readonly partition: number;
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** ms since 1970. */
  readonly timestamp: number;
  readonly headers: readonly Readonly<Record<string, string | Buffer>>[];
}

/** How a topic is read. */
export interface Reading {
  /** @default 'read_committed' */
  readonly isolation?: 'read_committed' | 'read_uncommitted';
  /** ms to wait for open transactions to end. 0: up to the first one. @default 60000 */
  readonly withinMs?: number;
}

/** All that a topic holds now, by partition. Waits for transactions that are open, and throws if they stay so. */
export async function readTopic(at: At, topic: string, how: Reading = {}): Promise<Read[][]> {
  const { isolation = 'read_committed', withinMs = 60_000 } = how;
  const ends = await endsOf(at, topic);
  const settings = { 'isolation.level': isolation, 'enable.partition.eof': true, 'fetch.wait.max.ms': 10 };
  return withConsumer(at, settings, async (consumer) => {
    const found: Read[][] = ends.map(() => []);
    const until = Date.now() + withinMs;
    const reached = found.map(() => -1);
    consumer.on('partition.eof', (at: { partition: number; offset: number }) => (reached[at.partition] = at.offset));
    consumer.setDefaultConsumeTimeout(50);
    consumer.assign(found.map((_, partition) => ({ topic, partition, offset: BEGINNING })));
    const enough = (partition: number) => reached[partition]! >= (withinMs === 0 ? 0 : ends[partition]!);
    while (!found.every((_, partition) => enough(partition))) {
      const messages = await outcome<Consumed[]>((done) => consumer.consume(10_000, done));
      for (const message of messages) found[message.partition]!.push(read(message));
      if (withinMs > 0 && Date.now() > until)
        throw new Error(
          `${topic} could be read to ${reached.join(', ')} only, of ${ends.join(', ')}: is a transaction open?`,
        );
    }
    return found;
  });
}

const BEGINNING = -2;

/** Behind what has been written last, by partition, be it committed or not: to a reader of what is committed it is earlier. */
function endsOf(at: At, topic: string): Promise<number[]> {
  return withConsumer(at, { 'isolation.level': 'read_uncommitted' }, async (consumer) => {
    const partitions = Array.from({ length: await partitionsOf(consumer, topic) }, (_, partition) => partition);
    const marks = await Promise.all(
      partitions.map((partition) =>
        outcome<{ lowOffset: number; highOffset: number }>((done) =>
          consumer.queryWatermarkOffsets(topic, partition, 30_000, done),
        ),
      ),
    );
    return marks.map(({ highOffset }) => highOffset);
  });
}

function read({ partition, offset, key, value, timestamp, headers }: Consumed): Read {
  return {
    partition,
    offset,
    key: key === null || key === undefined ? null : Buffer.from(key as Buffer),
    value,
    timestamp: timestamp ?? -1,
    headers: headers ?? [],
  };
}
