import { setTimeout as sleep } from 'node:timers/promises';
import { outcome, withProducer } from '../../kafka/support/connection.js';
import type { Bench } from './bench.js';
import { Running, type Contender } from './contender.js';
import { encoded } from './input.js';
import { row } from './table.js';

const PER_SECOND = 1000;
const KEYS = 1000;
const TICK_MS = 5;
const FLUSH_MS = 30_000;

/** From the timestamp of a message to a reader of its committed output in another process. */
export async function latency(bench: Bench): Promise<void> {
  const { seconds, warmUp, smoke } = bench.sizes;
  console.log(`latency: ${PER_SECOND} messages/s, ${seconds} s after ${warmUp} s that don't count; whole ms`);
  console.log(row(['', 'a commit every', 'p50', 'p99', 'most']));
  for (const commitMs of smoke ? [50] : [50, 200, 1000]) {
    for (const contender of [bench.worker, ...(bench.streams === null || smoke ? [] : [bench.streams])]) {
      const [p50, p99, most] = await tookIn(bench, contender, commitMs);
      console.log(row([`  ${contender.name}`, `${commitMs} ms`, `${p50} ms`, `${p99} ms`, `${most} ms`]));
    }
  }
}

async function tookIn(bench: Bench, contender: Contender, commitMs: number): Promise<readonly number[]> {
  const { seconds, warmUp } = bench.sizes;
  const [sent, skipped] = [PER_SECOND * (warmUp + seconds), PER_SECOND * warmUp];
  const input = await bench.topic('input', 1);
  return bench.withJob({ input, partitions: 1, codec: 'json', commitMs }, async (job) => {
    const arrivals = new Running(bench.arrivals(skipped), job);
    const running = new Running(contender, job);
    try {
      await running.orEnd(sendPaced(bench, input, sent));
      await sleep(3 * commitMs + 1000);
      await running.end();
      await arrivals.end();
      const took = await arrivals.word('latency');
      if (took[3] !== sent - skipped) throw new Error(`${took[3]} of ${sent - skipped} messages arrived`);
      return took;
    } finally {
      running.kill();
      arrivals.kill();
    }
  });
}

function sendPaced({ at }: Bench, topic: string, count: number): Promise<void> {
  return withProducer(at, { 'linger.ms': 0 }, async (producer) => {
    const began = performance.now();
    for (let sent = 0; sent < count; await sleep(TICK_MS)) {
      for (const due = Math.min(count, ((performance.now() - began) * PER_SECOND) / 1000); sent < due; sent++) {
        const now = Date.now();
        const value = encoded('json', { at: now, celsius: 20 + Math.sin(sent) });
        producer.produce(topic, 0, value, Buffer.from(`sensor-${sent % KEYS}`), now, undefined);
      }
    }
    await outcome((done) => producer.flush(FLUSH_MS, (error) => done(error, null)));
  });
}
