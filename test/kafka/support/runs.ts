import { setTimeout as sleep } from 'node:timers/promises';
import { runWorker, type WorkerOptions, type WorkerState } from 'rx-ema/kafka';

/** A worker of this process. */
export interface Run {
  /** What it has been at, all of it. */
  readonly states: readonly WorkerState[];
  /** Waits for a state, among those that have been too; rejects if the worker ends in error before. */
  until(fits: (state: WorkerState) => boolean): Promise<WorkerState>;
  /** Resolves when it has ended; to the error, if it did so in one. */
  readonly ended: Promise<unknown>;
  /** Stops it, and waits until it has ended. */
  stop(): Promise<void>;
}

/** Runs a worker that is quick to commit. */
export function runs<T = { x: number }>(options: Omit<WorkerOptions<T>, 'signal'>): Run {
  const stop = new AbortController();
  const states: WorkerState[] = [];
  const ended = new Promise<unknown>((resolve) => {
    runWorker<T, T>({ commitMs: 50, ...options, signal: stop.signal }).subscribe({
      next: (state) => states.push(state),
      error: resolve,
      complete: () => resolve(null),
    });
  });
  return {
    states,
    ended,
    async until(fits) {
      for (;;) {
        const found = states.find((state) => fits(state));
        if (found !== undefined) return found;
        const over = await Promise.race([ended, sleep(20, 'not yet')]);
        if (over !== 'not yet') throw over ?? new Error('the worker has been stopped');
      }
    },
    async stop() {
      stop.abort();
      await ended;
    },
  };
}
