import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaConsumer } from '../../../src/apps/scale/rdkafka/client.js';
import { outcome, withConsumer, type At } from '../../kafka/support/connection.js';
import type { Job } from './job.js';

const EVERY_MS = 10;
const PATIENCE_MS = 30_000;
/** ms without a commit after which something is wrong. */
const STILL_MS = 120_000;

/** When messages of an input were committed, in ms since 1970. */
export interface Committed {
  /** When half of them were, or more, and how many. */
  readonly half: { readonly at: number; readonly count: number };
  readonly all: number;
}

/**
 * Watches the committed positions of a group from outside, the same way for every contender, until all of `count` messages
 * are committed. What is in an open transaction is not.
 *
 * @param partitions - of the input, in which nothing but data lies
 */
export function committed(at: At, { input, group }: Job, partitions: number, count: number): Promise<Committed> {
  return withConsumer(at, { 'group.id': group }, async (consumer) => {
    const wanted = Array.from({ length: partitions }, (_, partition) => ({ topic: input, partition }));
    let half: Committed['half'] | null = null;
    let [most, since] = [0, Date.now()];
    for (;;) {
      const sum = await sumOf(consumer, wanted);
      const now = Date.now();
      if (sum >= count / 2) half ??= { at: now, count: sum };
      if (half !== null && sum >= count) return { half, all: now };
      if (sum > most) [most, since] = [sum, now];
      if (now - since > STILL_MS) throw new Error(`${group} has stopped at ${sum} of ${count} messages`);
      await sleep(EVERY_MS);
    }
  });
}

async function sumOf(consumer: KafkaConsumer, wanted: { topic: string; partition: number }[]): Promise<number> {
  const positions = await outcome<{ offset?: number }[] | undefined>((done) =>
    consumer.committed(wanted, PATIENCE_MS, done),
  );
  return positions!.reduce((sum, { offset }) => sum + Math.max(offset ?? 0, 0), 0);
}
