import { SmoothingError } from '../../../errors.js';
import { Setback } from '../port.js';
import type { KafkaError } from './client.js';
import { CALL_MS, type Connections } from './connections.js';

/** What a broker says of a message without a key: the client passes on the words, without the code. */
const INVALID = /failed to validate record/i;

/**
 * Looks whether the changelog is compacted: such a topic refuses what has no key, which tells it from one that would throw
 * states away. By a producer of its own, as a refusal costs the transaction, and what is not refused is to be seen by nobody.
 *
 * @param whenFatal - is waited for before it is said what is wrong
 * @throws SmoothingError `TOPIC_SETTINGS`
 */
export async function probeCompaction(connections: Connections, whenFatal: () => Promise<void>): Promise<void> {
  const { changelog, group, slot } = connections.to;
  const producer = connections.producer({ 'transactional.id': `${group}-${slot}-probe` });
  await connections.open(producer);
  producer.setPollInterval(20);
  const answer = new Promise<string | null>((resolve) => {
    producer.on('delivery-report', (error: KafkaError | null) => resolve(error?.message ?? null));
  });
  await connections.call('initTransactions', (done) => producer.initTransactions(CALL_MS, done), whenFatal);
  await connections.call('beginTransaction', (done) => producer.beginTransaction(done), whenFatal);
  producer.produce(changelog, 0, Buffer.from('is it compacted?'), null, null, undefined);
  const refusal = await answer;
  await connections.call('abortTransaction', (done) => producer.abortTransaction(CALL_MS, done), whenFatal);
  connections.leave(producer);
  if (refusal === null) {
    throw new SmoothingError('TOPIC_SETTINGS', `'${changelog}' must have cleanup.policy=compact, got another one`);
  }
  if (!INVALID.test(refusal)) throw new Setback('session', `looking at '${changelog}': ${refusal}`);
}
