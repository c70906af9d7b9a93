import type { WorkerState } from '../../scale/worker.js';
import { ranges } from './ranges.js';

/** What has been seen of a worker, without secrets. */
export class Seen {
  readonly #hide: (text: string) => string;
  #latest: WorkerState | null = null;
  #committedAt = performance.now();

  constructor(hide: (text: string) => string) {
    this.#hide = hide;
  }

  get latest(): WorkerState | null {
    return this.#latest;
  }

  /** @returns it without secrets */
  see(state: WorkerState): WorkerState {
    if (state.commits !== this.#latest?.commits) this.#committedAt = performance.now();
    const { trouble } = state;
    const hidden =
      trouble === null ? {} : { trouble: this.#hide(trouble), snapshot: (one: number) => state.snapshot(one) };
    return (this.#latest = trouble === null ? state : { ...state, ...hidden });
  }

  /** What is left undone by a worker that can't wait for its last commit. @param why - it can't */
  cutShort(why: string): string {
    const partitions = (this.#latest?.partitions ?? []).map(({ partition }) => partition);
    const ended = `ended by ${why}, before it had left the group`;
    if (partitions.length === 0) return `${ended}; it had no partitions`;
    const seconds = ((performance.now() - this.#committedAt) / 1000).toFixed(1);
    const what = `what it has smoothed of ${ranges(partitions)} in the last ${seconds} s`;
    return `${ended}: ${what} is not committed, and is read again by who gets them`;
  }
}
