import { SmoothingError } from '../../../errors.js';
import type { Start } from './called.js';
import type { KafkaError } from './client.js';
import { CALL_MS, type Connections } from './connections.js';

/** What a broker says of a message without a key: the client passes on the words, without the code. */
const INVALID = /failed to validate record/i;
/** How the transactional id of a probe ends: behind that of its worker. */
export const PROBE = '-probe';

/**
 * Looks whether the changelog is compacted: such a topic refuses what has no key, which tells it from one that would throw
 * states away. By a producer of its own, as a refusal costs the transaction, and what is not refused is to be seen by nobody.
 *
 * @param whenFatal - is waited for before it is said what is wrong
 * @throws SmoothingError `TOPIC_SETTINGS`
 */
export async function probeCompaction(connections: Connections, whenFatal: () => Promise<void>): Promise<void> {
  const { changelog, group, slot } = connections.to;
  const link = connections.producer({ 'transactional.id': `${group}-${slot}${PROBE}` });
  const producer = link.client;
  await connections.open(link);
  producer.setPollInterval(20);
  const answer = new Promise<KafkaError | null>((resolve) => producer.on('delivery-report', resolve));
  const call = (doing: string, start: Start<unknown>): Promise<unknown> =>
    connections.call(link, doing, start, whenFatal);
  await call('initTransactions', (done) => producer.initTransactions(CALL_MS, done));
  await call('beginTransaction', (done) => producer.beginTransaction(done));
  producer.produce(changelog, 0, Buffer.from('is it compacted?'), null, null, undefined);
  const refusal = await answer;
  if (refusal !== null && !INVALID.test(refusal.message)) {
    await call(`writing to '${changelog}'`, (done) => producer.commitTransaction(CALL_MS, done)); // is told why
  }
  await call('abortTransaction', (done) => producer.abortTransaction(CALL_MS, done));
  connections.leave(link);
  if (refusal === null) {
    throw new SmoothingError('TOPIC_SETTINGS', `'${changelog}' must have cleanup.policy=compact, got another one`);
  }
}
