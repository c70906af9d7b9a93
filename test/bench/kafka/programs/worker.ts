import { jsonRecords } from '../../../../src/apps/scale/codecs/jsonRecords.js';
import { runWorker } from '../../../../src/apps/scale/runWorker.js';
import type { Codec } from '../../../../src/apps/scale/codec.js';
import type { WorkerOptions, WorkerState } from '../../../../src/apps/scale/worker.js';
import { bytesHeld } from '../../../support/bytesHeld.js';
import type { Job, Reading } from '../job.js';
import { client } from './client.js';
import { cpuMs, say, toldToEnd } from './say.js';

/** ms after which what was needed to restore is gone: a connection, and what it had read ahead. */
const SETTLED_MS = 3000;

const FLOAT64: Codec<number> = {
  decode: (value) => value.readDoubleLE(),
  encode(smoothed) {
    const value = Buffer.allocUnsafe(8);
    value.writeDoubleLE(smoothed);
    return value;
  },
};

/** A worker, as its users run it: `worker JOB`. */
function work(job: Job, signal: AbortSignal): Promise<void> {
  const { brokers, input, output, group, codec, commitMs, halfLifeMs } = job;
  const common = { client, brokers, input, output, group, commitMs, signal };
  return codec === 'json'
    ? finished<Reading, Reading | number>({
        ...common,
        ema: { halfLifeMs, time: 'at', columns: ['celsius'] },
        codec: watched(jsonRecords<Reading>()),
      })
    : finished<number, number>({ ...common, ema: { halfLifeMs }, codec: watched(FLOAT64) });
}

function finished<T, R>(options: WorkerOptions<T, R>): Promise<void> {
  return new Promise((complete, error) => {
    runWorker(options).subscribe({ next: restores(), error, complete });
  });
}

/** Says when the first message is read. */
function watched<T, R>(codec: Codec<T, R>): Codec<T, R> {
  let isFirst = true;
  return {
    decode(value) {
      if (isFirst) {
        isFirst = false;
        say('first');
      }
      return codec.decode(value);
    },
    encode: (smoothed, value) => codec.encode(smoothed, value),
  };
}

/**
 * Says `restored KEYS MS CPU`, CPU as `say` has it, and `memory RSS HELD`, the bytes that the process has grown by, if there
 * was something to restore.
 */
function restores(): (state: WorkerState) => void {
  let isTold = false;
  let before: { held: number; rss: number; cpuMs: number; at: number } | null = null;
  return ({ status, partitions }) => {
    if (status === 'restoring')
      before ??= { held: bytesHeld(), rss: process.memoryUsage.rss(), cpuMs: cpuMs(), at: Date.now() };
    if (status !== 'running' || before === null || isTold) return;
    const sum = partitions.reduce((all, { keys }) => all + keys, 0);
    if (sum === 0) return;
    isTold = true;
    console.log(`restored ${sum} ${Date.now() - before.at} ${cpuMs() - before.cpuMs}`);
    setTimeout((had) => tellMemory(had), SETTLED_MS, before);
  };
}

function tellMemory(before: { held: number; rss: number }): void {
  const held = bytesHeld() - before.held;
  console.log(`memory ${process.memoryUsage.rss() - before.rss} ${held}`);
}

const stop = new AbortController();
const done = work(JSON.parse(process.argv[2]!) as Job, stop.signal);
done.catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
await toldToEnd();
say('end');
stop.abort();
await done;
process.exit(0);
