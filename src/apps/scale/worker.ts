import type { EwmOptions, EwmStatistic } from '../../ewmOptions.js';
import type { EmaOptions } from '../../options.js';
import type { Snapshot } from '../../types.js';
import type { Codec } from './codec.js';
import type { KafkaClient } from './rdkafka/client.js';

/** Options of `emaScan`; or of `ewm`, with one of its statistics. `by` is not among them: the message's key is the key. */
export type WorkerEma<T> =
  | (EmaOptions<T> & { readonly by?: never; readonly clock?: never; readonly emit?: never })
  | (EwmOptions<T> & { readonly by?: never; readonly clock?: never; readonly statistic: EwmStatistic<T> });

/** Options of `runWorker`. */
export interface WorkerOptions<T, R = T> {
  /** The module `node-rdkafka`, or one with the same low-level API, as `@confluentinc/kafka-javascript`. */
  readonly client: KafkaClient;
  /** Where the cluster is: `host:port`, several with commas between. */
  readonly brokers: string;
  /** The topic that is read. */
  readonly input: string;
  /** The topic that is written, with at least as many partitions. */
  readonly output: string;
  /** What is kept for each key. Without `time`, stamps are those of the messages. */
  readonly ema: WorkerEma<T>;
  /** Divides out the zero start, as behind `emaScan` the operator of that name does. @default false */
  readonly biasCorrected?: boolean;
  /** @default records in JSON: `jsonRecords()` */
  readonly codec?: Codec<T, R>;
  /**
   * Which of the workers of a group this is: a name of its own, the same after a restart (the ordinal of a pod). A second
   * worker in a slot ends the first. Transactional ids, which are the whole cluster's, are `group-slot` and
   * `group-slot-probe`: a slot must not end in `-probe`, and slot `b-c` of group `a` would end slot `c` of group `a-b`.
   * @default '0'
   */
  readonly slot?: string | number;
  /**
   * The workers that share the input's partitions; also the beginning of their transactional ids, see `slot`.
   * @default `rx-ema-` and the name of the output
   */
  readonly group?: string;
  /** The compacted topic that holds the state; made if it is not there. @default the group's name and `-changelog` */
  readonly changelog?: string;
  /** The topic for messages that can't be smoothed; made if it is not there. @default the output's name and `-dead-letters` */
  readonly deadLetters?: string;
  /** Dead letters in a row that are a wrong codec, not damaged messages: the error `CODEC_MISMATCH`. @default 100 */
  readonly maxDeadInARow?: number;
  /**
   * ms that a message waits at most for its transaction to be committed: in [1, 10000], and no more than half of `config`'s
   * `transaction.timeout.ms`, which makes 7500 unless that is longer.
   * @default 200
   */
  readonly commitMs?: number;
  /** ms without a sign of life after which a worker's partitions go to others, in [1000, 1800000]. @default 10000 */
  readonly sessionMs?: number;
  /**
   * Settings of librdkafka for every connection: TLS, SASL; and `transaction.timeout.ms`, ms after which the transaction of
   * a worker that stands still is thrown away, 15000 unless said otherwise. Those that exactly once rests on are refused.
   */
  readonly config?: Readonly<Record<string, string | number | boolean>>;
  /** Stops it: commits, leaves, and completes the stream. */
  readonly signal?: AbortSignal;
}

/** One partition of a worker. */
export interface PartitionState {
  readonly partition: number;
  readonly status: 'restoring' | 'running';
  /** Messages of the changelog read, of about so many: each has the states of many keys. */
  readonly restored: number;
  readonly toRestore: number;
  /** The next offset of the input; null while restoring. */
  readonly position: number | null;
  /** Messages behind the end of the input, as far as is known. */
  readonly lag: number | null;
  /** Keys in memory. */
  readonly keys: number;
}

/** What a worker is at. */
export interface WorkerState {
  /** `'waiting'`: something is wrong that may pass, see `trouble`. */
  readonly status: 'starting' | 'restoring' | 'running' | 'waiting' | 'stopping';
  /** What it waits for, in words; null if nothing is wrong. */
  readonly trouble: string | null;
  /** In ascending order. */
  readonly partitions: readonly PartitionState[];
  /** Messages per second, over the last one. */
  readonly rate: number;
  /** The sum of the partitions'; null while one is not known. */
  readonly lag: number | null;
  /** Since the start, all committed: messages, dead letters among them. */
  readonly messages: number;
  readonly deadLetters: number;
  /** Transactions committed, and the ms that the latest one took. */
  readonly commits: number;
  readonly commitMs: number | null;
  /** Transactions thrown away, and times that all was begun anew. */
  readonly aborts: number;
  readonly restarts: number;
  /** Offsets that retention had removed from the input before they were read: so many messages, at most, are lost. */
  readonly trimmed: number;
  /**
   * What is kept of the keys of a partition, as of the latest message: `rx-ema state` reads the file that `toBytes` makes of
   * it. null for partitions that are not the worker's, or not restored.
   */
  snapshot(partition: number): Snapshot | null;
}
