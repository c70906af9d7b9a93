import type { BundleSizes } from './bundles.js';
import { Partition, type EngineMaker } from './partition.js';
import type { Port, Position } from './port.js';
import type { PartitionState } from './worker.js';

/** What partitions are made from. */
export interface RestorationPlan<T> {
  readonly makeEngine: EngineMaker<T>;
  readonly readout: 'raw' | 'corrected';
  readonly sizes?: BundleSizes;
}

/** A partition that is in memory, to be gone on with from `kept.next` on. */
export interface Restored<T> {
  readonly partition: number;
  readonly kept: Partition<T>;
}

/** A partition on its way into memory. */
interface Arriving<T> extends Restored<T> {
  /** Messages of the changelog read, of about so many. */
  read: number;
  of: number;
  /** Once all have been read. */
  position: Position | null;
}

/** ms between two tellings of progress: who is told looks at all partitions. */
const TELL_MS = 100;

/** Partitions on their way into memory, while others are worked on. */
export class Restoration<T> {
  readonly #port: Port;
  readonly #plan: RestorationPlan<T>;
  readonly #changed: () => void;
  readonly #arriving = new Map<number, Arriving<T>>();
  readonly #failures: unknown[] = [];
  readonly #stop = new AbortController();
  #told = -Infinity;

  /** @param changed - told of progress */
  constructor(port: Port, plan: RestorationPlan<T>, changed: () => void) {
    this.#port = port;
    this.#plan = plan;
    this.#changed = changed;
  }

  /** Begins with partitions: those that are on their way already begin anew. */
  begin(partitions: readonly number[]): void {
    if (partitions.length === 0 || this.#stop.signal.aborted) return;
    const { makeEngine, readout, sizes } = this.#plan;
    const batch = partitions.map((partition): Arriving<T> => {
      return { partition, kept: new Partition(makeEngine, readout, sizes), read: 0, of: 0, position: null };
    });
    for (const one of batch) this.#arriving.set(one.partition, one);
    this.#read(batch).catch((error: unknown) => {
      if (batch.some((one) => this.#arriving.get(one.partition) === one)) this.#failures.push(error);
    });
  }

  async #read(batch: readonly Arriving<T>[]): Promise<void> {
    const positions = await this.#port.positions(batch.map(({ partition }) => partition));
    const all = batch.map((one) => ({
      partition: one.partition,
      take: (key: Buffer, value: Buffer | null) => one.kept.restore(key, value),
      progress: (read: number, of: number) => {
        Object.assign(one, { read, of });
        this.#tell(read >= of);
      },
    }));
    await this.#port.restore(all, this.#stop.signal);
    if (this.#stop.signal.aborted) return; // not to its end
    batch.forEach((one, i) => (one.position = positions[i]!));
  }

  /** Now and then, and at the end of each partition. */
  #tell(isEnd: boolean): void {
    const now = performance.now();
    if (!isEnd && now - this.#told < TELL_MS) return;
    this.#told = now;
    this.#changed();
  }

  /** A partition that is in memory now, and no more on its way; undefined if there is none. Throws what went wrong. */
  next(): Restored<T> | undefined {
    if (this.#failures.length > 0) throw this.#failures.shift();
    for (const { partition, kept, position } of this.#arriving.values()) {
      if (position === null) continue;
      kept.start(position);
      this.#arriving.delete(partition);
      return { partition, kept };
    }
    return undefined;
  }

  /** A partition is no longer wanted. */
  forget(partition: number): void {
    this.#arriving.delete(partition);
  }

  /** Nothing is wanted any more. */
  stop(): void {
    this.#stop.abort();
  }

  states(): PartitionState[] {
    return [...this.#arriving.values()].map(({ partition, read, of }) => {
      return { partition, status: 'restoring', restored: read, toRestore: of, position: null, lag: null, keys: 0 };
    });
  }
}
