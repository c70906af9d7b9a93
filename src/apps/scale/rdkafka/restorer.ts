import type { Restoring } from '../port.js';
import { isPassing } from './called.js';
import type { Consumed, KafkaConsumer, KafkaError } from './client.js';
import type { Connections } from './connections.js';
import { meaning } from './errors.js';
import type { Link } from './link.js';
import type { Standstill } from './standstill.js';

/** Messages asked for at once, with some thousand rows: nothing else is done while they are taken in; and ms to wait for them. */
const CHUNK = 32;
const WAIT_MS = 100;
/** Why nothing comes where nothing says why. */
const HANGS = 'nothing more, as of a transaction that is never ended';

/** The ends of a partition: of what is there, and behind the newest message of any transaction. */
interface Ends {
  readonly low: number;
  readonly high: number;
}

/** Reads partitions of the changelog to their ends, on a connection of its own. */
export async function restoreAll(
  connections: Connections,
  partitions: readonly Restoring[],
  signal: AbortSignal,
): Promise<void> {
  const { changelog } = connections.to;
  const link = connections.consumer(
    { 'isolation.level': 'read_committed', 'enable.partition.eof': true },
    { 'auto.offset.reset': 'earliest' },
  );
  const standstill = connections.standstill(`reading '${changelog}' to its end`);
  try {
    await connections.open(link);
    const all: (Restoring & Ends)[] = [];
    for (const one of partitions) {
      const { lowOffset: low, highOffset: high } = await connections.ends(changelog, one.partition);
      all.push({ ...one, low, high });
    }
    await readAll(link, changelog, all, signal, standstill);
  } finally {
    standstill.end();
    connections.leave(link);
  }
}

/**
 * Behind the last message there may be marks of transactions, which no consumer is given: that the end is reached is known
 * by the events of `enable.partition.eof`, which come at the end of what is decided, again each time that it has moved.
 */
async function readAll(
  link: Link<KafkaConsumer>,
  topic: string,
  partitions: readonly (Restoring & Ends)[],
  signal: AbortSignal,
  standstill: Standstill,
): Promise<void> {
  const consumer = link.client;
  let trouble = HANGS;
  const left = new Map(
    partitions.filter(({ low, high }) => high > low).map((one) => [one.partition, { ...one, read: 0 }]),
  );
  const ends: { partition: number; offset: number }[] = [];
  consumer.on('partition.eof', (end: { partition: number; offset: number }) => ends.push(end));
  consumer.setDefaultConsumeTimeout(WAIT_MS);
  consumer.assign([...left.values()].map(({ partition, low }) => ({ topic, partition, offset: low })));
  while (left.size > 0 && !signal.aborted) {
    const messages = await consume(link, (error) => (trouble = error.message));
    if (messages.length > 0 || ends.length > 0) {
      standstill.end();
      trouble = HANGS;
    } else standstill.lastsMs(trouble);
    for (const { partition, key, value } of messages) {
      const one = left.get(partition);
      if (one === undefined || key == null) continue;
      one.take(key as Buffer, value);
      one.read++;
    }
    for (const { partition, offset } of ends.splice(0)) {
      const one = left.get(partition);
      if (one === undefined || offset < one.high) continue;
      one.progress(one.read, one.read);
      left.delete(partition);
    }
    for (const one of left.values()) one.progress(one.read, one.high - one.low);
  }
}

async function consume(link: Link<KafkaConsumer>, passing: (error: KafkaError) => void): Promise<Consumed[]> {
  try {
    return await link.call<Consumed[]>((done) => link.client.consume(CHUNK, done));
  } catch (error) {
    if (!isPassing(error as KafkaError)) throw meaning('reading the changelog', error as KafkaError);
    passing(error as KafkaError);
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS)); // the broker is away: it goes on when it is back
    return [];
  }
}
