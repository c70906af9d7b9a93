import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { WorkerState } from '../../../src/apps/scale/worker.js';
import type { Program } from '../../support/program.js';
import type { Told } from './workerProgram.js';

/** What a worker is at, as it was printed. */
export type Line = Omit<WorkerState, 'snapshot'> & { readonly output: string };

/** Workers in a process of their own. */
export interface WorkerProcess {
  /** Halts and errors so far, what it waited for, and how it ended. */
  readonly remarks: readonly Readonly<Record<string, unknown>>[];
  /** What it said last, of the only worker. */
  latest(): Line | undefined;
  /** Waits until it says something of a kind; throws if it ends first. */
  until(what: (line: Line) => boolean, withinMs?: number): Promise<Line>;
  /** Waits until it has halted by itself. */
  halted(): Promise<void>;
  /** Done when it has ended. */
  readonly ended: Promise<unknown>;
  /** SIGSTOP and SIGCONT. */
  pause(): void;
  wake(): void;
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>;
  /** SIGTERM, and waits for the end. @returns its exit code */
  stop(): Promise<number | null>;
}

/** Starts workers, of `workerProgram.ts`. */
export function startWorkers(program: Program, told: readonly Told[]): WorkerProcess {
  const child = program.start([JSON.stringify(told)]);
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const remarks: Readonly<Record<string, unknown>>[] = [];
  const waiting = new Set<(line: Line | null) => void>();
  let latest: Line | undefined;
  createInterface({ input: child.stdout! }).on('line', (text) => {
    const line = JSON.parse(text) as Line | Readonly<Record<string, unknown>>;
    if (!('partitions' in line)) remarks.push(line);
    else if (((line as Line).trouble ?? latest?.trouble ?? null) !== (latest?.trouble ?? null))
      remarks.push({ trouble: (line as Line).trouble });
    if ('partitions' in line) latest = line as Line;
    for (const heard of waiting) heard(latest ?? null);
  });
  void ended.then(([code, signal]) => {
    remarks.push({ ended: signal ?? code });
    for (const heard of waiting) heard(null);
  });

  const said = (): string => `${JSON.stringify(latest)} ${JSON.stringify(remarks)}`;
  /** Waits for a line, or the end. */
  const heard = <R>(what: () => R | undefined | false, withinMs: number, wanted: string): Promise<R> =>
    new Promise((resolve, reject) => {
      const settle = (end: () => void): void => {
        clearTimeout(timer);
        waiting.delete(look);
        end();
      };
      const look = (): void => {
        const found = what();
        if (found !== undefined && found !== false) settle(() => resolve(found));
        else if (child.exitCode !== null || child.signalCode !== null)
          settle(() => reject(new Error(`the worker ended before ${wanted}; it said ${said()}`)));
      };
      const timer = setTimeout(
        () => settle(() => reject(new Error(`the worker must say ${wanted} within ${withinMs} ms; it said ${said()}`))),
        withinMs,
      );
      waiting.add(look);
      look();
    });
  const end = async (...signals: readonly NodeJS.Signals[]): Promise<number | null> => {
    for (const signal of signals) child.kill(signal);
    return (await ended)[0];
  };
  return {
    remarks,
    ended,
    latest: () => latest,
    until: (what, withinMs = 60_000) => heard(() => latest && what(latest) && latest, withinMs, String(what)),
    halted: async () => void (await heard(() => remarks.some((remark) => 'halts' in remark), 60_000, 'that it halts')),
    pause: () => void child.kill('SIGSTOP'),
    wake: () => void child.kill('SIGCONT'),
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM', 'SIGCONT'),
  };
}
