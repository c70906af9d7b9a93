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
  /** Of batches that are being read. */
  readonly #stops = new Map<AbortController, readonly Arriving<T>[]>();
  #isOver = false;
  #told = -Infinity;

  /** @param changed - told of progress */
  constructor(port: Port, plan: RestorationPlan<T>, changed: () => void) {
    this.#port = port;
    this.#plan = plan;
    this.#changed = changed;
  }

  /** Begins with partitions: those that are on their way already begin anew. */
  begin(partitions: readonly number[]): void {
    if (partitions.length === 0 || this.#isOver) return;
    const { makeEngine, readout, sizes } = this.#plan;
    const batch = partitions.map((partition): Arriving<T> => {
      return { partition, kept: new Partition(makeEngine, readout, sizes), read: 0, of: 0, position: null };
    });
    for (const one of batch) this.#arriving.set(one.partition, one);
    const stop = new AbortController();
    this.#stops.set(stop, batch);
    this.#read(batch, stop.signal)
      .catch((error: unknown) => {
        if (this.#isWanted(batch)) this.#failures.push(error);
      })
      .finally(() => this.#stops.delete(stop));
    this.#drop(); // what begins anew
  }

  #isWanted(batch: readonly Arriving<T>[]): boolean {
    return batch.some((one) => this.#arriving.get(one.partition) === one);
  }

  /** Nobody waits for batches of which nothing is wanted. */
  #drop(): void {
    for (const [stop, batch] of this.#stops) if (!this.#isWanted(batch)) stop.abort();
  }

  async #read(batch: readonly Arriving<T>[], signal: AbortSignal): Promise<void> {
    const positions = await this.#port.positions(batch.map(({ partition }) => partition));
    const all = batch.map((one) => ({
      partition: one.partition,
      take: (key: Buffer, value: Buffer | null) => one.kept.restore(key, value),
      progress: (read: number, of: number) => {
        Object.assign(one, { read, of });
        this.#tell(read >= of);
      },
    }));
    await this.#port.restore(all, signal);
    if (signal.aborted) return; // not to its end
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
    this.#drop();
  }

  /** Nothing is wanted any more. */
  stop(): void {
    this.#isOver = true;
    for (const stop of this.#stops.keys()) stop.abort();
  }

  states(): PartitionState[] {
    return [...this.#arriving.values()].map(({ partition, read, of }) => {
      return { partition, status: 'restoring', restored: read, toRestore: of, position: null, lag: null, keys: 0 };
    });
  }
}
