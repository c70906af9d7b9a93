import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KafkaClient } from '../../../src/apps/scale/rdkafka/client.js';
import { startCluster } from '../../kafka/support/cluster.js';
import type { At } from '../../kafka/support/connection.js';
import { newTopic } from '../../kafka/support/newTopic.js';
import { programOf, type Program } from '../../support/program.js';
import { HALF_LIFE_MS, type CodecName, type Job } from './job.js';
import { streamsIn } from './streams.js';
import type { Contender } from './contender.js';

/** How much is measured. */
export interface Sizes {
  /** Messages of an input. */
  readonly messages: number;
  /** Their keys. */
  readonly keys: number;
  readonly rounds: number;
  /** Of a changelog that is restored: keys. */
  readonly restored: number;
  /** Seconds of messages for a latency, and seconds before that which don't count. */
  readonly seconds: number;
  readonly warmUp: number;
  /** Only so much that it is seen to be right. */
  readonly smoke: boolean;
}

/** What all that is measured shares: a Kafka of its own, and the programs. */
export class Bench {
  readonly at: At;
  readonly sizes: Sizes;
  readonly worker: Contender;
  /** The same client, with nothing computed. */
  readonly copies: { readonly transactions: Contender; readonly bare: Contender };
  /** Reads an output, and tells how long messages took, without so many of the first. */
  readonly arrivals: (skipped: number) => Contender;
  /** null where there is no compiler for Java. */
  readonly streams: Contender | null;
  private names = 0;

  private constructor(at: At, sizes: Sizes, programs: Pick<Bench, 'worker' | 'copies' | 'arrivals' | 'streams'>) {
    this.at = at;
    this.sizes = sizes;
    this.worker = programs.worker;
    this.copies = programs.copies;
    this.arrivals = programs.arrivals;
    this.streams = programs.streams;
  }

  /** Starts it all, lends it, and ends it all. */
  static async with(client: KafkaClient, sizes: Sizes, use: (bench: Bench) => Promise<void>): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), 'rx-ema-bench-'));
    const programs = await Promise.all(
      ['worker', 'copy', 'arrivals'].map((name) => programOf(`test/bench/kafka/programs/${name}.ts`)),
    );
    const cluster = await startCluster({ heap: '1g', jit: 'full', properties: AS_DELIVERED });
    try {
      const [worker, copy, arrivals] = programs as [Program, Program, Program];
      const at = { client, settings: { 'bootstrap.servers': cluster.bootstrap } };
      await use(
        new Bench(at, sizes, {
          worker: { name: 'rx-ema worker', line: (job) => worker.line([job]) },
          copies: {
            transactions: { name: 'client, transactions', line: (job) => copy.line([job, 'transactions']) },
            bare: { name: 'client, bare', line: (job) => copy.line([job, 'bare']) },
          },
          arrivals: (skipped) => ({ name: 'arrivals', line: (job) => arrivals.line([job, String(skipped)]) }),
          streams: streamsIn(folder),
        }),
      );
    } finally {
      await cluster.stop();
      for (const program of programs) program.remove();
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** A new topic. */
  async topic(name: string, partitions: number): Promise<string> {
    const topic = `${name}-${++this.names}`;
    await newTopic(this.at, topic, partitions);
    return topic;
  }

  /** A job whose output is new; its folder is lent to `use`. */
  async withJob<T>({ input, partitions, codec, commitMs }: JobOptions, use: (job: Job) => Promise<T>): Promise<T> {
    const output = await this.topic('output', partitions);
    const folder = mkdtempSync(join(tmpdir(), 'rx-ema-bench-'));
    const brokers = String(this.at.settings['bootstrap.servers']);
    try {
      return await use({
        brokers,
        input,
        output,
        group: `group-${output}`,
        folder,
        codec,
        commitMs,
        halfLifeMs: HALF_LIFE_MS,
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

interface JobOptions {
  readonly input: string;
  readonly partitions: number;
  readonly codec: CodecName;
  readonly commitMs: number;
}

/** How often a broker cleans up, as Kafka has it: the clusters of the tests are in a hurry. */
const AS_DELIVERED = {
  'log.initial.task.delay.ms': 30_000,
  'log.retention.check.interval.ms': 300_000,
  'log.cleaner.backoff.ms': 15_000,
  'log.cleaner.dedupe.buffer.size': 128 * 1024 ** 2,
};
