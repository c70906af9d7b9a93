import { said } from '../../../failure.js';
import { Setback, type News, type Position } from '../port.js';
import type { KafkaConsumer, KafkaError, TopicPartition } from './client.js';
import { CALL_MS, type Connections } from './connections.js';
import { CODE } from './errors.js';
import { Incoming } from './incoming.js';
import type { Link } from './link.js';
import { positionsOf } from './positions.js';

/** ms that the group has to say that another worker is in the slot. */
const FENCED_MS = 2500;
/** librdkafka's own ms between two polls, which it does not take for less than those of a session. */
const USUAL_POLL_MS = 300_000;

/** A worker as a member of its group: which partitions it has, and what comes of them. */
export class Membership {
  readonly link: Link<KafkaConsumer>;
  readonly #connections: Connections;
  readonly #incoming: Incoming;
  readonly #news: News[] = [];
  /** Partitions that it has; those of them that the group wants back. */
  readonly #own = new Set<number>();
  readonly #wanted = new Set<number>();
  /** True from when partitions are taken away until the group has said again what is the worker's. */
  #isAdrift = false;
  /** True once the group has said what is the worker's, until it takes it away. */
  #isIn = false;
  /** True if partitions were taken away for good. */
  #isOut = false;

  constructor(connections: Connections) {
    const { group, slot, sessionMs, config } = connections.to;
    this.#connections = connections;
    this.link = connections.consumer(
      {
        'group.instance.id': `${group}-${slot}`,
        'session.timeout.ms': sessionMs,
        'max.poll.interval.ms': config['max.poll.interval.ms'] ?? Math.max(USUAL_POLL_MS, sessionMs),
        'heartbeat.interval.ms': config['heartbeat.interval.ms'] ?? Math.min(1000, Math.floor(sessionMs / 3)),
        'isolation.level': 'read_committed',
        'partition.assignment.strategy': 'cooperative-sticky',
        rebalance_cb: (error: KafkaError | undefined, list: TopicPartition[]) => this.#rebalanced(error, list),
      },
      { 'auto.offset.reset': 'earliest' },
    );
    this.#incoming = new Incoming(this.link, connections.health, {
      isAdrift: () => this.#isAdrift,
      isOut: () => this.#isOut,
      isIn: () => this.#isIn,
    });
  }

  get consumer(): KafkaConsumer {
    return this.link.client;
  }

  join(): void {
    this.#ask('joining the group', () => this.consumer.subscribe([this.#connections.to.input]));
  }

  // ---- partitions -------------------------------------------------------------------------------------------------

  /** Called by librdkafka, in whose frames nothing may be thrown. */
  #rebalanced(error: KafkaError | undefined, list: TopicPartition[]): void {
    const { health } = this.#connections;
    this.#isAdrift = error?.code === CODE.revoked;
    this.#isIn = error?.code === CODE.assigned;
    if (this.#isIn) health.takenIn();
    try {
      if (error?.code === CODE.assigned) this.#adopt(list);
      else if (error?.code === CODE.revoked) this.#giveBack(list.map(({ partition }) => partition));
      else throw new Setback('session', `what the group says must be known, got: ${said(error)}`);
    } catch (thrown) {
      health.fail(thrown as Setback);
    }
  }

  #adopt(list: readonly TopicPartition[]): void {
    const partitions = list.map(({ partition }) => partition);
    this.#incoming.mute(partitions);
    for (const partition of partitions) this.#own.add(partition);
    // from somewhere, so that librdkafka need not ask first from where: until then nothing can be said of it
    const begun = list.map(({ topic, partition }) => ({ topic, partition, offset: 0 }));
    this.#ask('taking partitions', () => {
      if (this.#cooperates) this.consumer.incrementalAssign(begun);
      else this.consumer.assign(begun);
    });
    this.pause(partitions);
    this.#news.push({ kind: 'assigned', partitions });
  }

  #giveBack(partitions: readonly number[]): void {
    const { health } = this.#connections;
    if (health.isOver) return this.release(partitions);
    this.#isOut = partitions.length >= this.#own.size && this.#hasFailed;
    for (const partition of partitions) this.#wanted.add(partition);
    this.#news.push({ kind: 'revoked', partitions });
  }

  /** Whether librdkafka has given up, of which it says nothing by itself but once: whoever subscribes is told again. */
  get #hasFailed(): boolean {
    try {
      this.consumer.subscribe([this.#connections.to.input]);
      return false;
    } catch (error) {
      return (error as KafkaError).code === CODE.fatal;
    }
  }

  get #cooperates(): boolean {
    return this.consumer.rebalanceProtocol() === 'COOPERATIVE';
  }

  release(partitions: readonly number[]): void {
    this.#incoming.mute(partitions);
    for (const partition of partitions) {
      this.#own.delete(partition);
      this.#wanted.delete(partition);
    }
    this.#ask('giving partitions back', () => {
      if (this.#cooperates) this.consumer.incrementalUnassign(this.#named(partitions));
      else this.consumer.unassign();
    });
  }

  /** What the group wants back it gets now: the client does not leave before. */
  leave(): void {
    try {
      if (this.#wanted.size > 0) this.release([...this.#wanted]);
    } catch {
      // then it leaves without
    }
  }

  pause(partitions: readonly number[]): void {
    this.#incoming.mute(partitions);
    if (partitions.length > 0) this.#ask('pausing', () => this.consumer.pause(this.#named(partitions)));
  }

  async resume(partition: number, offset: number): Promise<void> {
    const { input: topic } = this.#connections.to;
    await this.#incoming.forget(partition); // of before the seek
    await this.#connections.call(this.link, `seeking partition ${partition}`, (done) =>
      this.consumer.seek({ topic, partition, offset }, CALL_MS, done),
    );
    this.#ask('resuming', () => this.consumer.resume([{ topic, partition }]));
    this.#incoming.unmute(partition);
  }

  /** What throws at once says what it means. */
  #ask(doing: string, ask: () => void): void {
    try {
      ask();
    } catch (error) {
      throw this.#connections.health.meaning(doing, error as KafkaError);
    }
  }

  #named(partitions: readonly number[]): TopicPartition[] {
    return partitions.map((partition) => ({ topic: this.#connections.to.input, partition }));
  }

  // ---- what is known of them --------------------------------------------------------------------------------------

  positions(partitions: readonly number[]): Promise<readonly Position[]> {
    return positionsOf(this.#connections, this.link, partitions, () => this.fenced());
  }

  lag(partition: number, offset: number): number | null {
    const high = this.#fetched(partition)?.highOffset ?? -1;
    return high < 0 ? null : Math.max(0, high - offset);
  }

  oldest(partition: number): number | null {
    const low = this.#fetched(partition)?.lowOffset ?? -1;
    return low < 0 ? null : low;
  }

  /** The ends of a partition as the latest answer to a fetch had them; negative if that was an error. */
  #fetched(partition: number): { lowOffset: number; highOffset: number } | null {
    try {
      return this.consumer.getWatermarkOffsets(this.#connections.to.input, partition);
    } catch {
      return null; // nothing has been fetched yet
    }
  }

  // ---- messages ---------------------------------------------------------------------------------------------------

  async next(most: number, waitMs: number): Promise<News> {
    const { health } = this.#connections;
    health.check();
    const first = this.#news.shift();
    if (first !== undefined) return first;
    const messages = await this.#incoming.next(most, waitMs);
    health.check();
    return { kind: 'messages', messages };
  }

  /**
   * If a producer is fenced, a second worker in the slot may be why: waits for what the group says within a heartbeat or
   * two. Whatever comes meanwhile is dropped.
   */
  fenced(): Promise<void> {
    this.pause([...this.#own]); // or messages that are here already would come first
    return this.#incoming.drop(FENCED_MS);
  }
}
