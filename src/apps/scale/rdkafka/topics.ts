import { SmoothingError } from '../../../errors.js';
import { called } from './called.js';
import type { KafkaAdmin, KafkaConsumer, Metadata } from './client.js';
import { CODE } from './errors.js';
import type { Link } from './link.js';

/** A topic, as far as it is looked at. */
interface Topic {
  readonly partitions: number;
  readonly replicas: number;
}

/** How a topic is made. */
interface Wanted extends Topic {
  readonly name: string;
  readonly config: Readonly<Record<string, string>>;
}

/** Settings of the changelog: segments that are short enough to be compacted soon, as the newest one never is. */
export const CHANGELOG_CONFIG: Readonly<Record<string, string>> = {
  'cleanup.policy': 'compact',
  'segment.ms': '600000',
  'segment.bytes': String(16 * 2 ** 20),
  'min.cleanable.dirty.ratio': '0.2',
};

/** What there is of topics; a topic is absent if it does not exist or may not be seen. */
async function topicNamed(link: Link<KafkaConsumer>, name: string, timeoutMs: number): Promise<Topic | null> {
  const { topics } = await link.call<Metadata>((done) =>
    link.client.getMetadata({ topic: name, timeout: timeoutMs }, done),
  );
  const partitions = topics.find((topic) => topic.name === name)?.partitions ?? [];
  return partitions.length === 0 ? null : { partitions: partitions.length, replicas: partitions[0]!.replicas.length };
}

/** A topic that must be there. */
export async function requireTopic(link: Link<KafkaConsumer>, name: string, timeoutMs: number): Promise<Topic> {
  const topic = await topicNamed(link, name, timeoutMs);
  if (topic !== null) return topic;
  throw new SmoothingError('TOPIC_MISSING', `the topic '${name}' must exist and be allowed to be seen, got none`);
}

/** A topic that is made if it is not there. */
export async function ensureTopic(
  link: Link<KafkaConsumer>,
  admin: KafkaAdmin,
  { name, partitions, replicas, config }: Wanted,
  timeoutMs: number,
): Promise<Topic> {
  const had = await topicNamed(link, name, timeoutMs);
  if (had !== null) return had;
  const topic = { topic: name, num_partitions: partitions, replication_factor: replicas, config: { ...config } };
  try {
    await called<void>((done) => admin.createTopic(topic, timeoutMs, (error) => done(error, undefined)));
  } catch (error) {
    if ((error as { code?: number }).code !== CODE.topicExists) throw error; // another worker was faster
  }
  for (let tries = 0; tries < 100; tries++) {
    const made = await topicNamed(link, name, timeoutMs);
    if (made !== null) return made;
    await new Promise((resolve) => setTimeout(resolve, 50)); // brokers tell each other
  }
  throw new SmoothingError('TOPIC_MISSING', `the topic '${name}' must be seen once it is made, got none`);
}
