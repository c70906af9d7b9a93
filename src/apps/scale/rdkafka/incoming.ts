import type { SmoothingError } from '../../../errors.js';
import { Setback, type Message } from '../port.js';
import type { Consumed, KafkaConsumer, KafkaError } from './client.js';
import { CODE, slotTaken } from './errors.js';
import type { Health } from './health.js';
import type { Link } from './link.js';

/** ms after which it is known here what librdkafka has said of the group until now. */
const A_TURN_MS = 20;

/** The messages of a worker's partitions, the next of which are fetched while the last ones are worked on. */
export class Incoming {
  readonly #link: Link<KafkaConsumer>;
  readonly #health: Health;
  readonly #isAdrift: () => boolean;
  /** Messages that are on their way. */
  #coming: Promise<readonly Consumed[]> | null = null;
  /** Partitions whose messages are not wanted yet, or no more. */
  readonly #muted = new Set<number>();

  /** @param isAdrift - whether the group has yet to say what is the worker's, after it has taken partitions away */
  constructor(link: Link<KafkaConsumer>, health: Health, isAdrift: () => boolean) {
    this.#link = link;
    this.#health = health;
    this.#isAdrift = isAdrift;
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
      if ((error as KafkaError).code === CODE.fatal) this.#health.fail(await this.#fate(error as KafkaError));
      else this.#health.hear(error as KafkaError, 'reading messages');
      return [];
    }
  }

  /**
   * Of what is fatal to a static member there is but one thing: another has its place; the words don't say so. But once it has
   * lost its partitions, as the coordinator was away for too long, it sends heartbeats without its name until they are
   * released, and then it is its own earlier self that has the place.
   */
  async #fate({ message }: KafkaError): Promise<SmoothingError | Setback> {
    await new Promise((resolve) => setTimeout(resolve, A_TURN_MS));
    return this.#isAdrift() ? new Setback('session', `the group has forgotten this worker: ${message}`) : slotTaken();
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

  /** If a producer is fenced, a second worker in the slot may be why: then the group says so within a heartbeat or two. */
  async fenced(): Promise<void> {
    for (let tries = 0; tries < 25 && !this.#health.hasFailed && !this.#health.isOver; tries++) {
      await (this.#coming ?? this.#consume(1, 100));
    }
  }
}
