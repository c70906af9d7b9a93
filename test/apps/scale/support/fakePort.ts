import {
  Setback,
  type News,
  type Outgoing,
  type Port,
  type Position,
  type Refusal,
  type Restoring,
} from '../../../../src/apps/scale/port.js';
import type { FakeKafka } from './fakeKafka.js';

/** Where something may go wrong. */
export type Call = 'open' | 'next' | 'restore' | 'positions' | 'resume' | 'produce' | 'commit' | 'abort' | 'close';

/** What goes wrong: a setback, or the end of the process; before the call has done its work, or after it. */
export interface Fault {
  readonly what: Setback['what'] | 'kill';
  readonly when: 'before' | 'after';
}

/** Asked at every call: what goes wrong there, ms that it takes, messages that are to be had. */
export type Fate = (call: Call) => Partial<Fault & { readonly ms: number; readonly chunk: number }> | null;

/** What a process dies of. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

/** A port to a Kafka in memory. */
export class FakePort implements Port {
  readonly #kafka: FakeKafka;
  readonly #slot: string;
  readonly #fate: Fate;
  readonly #trouble: (what: string | null) => void;
  readonly #news: News[] = [];
  /** By partition whose messages come, the offset of the next one. */
  readonly #next = new Map<number, number>();
  /** Partitions that have been taken away, of which it has not heard yet. */
  readonly #lost = new Set<number>();
  readonly #tooLarge = new Set<string>();
  #written: Outgoing[] = [];
  /** Calls so far, one after the other. */
  readonly calls: Call[] = [];
  isGone = false;
  #isKilled = false;

  constructor(kafka: FakeKafka, slot: string, fate: Fate, trouble: (what: string | null) => void) {
    this.#kafka = kafka;
    this.#slot = slot;
    this.#fate = fate;
    this.#trouble = trouble;
  }

  hear(news: News): void {
    this.#news.push(news);
  }

  /** A partition is another's already. @param isNews - it has not been asked to let it go before */
  lose(partition: number, isNews: boolean): void {
    this.#lost.add(partition);
    if (isNews) this.hear({ kind: 'revoked', partitions: [partition] });
  }

  async open(): Promise<void> {
    await this.#called('open', () => this.#kafka.join(this.#slot, this));
    this.#trouble(null);
  }

  async next(most: number, waitMs: number): Promise<News> {
    const { chunk = most } = this.#fate('next') ?? {};
    const news = await this.#called('next', () => this.#news.shift() ?? this.#messages(Math.min(most, chunk)));
    if (news.kind !== 'messages' || news.messages.length > 0) return news;
    await after(waitMs);
    return { kind: 'messages', messages: this.#messages(Math.min(most, chunk)).messages };
  }

  #messages(most: number): News & { readonly kind: 'messages' } {
    const messages = [...this.#next].flatMap(([partition, next]) => {
      const come = this.#kafka.input[partition]!.filter(({ offset }) => offset >= next).slice(0, most);
      if (come.length > 0) this.#next.set(partition, come.at(-1)!.offset + 1);
      return come;
    });
    return { kind: 'messages', messages };
  }

  async restore(partitions: readonly Restoring[], signal: AbortSignal): Promise<void> {
    const ends = partitions.map(({ partition }) => [...this.#kafka.topic('changelog', partition)]);
    await this.#called('restore', () => {
      for (const [i, restoring] of partitions.entries()) {
        if (signal.aborted) return;
        ends[i]!.forEach(({ key, value }) => restoring.take(key!, value as Buffer | null));
        restoring.progress(ends[i]!.length, ends[i]!.length);
      }
    });
  }

  positions(partitions: readonly number[]): Promise<readonly Position[]> {
    return this.#called('positions', () =>
      partitions.map((partition) => ({
        committed: this.#kafka.committed[partition]!,
        oldest: this.#kafka.oldest[partition]!,
        // what was trimmed has been there
        end: Math.max((this.#kafka.input[partition]!.at(-1)?.offset ?? -1) + 1, this.#kafka.oldest[partition]!),
      })),
    );
  }

  async resume(partition: number, offset: number): Promise<void> {
    await this.#called('resume', () => this.#next.set(partition, offset));
  }

  pause(partitions: readonly number[]): void {
    for (const partition of partitions) this.#next.delete(partition);
  }

  release(partitions: readonly number[]): void {
    this.pause(partitions);
    for (const partition of partitions) {
      if (!this.#lost.delete(partition)) this.#kafka.released(partition);
    }
  }

  produce(message: Outgoing): Refusal | null {
    this.#live('produce');
    const fault = this.#fate('produce');
    const { topic, partition, key, value } = message;
    const most = this.#kafka.most[topic];
    const mark = JSON.stringify([topic, partition, key, value?.length]);
    if (most !== undefined && (value?.length ?? 0) > most.bytes) {
      if (most.noticed === 'at once' || this.#tooLarge.has(mark)) return 'too large';
      this.#tooLarge.add(mark);
    }
    if (fault?.what !== undefined) this.#strike('produce', fault.what);
    this.#written.push(message);
    return null;
  }

  commit(positions: ReadonlyMap<number, number>): Promise<void> {
    return this.#called('commit', () => {
      const isRefused = this.#written.some(({ topic, value }) => (value?.length ?? 0) > (this.#kafka.most[topic]?.bytes ?? Infinity)); // prettier-ignore
      const isLate = [...positions.keys()].some((partition) => this.#lost.has(partition));
      if (isRefused || isLate) throw new Setback('transaction', isRefused ? 'too large' : 'of another member');
      this.#kafka.commit(this.#written, positions);
      this.#written = [];
    });
  }

  async abort(): Promise<void> {
    await this.#called('abort', () => (this.#written = []));
  }

  lag(partition: number, offset: number): number | null {
    const end = this.#kafka.input[partition]!.at(-1)?.offset ?? -1;
    return Math.max(0, end + 1 - offset);
  }

  oldest(partition: number): number | null {
    return this.#kafka.oldest[partition]!;
  }

  async close(): Promise<void> {
    this.isGone = true;
    await this.#called('close', () => {});
  }

  // ---- what goes wrong --------------------------------------------------------------------------------------------

  async #called<R>(call: Call, work: () => R): Promise<R> {
    this.#live(call);
    const { ms = 0, what, when } = this.#fate(call) ?? {};
    await after(ms);
    if (call !== 'open' && call !== 'close' && !this.#kafka.isMember(this.#slot, this)) {
      throw new Setback('session', `${call} of one that has been fenced`);
    }
    // a transaction that must be aborted has not been committed
    if (what !== undefined && (when === 'before' || what === 'transaction')) this.#strike(call, what);
    const result = work();
    if (what !== undefined) this.#strike(call, what);
    return result;
  }

  #live(call: Call): void {
    if (this.#isKilled) throw new Killed(call);
    this.calls.push(call);
  }

  #strike(call: Call, what: Fault['what']): never {
    if (what === 'kill') {
      this.#isKilled = this.isGone = true;
      throw new Killed(call);
    }
    throw new Setback(call === 'commit' || call === 'produce' ? what : 'session', `at ${call}`);
  }
}

/** One timer, also for no time at all: what happens is in the hands of whoever has the clock. */
const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
