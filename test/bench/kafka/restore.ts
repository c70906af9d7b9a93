import { produceAll } from '../../kafka/support/produceAll.js';
import type { Bench } from './bench.js';
import { Running, type Contender } from './contender.js';
import { messagesOf, readings } from './input.js';
import type { Job } from './job.js';
import { measure } from './measure.js';
import { row, spread, thousands, verdict } from './table.js';
import { median } from '../harness.js';

const PARTITIONS = 4;
const COMMIT_MS = 1000;
const AIM_KEYS = 100_000;
const AIM_BYTES = 300;

/** One start on a changelog that is there. */
interface Restored {
  readonly perSecond: number;
  readonly perCpuSecond: number;
  /** Bytes for each key: resident, and of V8's heap and buffers. */
  readonly resident: number | null;
  readonly held: number | null;
}

/** How fast the state of many keys is read back, and how much memory it takes: a start on a changelog of so many keys. */
export async function restore(bench: Bench): Promise<void> {
  const { restored: keys, rounds, smoke } = bench.sizes;
  const input = await bench.topic('input', PARTITIONS);
  await produceAll(bench.at, input, messagesOf(readings(keys, keys), 'json'));
  console.log(`restore: ${keys} keys in ${PARTITIONS} partitions; medians of ${rounds} starts`);
  console.log(row(['', 'keys/s [min–max]', '', 'per CPU-s', '', 'bytes/key [min–max]', 'of it in V8', 'aim']));
  for (const contender of [bench.worker, ...(bench.streams === null || smoke ? [] : [bench.streams])]) {
    await bench.withJob({ input, partitions: PARTITIONS, codec: 'json', commitMs: COMMIT_MS }, async (job) => {
      await measure(bench.at, contender, job, { partitions: PARTITIONS, count: keys });
      const starts: Restored[] = [];
      for (let round = 0; round < rounds; round++) starts.push(await start(contender, job, keys));
      console.log(lineOf(contender.name, starts, contender === bench.worker && !smoke));
    });
  }
}

async function start(contender: Contender, job: Job, keys: number): Promise<Restored> {
  const running = new Running(contender, job);
  try {
    const [found, ms, cpuMs] = await running.word('restored');
    if (found! < keys) throw new Error(`${contender.name} restored ${found} of ${keys} keys`);
    const [rss, held] = contender.name.startsWith('rx-ema') ? await running.word('memory') : [];
    await running.end();
    return {
      perSecond: (1000 * found!) / ms!,
      perCpuSecond: (1000 * found!) / cpuMs!,
      resident: rss === undefined ? null : rss / keys,
      held: held === undefined ? null : held / keys,
    };
  } finally {
    running.kill();
  }
}

function lineOf(name: string, starts: readonly Restored[], hasAims: boolean): string {
  const rates = starts.map(({ perSecond }) => perSecond);
  const bytes = (of: 'resident' | 'held'): number[] => starts.flatMap((one) => one[of] ?? []);
  const [resident, held] = [bytes('resident'), bytes('held')];
  const met = median(rates) >= AIM_KEYS && median(resident) <= AIM_BYTES;
  return row([
    `  ${name}`,
    spread(rates, thousands),
    '',
    thousands(median(starts.map(({ perCpuSecond }) => perCpuSecond))),
    '',
    resident.length === 0 ? '' : spread(resident, whole),
    held.length === 0 ? '' : whole(median(held)),
    hasAims ? `≥ ${AIM_KEYS / 1000} k, ≤ ${AIM_BYTES} ${verdict(met)}` : '',
  ]);
}

const whole = (value: number): string => value.toFixed(0);
