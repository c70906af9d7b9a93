/** Workers in a process of their own: prints what each is at as lines of JSON, and stops them at SIGTERM. */
import { setMaxListeners } from 'node:events';
import { createRequire } from 'node:module';
import { runWorker } from '../../../src/apps/scale/runWorker.js';
import type { KafkaClient } from '../../../src/apps/scale/rdkafka/client.js';
import type { WorkerOptions } from '../../../src/apps/scale/worker.js';
import { jobNamed, type JobName } from './jobs.js';
import { meddled, type Meddling } from './meddling.js';

/** What a worker is told; its topics are those of {@link topicNames}. */
export type Told = Omit<WorkerOptions<unknown>, 'client' | 'ema' | 'codec' | 'biasCorrected' | 'signal'> & {
  readonly job: JobName;
  readonly changelog: string;
} & Meddling;

const client = createRequire(import.meta.url)('node-rdkafka') as KafkaClient;
const stop = new AbortController();
setMaxListeners(0, stop.signal); // of many workers
process.once('SIGTERM', () => stop.abort());

const print = (line: object): void => console.log(JSON.stringify(line));

for (const { job, halt, fault, ...told } of JSON.parse(process.argv[2]!) as readonly Told[]) {
  const { ema, codec, biasCorrected = false } = jobNamed(job);
  runWorker({
    ...told,
    client: meddled(client, { ...(halt && { halt }), ...(fault && { fault }) }, told.changelog),
    ema,
    ...(codec && { codec }),
    biasCorrected,
    signal: stop.signal,
  }).subscribe({
    next: (state) => print({ output: told.output, ...state, snapshot: undefined }),
    error: (error: { readonly code?: string; readonly message: string }) => {
      print({ output: told.output, error: error.code ?? 'none', message: error.message });
      process.exitCode = 1;
    },
  });
}
