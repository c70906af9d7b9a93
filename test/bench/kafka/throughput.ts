import { median } from '../harness.js';
import type { Bench } from './bench.js';
import type { Contender } from './contender.js';
import { messagesOf, readings, smoothed } from './input.js';
import type { CodecName } from './job.js';
import { measure, type Measured } from './measure.js';
import { check } from './outputs.js';
import { produceAll } from '../../kafka/support/produceAll.js';
import { heading, lineOf, type Line } from './table.js';

/** ms between commits, of all that run. */
const COMMIT_MS = 200;
/** What the worker is to reach of what the client alone does. */
const AIM = 0.75;

interface Case {
  readonly codec: CodecName;
  readonly partitions: number;
  readonly count: number;
}

/** The worker, the client alone and Kafka Streams on the same topics, one after the other in every round. */
export async function throughput(bench: Bench): Promise<void> {
  const { messages, keys, rounds, smoke } = bench.sizes;
  const input = readings(messages, keys);
  const right = smoothed(input);
  console.log(
    `throughput: ${messages} messages of ${keys} keys, a commit every ${COMMIT_MS} ms; medians of ${rounds} rounds`,
  );
  console.log(heading);
  const cases: [CodecName, number][] = smoke
    ? [
        ['json', 4],
        ['float64', 1],
      ]
    : [
        ['json', 1],
        ['json', 4],
        ['float64', 1],
        ['float64', 4],
      ];
  for (const [codec, partitions] of cases) {
    const topic = await bench.topic('input', partitions);
    await produceAll(bench.at, topic, messagesOf(input, codec));
    await warmUp(bench, topic, { codec, partitions, count: messages });
    const runs = contendersOf(bench).map((contender) => ({ contender, measured: [] as Measured[] }));
    for (let round = 0; round < rounds; round++) {
      for (const { contender, measured } of round % 2 === 0 ? runs : [...runs].reverse()) {
        await bench.withJob({ input: topic, partitions, codec, commitMs: COMMIT_MS }, async (job) => {
          measured.push(await measure(bench.at, contender, job, { partitions, count: messages }));
          const copies = Object.values(bench.copies).includes(contender);
          const values = copies ? input.celsius : right;
          await check(bench.at, job.output, codec, { input, values, exactly: contender !== bench.streams });
        });
      }
    }
    console.log(`${codec}, ${partitions} partition${partitions === 1 ? '' : 's'}`);
    for (const line of linesOf(runs, bench)) console.log(lineOf(line));
  }
}

/** A run that does not count: in the first one the broker compiles what it does, whoever comes first. */
async function warmUp(bench: Bench, input: string, { codec, partitions, count }: Case): Promise<void> {
  await bench.withJob({ input, partitions, codec, commitMs: COMMIT_MS }, async (job) => {
    await measure(bench.at, bench.copies.transactions, job, { partitions, count });
  });
}

function contendersOf({ worker, copies, streams }: Bench): Contender[] {
  return [worker, copies.transactions, copies.bare, ...(streams === null ? [] : [streams])];
}

function linesOf(runs: readonly { contender: Contender; measured: readonly Measured[] }[], bench: Bench): Line[] {
  const ours = runs[0]!.measured;
  return runs.map(({ contender, measured }) => {
    const isOurs = contender === bench.worker;
    const isCopy = Object.values(bench.copies).includes(contender);
    return {
      name: contender.name,
      rates: measured.map(({ rate }) => rate),
      later: median(measured.map(({ later }) => later)),
      perCpuSecond: median(measured.map(({ perCpuSecond }) => perCpuSecond)),
      startMs: median(measured.map(({ startMs }) => startMs)),
      ratios: isOurs ? null : measured.map(({ rate }, i) => ours[i]!.rate / rate),
      cpuRatio: isOurs ? null : median(measured.map(({ perCpuSecond }, i) => ours[i]!.perCpuSecond / perCpuSecond)),
      aim: isCopy && !bench.sizes.smoke ? AIM : null,
    };
  });
}
