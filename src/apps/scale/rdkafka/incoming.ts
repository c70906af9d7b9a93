import type { SmoothingError } from '../../../errors.js';
import { Setback, type Message } from '../port.js';
import { isPassing } from './called.js';
import type { Consumed, KafkaConsumer, KafkaError } from './client.js';
import { CODE, slotTaken } from './errors.js';
import type { Health } from './health.js';
import type { Link } from './link.js';

/** Messages dropped at once, and ms to wait for them. */
const DROPPED = 1000;
const DROP_MS = 100;
/** ms after which it is known here what librdkafka has said of the group until now. */
const A_TURN_MS = 20;

/** How a worker stands with its group. */
export interface Standing {
  /** Whether the group has yet to say what is the worker's, after it has taken partitions away. */
  isAdrift(): boolean;
  /** Whether it has taken all away for good. */
  isOut(): boolean;
  /** Whether it has said what is the worker's, and has not taken it away. */
  isIn(): boolean;
}

/** The messages of a worker's partitions, the next of which are fetched while the last ones are worked on. */
export class Incoming {
  readonly #link: Link<KafkaConsumer>;
  readonly #health: Health;
  readonly #standing: Standing;
  /** Messages that are on their way. */
  #coming: Promise<readonly Consumed[]> | null = null;
  /** Partitions whose messages are not wanted yet, or no more. */
  readonly #muted = new Set<number>();

  constructor(link: Link<KafkaConsumer>, health: Health, standing: Standing) {
    this.#link = link;
    this.#health = health;
    this.#standing = standing;
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
      const messages = await this.#link.call<Consumed[]>((done) => this.#link.client.consume(most, done));
      // it has been told why, and the client has dropped it, as messages came before it
      if (messages.length === 0 && this.#standing.isOut()) this.#health.fail(slotTaken());
      return messages;
    } catch (error) {
      if ((error as KafkaError).code === CODE.fatal) this.#health.fail(await this.#fate(error as KafkaError));
      else this.#hear(error as KafkaError);
      return [];
    }
  }

  /** Why the group does not take the worker in comes with the messages, again and again, too. */
  #hear(error: KafkaError): void {
    this.#health.hear(error, 'reading messages');
    if (this.#health.isPatient && !isPassing(error) && !this.#standing.isIn()) this.#health.leftOut(error.message);
  }

  /**
   * Of what is fatal to a static member there is but one thing: another has its place; the words don't say so. But once it has
   * lost its partitions, as the coordinator was away for too long, it sends heartbeats without its name until they are
   * released, and then it is its own earlier self that has the place.
   */
  async #fate({ message }: KafkaError): Promise<SmoothingError | Setback> {
    await new Promise((resolve) => setTimeout(resolve, A_TURN_MS));
    return this.#standing.isAdrift()
      ? new Setback('session', `the group has forgotten this worker: ${message}`)
      : slotTaken();
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
