import type { At } from '../../kafka/support/connection.js';
import { Running, type Contender } from './contender.js';
import type { Job } from './job.js';
import { committed } from './observer.js';

/** One run of a contender over all of an input. */
export interface Measured {
  /** Messages a second, from the first consumed to the last committed. */
  readonly rate: number;
  /** The same over the second half, when compilers are done. */
  readonly later: number;
  /** Messages for each second that a processor worked for the process, in the same time. */
  readonly perCpuSecond: number;
  /** ms from the start of the process to the first message, in none of the figures above. */
  readonly startMs: number;
}

/** Runs a contender on what lies in the input of a job, `count` messages, until all of it is committed. */
export async function measure(
  at: At,
  contender: Contender,
  job: Job,
  { partitions, count }: { partitions: number; count: number },
): Promise<Measured> {
  const started = Date.now();
  const running = new Running(contender, job);
  try {
    const first = await running.mark('first');
    const { half, all } = await running.orEnd(committed(at, job, partitions, count));
    const end = await running.end();
    return {
      rate: (count / (all - first.at)) * 1000,
      later: ((count - half.count) / (all - half.at)) * 1000,
      perCpuSecond: (count / (end.cpuMs - first.cpuMs)) * 1000,
      startMs: first.at - started,
    };
  } finally {
    running.kill();
  }
}
