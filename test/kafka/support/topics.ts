import type { KafkaClient } from '../../../src/apps/scale/rdkafka/client.js';
import { committedCount, committedOffsets, committedReach } from './committedOffsets.js';
import type { Settings } from './connection.js';
import { newTopic, type TopicConfig } from './newTopic.js';
import { produceAll, type Sending, type Sent } from './produceAll.js';
import { type Read, type Reading, readTopic } from './readTopic.js';

/** The topics of a Kafka, as a test fills and reads them. */
export interface Topics {
  /** Makes a topic, and waits until it can be seen. */
  create(topic: string, partitions: number, config?: TopicConfig): Promise<void>;
  /** Writes messages, as fast as it can, and waits until the broker has them all. */
  produce(topic: string, messages: Iterable<Sent> | AsyncIterable<Sent>, how?: Sending): Promise<void>;
  /** All that a topic holds now, by partition; `read_committed` unless told otherwise. */
  read(topic: string, how?: Reading): Promise<Read[][]>;
  /** What a group has committed, by partition of the topic: the next offset; −1 where nothing. */
  committed(group: string, topic: string): Promise<number[]>;
  /** Waits until a group has committed at least these, by partition. @param withinMs - @default 60000 */
  reached(group: string, topic: string, offsets: readonly number[], withinMs?: number): Promise<void>;
  /** Waits until a group has committed so many messages of a topic that has no gaps. @param withinMs - @default 60000 */
  counted(group: string, topic: string, count: number, withinMs?: number): Promise<void>;
}

/**
 * @param bootstrap - `host:port`, several with commas between
 * @param settings - of librdkafka, for every connection
 */
export function topicsOf(client: KafkaClient, bootstrap: string, settings: Settings = {}): Topics {
  const at = { client, settings: { 'bootstrap.servers': bootstrap, ...settings } };
  return {
    create: (topic, partitions, config) => newTopic(at, topic, partitions, config),
    produce: (topic, messages, how) => produceAll(at, topic, messages, how),
    read: (topic, how) => readTopic(at, topic, how),
    committed: (group, topic) => committedOffsets(at, group, topic),
    reached: (group, topic, offsets, withinMs = 60_000) => committedReach(at, group, topic, offsets, withinMs),
    counted: (group, topic, count, withinMs = 60_000) => committedCount(at, group, topic, count, withinMs),
  };
}
