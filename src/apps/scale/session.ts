import { SmoothingError, type SmoothingErrorCode } from '../../errors.js';
import { said } from '../../failure.js';
import type { Smoothed, Snapshot } from '../../types.js';
import type { Codec } from './codec.js';
import { deadLetter } from './deadLetter.js';
import { Partition, type EngineMaker } from './partition.js';
import { Setback, type Message, type News, type Port } from './port.js';
import type { PartitionState } from './worker.js';

/** What a session needs to know. */
export interface SessionPlan<T> {
  readonly input: string;
  readonly output: string;
  readonly changelog: string;
  readonly deadLetters: string;
  readonly codec: Codec<T, Smoothed<T>>;
  readonly makeEngine: EngineMaker<T>;
  readonly readout: 'raw' | 'corrected';
  readonly commitMs: number;
  readonly maxDeadInARow: number;
}

/** What has been done, in all sessions of a worker. */
export interface Counts {
  messages: number;
  deadLetters: number;
  commits: number;
  commitMs: number | null;
  aborts: number;
  restarts: number;
}

const NOTHING = Buffer.alloc(0);
/** Messages asked for at once. */
const CHUNK = 4096;
/** A transaction ends early once it has so many messages, or bytes. */
const MOST_MESSAGES = 200_000;
const MOST_BYTES = 256 * 2 ** 20;
/** ms after which a restored partition, or a stop, is noticed at the latest. */
const TURN_MS = 50;

/** A partition on its way into memory. */
interface Arriving {
  read: number;
  of: number;
}

/** One life of a worker, from joining the group to leaving it or to a setback. */
export class Session<T> {
  readonly #port: Port;
  readonly #plan: SessionPlan<T>;
  readonly #counts: Counts;
  readonly #changed: () => void;
  readonly #running = new Map<number, Partition<T>>();
  readonly #arriving = new Map<number, Arriving>();
  /** What has to be done in the next turn, as nothing else may be under way. */
  readonly #due: (() => Promise<void>)[] = [];
  readonly #closing = new AbortController();
  /** Of the open transaction. */
  #messages = 0;
  #bytes = 0;
  #dead = 0;
  #since = 0;
  #deadInARow = 0;
  #joined = false;

  /** @param changed - told when `partitions` says something new */
  constructor(port: Port, plan: SessionPlan<T>, counts: Counts, changed: () => void) {
    this.#port = port;
    this.#plan = plan;
    this.#counts = counts;
    this.#changed = changed;
  }

  /** Works until it is told to stop, and then commits and leaves. */
  async run(stop: AbortSignal): Promise<void> {
    try {
      await this.#port.open(stop);
      while (!stop.aborted) await this.#turn();
      await this.#orRecover(() => this.#commit());
    } finally {
      this.#closing.abort();
      await this.#port.close();
    }
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
    const arriving = [...this.#arriving].map(([partition, { read, of }]): PartitionState => {
      return { partition, status: 'restoring', restored: read, toRestore: of, position: null, lag: null, keys: 0 };
    });
    return [...running, ...arriving].sort((a, b) => a.partition - b.partition);
  }

  snapshot(partition: number): Snapshot | null {
    return this.#running.get(partition)?.snapshot() ?? null;
  }

  async #turn(): Promise<void> {
    const { commitMs } = this.#plan;
    const waitMs = this.#messages === 0 ? TURN_MS : Math.min(TURN_MS, Math.max(0, this.#since + commitMs - now()));
    const news = await this.#port.next(CHUNK, waitMs);
    await this.#orRecover(async () => {
      for (const task of this.#due.splice(0)) await task();
      await this.#hear(news);
      const full = this.#messages >= MOST_MESSAGES || this.#bytes >= MOST_BYTES;
      if (this.#messages > 0 && (full || now() - this.#since >= commitMs)) await this.#commit();
    });
  }

  /** If the transaction fails, all that is in memory is as if it had just been assigned. */
  async #orRecover(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Setback && error.what === 'transaction')) throw error;
      this.#counts.aborts++;
      await this.#port.abort();
      this.#begin();
      const partitions = [...this.#running.keys()];
      this.#port.pause(partitions);
      this.#running.clear();
      this.#restore(partitions);
    }
  }

  async #hear(news: News): Promise<void> {
    if (news.kind === 'messages') return this.#take(news.messages);
    if (news.kind === 'assigned') {
      this.#joined = true;
      return this.#restore(news.partitions);
    }
    try {
      await this.#commit();
    } finally {
      for (const partition of news.partitions) {
        this.#running.delete(partition);
        this.#arriving.delete(partition);
      }
      this.#port.release(news.partitions);
      this.#changed();
    }
  }

  // ---- messages ---------------------------------------------------------------------------------------------------

  #take(messages: readonly Message[]): void {
    for (const message of messages) {
      const partition = this.#running.get(message.partition);
      if (partition === undefined || message.offset < partition.next) continue; // let go, or come twice
      if (this.#messages++ === 0) this.#since = now();
      this.#smooth(partition, message);
      partition.next = message.offset + 1;
    }
  }

  #smooth(partition: Partition<T>, message: Message): void {
    const { codec } = this.#plan;
    const { key, timestamp, value } = message;
    let smoothed: Smoothed<T> | null | undefined;
    try {
      smoothed = partition.take(key, timestamp, value === null ? (null as T) : codec.decode(value));
    } catch (error) {
      return this.#bury(message, said(error), !isOfOne(error));
    }
    const fault = this.#write(message, smoothed);
    if (fault === null) {
      this.#deadInARow = 0;
      return;
    }
    partition.undo();
    this.#bury(message, fault.why, fault.isOfAll);
  }

  /** Writes what came of a message; returns what is wrong with it, if it can't be written. */
  #write(message: Message, smoothed: Smoothed<T> | null | undefined): Fault | null {
    const { codec, output: topic } = this.#plan;
    const { partition, key, timestamp, headers } = message;
    let value: Uint8Array | null;
    try {
      value = smoothed == null ? null : codec.encode(smoothed, message.value ?? NOTHING);
    } catch (error) {
      return { why: said(error), isOfAll: true };
    }
    const length = value?.length ?? 0;
    this.#bytes += length + (key?.length ?? 0);
    if (this.#port.produce({ topic, partition, key, value, timestamp, ...(headers && { headers }) })) return null;
    return { why: `the output must be small enough for its topic, got ${length} bytes`, isOfAll: false };
  }

  /**
   * A message that can't be smoothed goes to the dead letters; the others go on.
   *
   * @param isOfAll - what is wrong may be wrong with each of them
   */
  #bury(message: Message, reason: string, isOfAll: boolean): void {
    const { input, deadLetters, maxDeadInARow } = this.#plan;
    this.#deadInARow = isOfAll ? this.#deadInARow + 1 : 0;
    if (this.#deadInARow >= maxDeadInARow) {
      throw new SmoothingError(
        'CODEC_MISMATCH',
        `the codec must be that of '${input}', got ${maxDeadInARow} messages in a row that can't be smoothed; ` +
          `at partition ${message.partition}, offset ${message.offset}: ${reason}`,
      );
    }
    this.#dead++;
    const letter = deadLetter(input, message, reason);
    if (this.#port.produce({ ...letter, topic: deadLetters })) return;
    const { value, ...rest } = deadLetter(
      input,
      message,
      `${reason} (its ${message.value?.length ?? 0} bytes left out)`,
    );
    if (this.#port.produce({ ...rest, value: null, topic: deadLetters })) return;
    throw new SmoothingError(
      'MESSAGE_TOO_LARGE',
      `'${deadLetters}' must take letters of any size, got ${value?.length ?? 0} bytes that it does not`,
    );
  }

  // ---- transactions -----------------------------------------------------------------------------------------------

  async #commit(): Promise<void> {
    if (this.#messages === 0) return;
    const { changelog } = this.#plan;
    const positions = new Map<number, number>();
    for (const [partition, kept] of this.#running) {
      positions.set(partition, kept.next);
      for (const row of kept.changes()) {
        if (this.#port.produce({ topic: changelog, partition, ...row })) continue;
        throw new SmoothingError(
          'MESSAGE_TOO_LARGE',
          `'${changelog}' must take rows of any size, got ${row.value?.length ?? 0} bytes that it does not`,
        );
      }
    }
    const began = now();
    await this.#port.commit(positions);
    for (const kept of this.#running.values()) kept.committed();
    this.#counts.messages += this.#messages;
    this.#counts.deadLetters += this.#dead;
    this.#counts.commits++;
    this.#counts.commitMs = now() - began;
    this.#begin();
  }

  #begin(): void {
    this.#messages = this.#bytes = this.#dead = 0;
  }

  // ---- partitions -------------------------------------------------------------------------------------------------

  /** Reads what is kept of partitions, while the others go on. */
  #restore(partitions: readonly number[]): void {
    if (partitions.length === 0) return this.#changed();
    const batch = partitions.map((partition) => {
      const arriving: Arriving = { read: 0, of: 0 };
      this.#arriving.set(partition, arriving);
      return { partition, arriving, kept: new Partition<T>(this.#plan.makeEngine, this.#plan.readout) };
    });
    this.#changed();
    const all = batch.map(({ partition, arriving, kept }) => ({
      partition,
      take: (key: Buffer, value: Buffer | null) => kept.restore(key, value),
      progress: (read: number, of: number) => {
        Object.assign(arriving, { read, of });
        this.#changed();
      },
    }));
    const positions = partitions.map((partition) => this.#port.position(partition));
    Promise.all(positions)
      .then(async (found) => {
        await this.#port.restore(all, this.#closing.signal);
        this.#due.push(async () => {
          for (const [i, { partition, arriving, kept }] of batch.entries()) {
            if (this.#arriving.get(partition) !== arriving) continue; // another's since
            kept.start(found[i]!);
            this.#arriving.delete(partition);
            this.#running.set(partition, kept);
            await this.#port.resume(partition, kept.next);
          }
          this.#changed();
        });
      })
      .catch((error: unknown) => {
        this.#due.push(() => Promise.reject(error));
      });
  }
}

/** What keeps an output from being written. */
interface Fault {
  readonly why: string;
  readonly isOfAll: boolean;
}

const OF_ONE: readonly unknown[] = ['TIME_LATE', 'TOO_MANY_KEYS'] satisfies SmoothingErrorCode[];

/** True if it says nothing about other messages: they can be read. */
const isOfOne = (error: unknown): boolean => error instanceof SmoothingError && OF_ONE.includes(error.code);

const now = (): number => performance.now();
