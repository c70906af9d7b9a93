import type { Consumed } from '../../../../src/apps/scale/rdkafka/client.js';
import type { Job } from '../job.js';
import { consumerOf } from './client.js';
import { say, toldToEnd } from './say.js';

/**
 * Reads the output of a job as others do, `read_committed`, and says when it is told to end how long messages took from
 * their own timestamp to here: `latency P50 P99 MOST COUNT`, in ms. `arrivals JOB SKIPPED`: without so many of the first.
 */
async function read({ brokers, output }: Job, tooks: number[]): Promise<void> {
  const consumer = await consumerOf(brokers, { 'group.id': `${output}-arrivals`, 'isolation.level': 'read_committed' });
  consumer.assign([{ topic: output, partition: 0, offset: 0 }]);
  consumer.on('data', ({ timestamp }: Consumed) => {
    if (tooks.push(Date.now() - timestamp!) === 1) say('first');
  });
  (consumer as unknown as { consume(): void }).consume();
}

const tooks: number[] = [];
await read(JSON.parse(process.argv[2]!) as Job, tooks);
await toldToEnd();
const counted = tooks.slice(Number(process.argv[3])).sort((a, b) => a - b);
const at = (share: number): number => counted[Math.ceil(share * counted.length) - 1]!;
console.log(`latency ${at(0.5)} ${at(0.99)} ${at(1)} ${counted.length}`);
say('end');
process.exit(0);
