import type { Message } from '../port.js';
import type { Consumed, KafkaConsumer, KafkaError } from './client.js';
import { CODE, slotTaken } from './errors.js';
import type { Health } from './health.js';
import type { Link } from './link.js';

/** Messages dropped at once, and ms to wait for them. */
const DROPPED = 1000;
const DROP_MS = 100;

/** The messages of a worker's partitions, the next of which are fetched while the last ones are worked on. */
export class Incoming {
  readonly #link: Link<KafkaConsumer>;
  readonly #health: Health;
  /** Messages that are on their way. */
  #coming: Promise<readonly Consumed[]> | null = null;
  /** Partitions whose messages are not wanted yet, or no more. */
  readonly #muted = new Set<number>();

  constructor(link: Link<KafkaConsumer>, health: Health) {
    this.#link = link;
    this.#health = health;
  }

  /** Waits for `waitMs` at most, and then has none. */
  async next(most: number, waitMs: number): Promise<readonly Message[]> {
    let messages = await (this.#coming ?? this.#consume(most, 0));
    this.#coming = null;
    if (messages.length === 0) messages = await this.#consume(1, waitMs);
    else this.#coming = this.#consume(most, 0);
    const wanted = this.#muted.size === 0 ? messages : messages.filter(({ partition }) => !this.#muted.has(partition));
    return wanted as readonly Message[];
  }

  async #consume(most: number, waitMs: number): Promise<readonly Consumed[]> {
    this.#link.client.setDefaultConsumeTimeout(waitMs);
    try {
      return await this.#link.call<Consumed[]>((done) => this.#link.client.consume(most, done));
    } catch (error) {
      // of what is fatal to a static member there is but one thing: another has its place; the words don't say so
      if ((error as KafkaError).code === CODE.fatal) this.#health.fail(slotTaken());
      else this.#health.hear(error as KafkaError, 'reading messages');
      return [];
    }
  }

  mute(partitions: readonly number[]): void {
    for (const partition of partitions) this.#muted.add(partition);
  }

  unmute(partition: number): void {
    this.#muted.delete(partition);
  }

  /** Leaves out what is on its way of a partition. */
  async forget(partition: number): Promise<void> {
    if (this.#coming === null) return;
    const kept = (await this.#coming).filter((message) => message.partition !== partition);
    this.#coming = Promise.resolve(kept);
  }

  /** Drops what comes, until something has ended all, for `ms` at most. */
  async drop(ms: number): Promise<void> {
    const until = performance.now() + ms;
    while (performance.now() < until && this.#health.isPatient) {
      await this.#coming;
      this.#coming = null;
      await this.#consume(DROPPED, DROP_MS);
    }
  }
}
