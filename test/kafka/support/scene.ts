import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaClient } from '../../../src/apps/scale/rdkafka/client.js';
import { type Program, programOf } from '../../support/program.js';
import { type Cluster, type ClusterOptions, startCluster } from './cluster.js';
import { differences } from './differences.js';
import { jobNamed, type JobName } from './jobs.js';
import type { TopicConfig } from './newTopic.js';
import type { Sent } from './produceAll.js';
import type { Read } from './readTopic.js';
import { type Topics, topicsOf } from './topics.js';
import { startWorkers, type WorkerProcess } from './workerProcess.js';
import type { Told } from './workerProgram.js';

/** A Kafka, and the program that workers are started from. */
export interface Stage {
  readonly cluster: Cluster;
  readonly topics: Topics;
  /** Topics of their own for a job. */
  scene(job: JobName, options?: SceneOptions): Promise<Scene>;
  /** Starts workers of scenes in one process. */
  start(told: readonly Told[]): WorkerProcess;
  /** Ends every process. */
  end(): Promise<void>;
}

export interface SceneOptions {
  /** @default 2 */
  readonly partitions?: number;
  /** Settings of the changelog. @default it is made by the first worker */
  readonly changelog?: TopicConfig;
}

/** One job with topics of its own. */
export interface Scene {
  readonly output: string;
  readonly changelog: string;
  /** Writes so many of the job's messages, as fast as it can: the next ones each time. */
  send(count: number): Promise<void>;
  /** Writes the next ones at a rate, until it is stopped. */
  flow(perSecond: number): Flow;
  /** What a worker of it is told. */
  told(options?: Partial<Told>): Told;
  /** Starts a worker. */
  start(options?: Partial<Told>): WorkerProcess;
  /** Waits until the group has committed so many messages. @param count - @default all that have been sent */
  committed(count?: number): Promise<void>;
  /** What differs from one uninterrupted run; nothing if all is well. */
  differences(): Promise<string[]>;
}

/** Messages that come while other things happen. */
export interface Flow {
  /** How many have come, of all that have been sent. */
  readonly count: number;
  /** Ends it, once all have been written. */
  stop(): Promise<void>;
}

/** Settings of a broker under which what waits for time-outs waits for less. */
const QUICK = {
  'group.min.session.timeout.ms': 1000,
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': 500,
};

/**
 * Settings of brokers that are killed. As one starts it looks for transactions that are too old, and if it throws one away
 * before it knows its own topics (Kafka 4.3.1), a partition never hears of it, and has an open transaction for good: so it looks later.
 */
export const KILLED: Readonly<Record<string, number>> = {
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': 10_000,
};

/** Starts a Kafka to play scenes on. */
export async function newStage(client: KafkaClient, options: ClusterOptions = {}): Promise<Stage> {
  const [cluster, program] = await Promise.all([
    startCluster({ ...options, properties: { ...QUICK, ...options.properties } }),
    programOf('test/kafka/support/workerProgram.ts'),
  ]);
  const topics = topicsOf(client, cluster.bootstrap);
  const started: WorkerProcess[] = [];
  const start = (told: readonly Told[]): WorkerProcess => {
    const workers = startWorkers(program, told);
    started.push(workers);
    return workers;
  };
  let scenes = 0;
  return {
    cluster,
    topics,
    start,
    scene: (job, how = {}) => newScene({ cluster, topics, start }, `s${++scenes}`, job, how),
    end: () => endAll(started, cluster, program),
  };
}

async function endAll(started: readonly WorkerProcess[], cluster: Cluster, program: Program): Promise<void> {
  await Promise.all(started.map((workers) => workers.kill()));
  program.remove();
  await cluster.stop();
}

async function newScene(
  { cluster, topics, start }: Pick<Stage, 'cluster' | 'topics' | 'start'>,
  name: string,
  job: JobName,
  { partitions = 2, changelog: config }: SceneOptions,
): Promise<Scene> {
  const [input, output, group] = [`${name}-in`, `${name}-out`, `${name}-workers`];
  const [changelog, deadLetters] = [`${name}-states`, `${name}-dead`];
  await topics.create(input, partitions);
  await topics.create(output, partitions);
  if (config !== undefined) await topics.create(changelog, partitions, { 'cleanup.policy': 'compact', ...config });
  const told = (options: Partial<Told> = {}): Told => ({
    job,
    brokers: cluster.bootstrap,
    input,
    output,
    group,
    changelog,
    deadLetters,
    commitMs: 50,
    sessionMs: 3000,
    ...options,
  });
  let sent = 0;
  const workers: WorkerProcess[] = [];
  return {
    output,
    changelog,
    told,
    send: (count) => topics.produce(input, next(sent + count)),
    flow(perSecond) {
      const stop = new AbortController();
      const done = topics.produce(input, next(Infinity, perSecond, stop.signal));
      return {
        get count() {
          return sent;
        },
        stop() {
          stop.abort();
          return done;
        },
      };
    },
    start(options) {
      const worker = start([told(options)]);
      workers.push(worker);
      return worker;
    },
    async committed(count = sent) {
      try {
        await topics.counted(group, input, count, 120_000);
      } catch (error) {
        const said = workers.map((one) => JSON.stringify([one.latest(), one.remarks]));
        throw new Error(`${(error as Error).message}; its workers said ${said.join(' AND ')}`, { cause: error });
      }
    },
    differences: async () => {
      const committed = await topics.committed(group, input);
      const names = [input, output, changelog, deadLetters];
      const found = await Promise.all(names.map((topic) => topics.read(topic)));
      const [inputs, outputs, states, letters] = found as [Read[][], Read[][], Read[][], Read[][]];
      return differences(jobNamed(job), { committed, inputs, outputs, states, letters });
    },
  };

  async function* next(upTo: number, perSecond = Infinity, stop?: AbortSignal): AsyncGenerator<Sent> {
    const [from, began] = [sent, Date.now()];
    // oxlint-disable-next-line no-unmodified-loop-condition -- a signal is aborted by others
    while (sent < upTo && stop?.aborted !== true) {
      const aheadMs = (1000 * (sent - from)) / perSecond - (Date.now() - began);
      if (aheadMs > 10) await sleep(aheadMs);
      yield jobNamed(job).message(sent++);
    }
  }
}
