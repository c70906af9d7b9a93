import type { Consumed, KafkaConsumer } from '../../../../src/apps/scale/rdkafka/client.js';
import { outcome, type TestProducer } from '../../../kafka/support/connection.js';
import type { Job } from '../job.js';
import { consumerOf, PATIENCE_MS, producerOf } from './client.js';
import { say, toldToEnd } from './say.js';

/** Messages asked for at once. */
const MOST = 4096;

type Commit = (positions: { topic: string; partition: number; offset: number }[]) => Promise<void>;

/**
 * What the client can do: every message is written as it was read, to the partition that it has. `copy JOB transactions`:
 * in transactions, with the positions; `copy JOB bare`: positions are committed once what was made of them is acknowledged.
 */
async function copy({ brokers, input, output, group, commitMs }: Job, inTransactions: boolean): Promise<void> {
  const from = await consumerOf(brokers, { 'group.id': group });
  const to = await producerOf(brokers, {
    'linger.ms': 5,
    'batch.num.messages': 100_000,
    'queue.buffering.max.messages': 2_000_000, // more than a commit has
    ...(inTransactions && { 'transactional.id': group }),
  });
  to.setPollInterval(100);
  const commit = inTransactions ? await transactions(from, to) : acknowledged(from, to);
  from.setDefaultConsumeTimeout(10);
  from.subscribe([input]);
  const positions = new Map<number, number>();
  let commitAt = Infinity;
  let coming = consumed(from);
  for (;;) {
    const messages = await coming;
    coming = consumed(from); // while these are written
    if (commitAt === Infinity && messages.length > 0) {
      say('first');
      commitAt = performance.now() + commitMs;
    }
    for (const { partition, offset, key, value, timestamp } of messages) {
      to.produce(output, partition, value, key as Buffer, timestamp!, undefined);
      positions.set(partition, offset + 1);
    }
    if (positions.size === 0 || performance.now() < commitAt) continue;
    await commit([...positions].map(([partition, offset]) => ({ topic: input, partition, offset })));
    positions.clear();
    commitAt = performance.now() + commitMs;
  }
}

function consumed(from: KafkaConsumer): Promise<Consumed[]> {
  return outcome((done) => from.consume(MOST, done));
}

async function transactions(from: KafkaConsumer, to: TestProducer): Promise<Commit> {
  await outcome((done) => to.initTransactions(PATIENCE_MS, done));
  await outcome((done) => to.beginTransaction(done));
  return async (positions) => {
    await outcome((done) => to.sendOffsetsToTransaction(positions, from as never, PATIENCE_MS, done));
    await outcome((done) => to.commitTransaction(PATIENCE_MS, done));
    await outcome((done) => to.beginTransaction(done));
  };
}

function acknowledged(from: KafkaConsumer, to: TestProducer): Commit {
  const consumer = from as KafkaConsumer & { commitSync(positions: Parameters<Commit>[0]): unknown };
  return async (positions) => {
    await outcome((done) => to.flush(PATIENCE_MS, (error) => done(error, null)));
    consumer.commitSync(positions);
  };
}

copy(JSON.parse(process.argv[2]!) as Job, process.argv[3] === 'transactions').catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
await toldToEnd();
say('end');
process.exit(0);
