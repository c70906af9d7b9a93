import type { Snapshot } from '../../types.js';
import { cutShort } from './cutShort.js';
import { Gaps } from './gaps.js';
import type { Partition } from './partition.js';
import { Setback, type News, type Port } from './port.js';
import { Restoration, type RestorationPlan } from './restoration.js';
import { Transaction, type TransactionPlan } from './transaction.js';
import type { PartitionState } from './worker.js';

/** What a session needs to know. */
export type SessionPlan<T> = TransactionPlan<T> & RestorationPlan<T>;

/** What has been done, in all sessions of a worker. */
export interface Counts {
  messages: number;
  deadLetters: number;
  commits: number;
  commitMs: number | null;
  aborts: number;
  restarts: number;
  trimmed: number;
}

/** Nothing yet. */
export const noCounts = (): Counts => ({
  messages: 0,
  deadLetters: 0,
  commits: 0,
  commitMs: null,
  aborts: 0,
  restarts: 0,
  trimmed: 0,
});

/** Messages asked for at once: those under way outlive collections of garbage, and more cost more than calls do. */
const CHUNK = 1024;
/** ms after which a restored partition, or a stop, is noticed at the latest. */
const TURN_MS = 50;
/** Transactions in a row that may fail before all is begun anew, later each time. */
const MOST_ABORTS = 3;
/** ms for the last commit once it is told to stop. */
const FAREWELL_MS = 2500;

/** One life of a worker, from joining the group to leaving it or to a setback. */
export class Session<T> {
  readonly #port: Port;
  readonly #counts: Counts;
  readonly #changed: () => void;
  readonly #running = new Map<number, Partition<T>>();
  readonly #restoration: Restoration<T>;
  readonly #transaction: Transaction<T>;
  #joined = false;
  #abortsInARow = 0;

  /** @param changed - told when `partitions` says something new */
  constructor(port: Port, plan: SessionPlan<T>, counts: Counts, changed: () => void) {
    this.#port = port;
    this.#counts = counts;
    this.#changed = changed;
    this.#restoration = new Restoration(port, plan, changed);
    this.#transaction = new Transaction(port, plan);
  }

  /** Works until it is told to stop, and then commits and leaves. */
  async run(stop: AbortSignal): Promise<void> {
    try {
      await cutShort(this.#work(stop), stop, FAREWELL_MS);
    } finally {
      this.#restoration.stop();
      await this.#port.close();
    }
  }

  async #work(stop: AbortSignal): Promise<void> {
    await this.#port.open(stop);
    while (!stop.aborted) await this.#turn();
    this.#restoration.stop();
    await this.#orRecover(() => this.#commit());
  }

  /** True once the group has said what is the worker's. */
  get isJoined(): boolean {
    return this.#joined;
  }

  /** One partition after the other, in ascending order. */
  partitions(): PartitionState[] {
    const running = [...this.#running].map(([partition, { next, keys }]): PartitionState => {
      const lag = this.#port.lag(partition, next);
      return { partition, status: 'running', restored: 0, toRestore: 0, position: next, lag, keys };
    });
    return [...running, ...this.#restoration.states()].sort((a, b) => a.partition - b.partition);
  }

  snapshot(partition: number): Snapshot | null {
    return this.#running.get(partition)?.snapshot() ?? null;
  }

  /** Nothing else is under way in a turn, but for what is being restored. */
  async #turn(): Promise<void> {
    const news = await this.#port.next(CHUNK, Math.min(TURN_MS, this.#transaction.dueInMs));
    await this.#orRecover(async () => {
      await this.#start();
      await this.#hear(news);
      if (this.#transaction.dueInMs === 0) await this.#commit();
    });
  }

  /** If the transaction fails, all that is in memory is as if it had just been assigned. */
  async #orRecover(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Setback && error.what === 'transaction')) throw error;
      this.#counts.aborts++;
      if (++this.#abortsInARow > MOST_ABORTS) throw new Setback('session', error.message);
      await this.#port.abort();
      this.#transaction.aborted();
      const partitions = [...this.#running.keys()];
      this.#port.pause(partitions);
      this.#running.clear();
      this.#restore(partitions);
    }
  }

  async #hear(news: News): Promise<void> {
    if (news.kind === 'messages') {
      const gaps = new Gaps(this.#port);
      for (const message of news.messages) {
        const partition = this.#running.get(message.partition);
        if (partition === undefined || message.offset < partition.next) continue; // let go, or come twice
        partition.trimmed += gaps.trimmed(message, partition.next);
        this.#transaction.take(partition, message);
        partition.next = message.offset + 1;
      }
    } else if (news.kind === 'assigned') {
      this.#joined = true;
      this.#restore(news.partitions);
    } else await this.#release(news.partitions);
  }

  async #commit(): Promise<void> {
    const { messages, deadLetters } = this.#transaction;
    if (messages === 0) return;
    for (const [partition, kept] of this.#running) this.#transaction.keep(partition, kept);
    const began = performance.now();
    await this.#port.commit(new Map([...this.#running].map(([partition, { next }]) => [partition, next])));
    for (const kept of this.#running.values()) {
      this.#counts.trimmed += kept.trimmed;
      kept.committed();
    }
    this.#counts.messages += messages;
    this.#counts.deadLetters += deadLetters;
    this.#abortsInARow = 0;
    this.#counts.commits++;
    this.#counts.commitMs = performance.now() - began;
    this.#transaction.committed();
  }

  // ---- partitions -------------------------------------------------------------------------------------------------

  #restore(partitions: readonly number[]): void {
    this.#restoration.begin(partitions);
    this.#changed();
  }

  /** Goes on with those that are in memory now. */
  async #start(): Promise<void> {
    for (let one = this.#restoration.next(); one !== undefined; one = this.#restoration.next()) {
      this.#running.set(one.partition, one.kept);
      await this.#port.resume(one.partition, one.kept.next);
      this.#changed();
    }
  }

  /** They are another's from now on. */
  async #release(partitions: readonly number[]): Promise<void> {
    try {
      await this.#commit();
    } finally {
      for (const partition of partitions) {
        this.#running.delete(partition);
        this.#restoration.forget(partition);
      }
      this.#port.release(partitions);
      this.#changed();
    }
  }
}
