/** What is used of `node-rdkafka`, whose low-level API `@confluentinc/kafka-javascript` has too. */
export interface KafkaClient {
  readonly KafkaConsumer: new (config: never, topicConfig: never) => KafkaConsumer;
  readonly Producer: new (config: never, topicConfig: never) => KafkaProducer;
  readonly AdminClient: { create(config: never): KafkaAdmin };
}

/** An error of librdkafka. */
export interface KafkaError {
  readonly message: string;
  readonly code: number;
  readonly isFatal?: boolean;
  readonly isRetriable?: boolean;
  readonly isTxnRequiresAbort?: boolean;
}

/** A method's type, so that who asks for a result need not be ready for none; calls without one pass the error alone. */
type Done<R = unknown> = { done(error: KafkaError | null | undefined, result?: R): void }['done'];

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
  readonly offset?: number;
}

export interface Metadata {
  readonly topics: readonly {
    readonly name: string;
    readonly partitions: readonly { readonly id: number; readonly replicas: readonly number[] }[];
  }[];
}

interface Connection {
  connect(options: { timeout?: number }, done: Done<Metadata>): unknown;
  getMetadata(options: { topic?: string; timeout?: number }, done: Done<Metadata>): unknown;
  queryWatermarkOffsets(
    topic: string,
    partition: number,
    timeoutMs: number,
    done: Done<{ lowOffset: number; highOffset: number }>,
  ): unknown;
  // oxlint-disable-next-line typescript/no-explicit-any -- listeners of many kinds, as their emitter has them
  on(event: any, listener: (...args: any[]) => void): unknown;
}

/** A consumer's message. */
export interface Consumed {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key?: Buffer | string | null;
  readonly value: Buffer | null;
  readonly timestamp?: number;
  readonly headers?: { [name: string]: string | Buffer }[];
}

export interface KafkaConsumer extends Connection {
  disconnect(done: Done): unknown;
  subscribe(topics: string[]): unknown;
  assign(partitions: TopicPartition[]): unknown;
  unassign(): unknown;
  incrementalAssign(partitions: TopicPartition[]): unknown;
  incrementalUnassign(partitions: TopicPartition[]): unknown;
  rebalanceProtocol(): string;
  pause(partitions: TopicPartition[]): unknown;
  resume(partitions: TopicPartition[]): unknown;
  seek(to: Required<TopicPartition>, timeoutMs: number, done: Done): unknown;
  committed(
    partitions: TopicPartition[],
    timeoutMs: number,
    done: Done<{ partition: number; offset?: number }[]>,
  ): unknown;
  consume(most: number, done: Done<Consumed[]>): unknown;
  setDefaultConsumeTimeout(ms: number): void;
  getWatermarkOffsets(topic: string, partition: number): { lowOffset: number; highOffset: number };
}

export interface KafkaProducer extends Connection {
  disconnect(flushMs: number, done: Done): unknown;
  setPollInterval(ms: number): unknown;
  flush(timeoutMs: number, done: Done): unknown;
  initTransactions(timeoutMs: number, done: Done): void;
  beginTransaction(done: Done): void;
  commitTransaction(timeoutMs: number, done: Done): void;
  abortTransaction(timeoutMs: number, done: Done): void;
  sendOffsetsToTransaction(offsets: Required<TopicPartition>[], consumer: never, timeoutMs: number, done: Done): void;
  produce(
    topic: string,
    partition: number | null,
    value: Buffer | null,
    key: Buffer | null,
    timestamp: number | null,
    opaque: unknown,
    headers?: { [name: string]: string | Buffer }[],
  ): unknown;
}

export interface KafkaAdmin {
  createTopic(
    topic: { topic: string; num_partitions: number; replication_factor: number; config?: Record<string, string> },
    timeoutMs: number,
    done: (error?: KafkaError) => void,
  ): void;
  disconnect(): void;
}
