import { said } from '../../../failure.js';
import { Setback, type News, type Position } from '../port.js';
import type { KafkaConsumer, KafkaError, TopicPartition } from './client.js';
import { CALL_MS, type Connections } from './connections.js';
import { CODE, slotTaken } from './errors.js';
import { Incoming } from './incoming.js';
import type { Link } from './link.js';

/** ms that the group has to say that another worker is in the slot. */
const FENCED_MS = 2500;

/** A worker as a member of its group: which partitions it has, and what comes of them. */
export class Membership {
  readonly link: Link<KafkaConsumer>;
  readonly #connections: Connections;
  readonly #incoming: Incoming;
  readonly #news: News[] = [];
  /** Partitions that it has. */
  readonly #own = new Set<number>();

  constructor(connections: Connections) {
    const { group, slot, sessionMs } = connections.to;
    this.#connections = connections;
    this.link = connections.consumer(
      {
        'group.instance.id': `${group}-${slot}`,
        'session.timeout.ms': sessionMs,
        'heartbeat.interval.ms': Math.min(1000, Math.floor(sessionMs / 3)),
        'isolation.level': 'read_committed',
        'partition.assignment.strategy': 'cooperative-sticky',
        rebalance_cb: (error: KafkaError | undefined, list: TopicPartition[]) => this.#rebalanced(error, list),
      },
      { 'auto.offset.reset': 'earliest' },
    );
    this.#incoming = new Incoming(this.link, connections.health);
  }

  get consumer(): KafkaConsumer {
    return this.link.client;
  }

  join(): void {
    this.consumer.subscribe([this.#connections.to.input]);
  }

  // ---- partitions -------------------------------------------------------------------------------------------------

  /** Called by librdkafka, in whose frames nothing may be thrown. */
  #rebalanced(error: KafkaError | undefined, list: TopicPartition[]): void {
    const { health } = this.#connections;
    const partitions = list.map(({ partition }) => partition);
    try {
      if (error?.code === CODE.assigned) {
        if (!health.isOver) this.#adopt(list);
        else this.consumer.assign([]);
      } else if (error?.code === CODE.revoked) {
        if (health.isOver) this.release(partitions);
        else this.#news.push({ kind: 'revoked', partitions });
        if (partitions.length >= this.#own.size && this.#isFenced()) health.fail(slotTaken());
      }
    } catch (thrown) {
      health.fail(new Setback('session', said(thrown)));
    }
  }

  #adopt(list: TopicPartition[]): void {
    const partitions = list.map(({ partition }) => partition);
    this.#incoming.mute(partitions);
    for (const partition of partitions) this.#own.add(partition);
    if (this.#cooperates) this.consumer.incrementalAssign(list);
    else this.consumer.assign(list);
    if (list.length > 0) this.consumer.pause(list);
    this.#news.push({ kind: 'assigned', partitions });
  }

  get #cooperates(): boolean {
    return this.consumer.rebalanceProtocol() === 'COOPERATIVE';
  }

  release(partitions: readonly number[]): void {
    this.#incoming.mute(partitions);
    for (const partition of partitions) this.#own.delete(partition);
    if (this.#cooperates) this.consumer.incrementalUnassign(this.#named(partitions));
    else this.consumer.unassign();
  }

  pause(partitions: readonly number[]): void {
    this.#incoming.mute(partitions);
    if (partitions.length > 0) this.consumer.pause(this.#named(partitions));
  }

  async resume(partition: number, offset: number): Promise<void> {
    const { input: topic } = this.#connections.to;
    await this.#incoming.forget(partition); // of before the seek
    await this.#connections.call(this.link, `seeking partition ${partition}`, (done) =>
      this.consumer.seek({ topic, partition, offset }, CALL_MS, done),
    );
    this.consumer.resume([{ topic, partition }]);
    this.#incoming.unmute(partition);
  }

  /**
   * Whether another worker has its place. librdkafka takes all partitions away then, and says why in an error, which the
   * client drops if messages come before it; but whoever subscribes is told again.
   */
  #isFenced(): boolean {
    try {
      this.join();
      return false;
    } catch (error) {
      return (error as KafkaError).code === CODE.fatal;
    }
  }

  #named(partitions: readonly number[]): TopicPartition[] {
    return partitions.map((partition) => ({ topic: this.#connections.to.input, partition }));
  }

  // ---- what is known of them --------------------------------------------------------------------------------------

  /** In one call for all: one that waits takes one of the few threads that there are for calls. */
  async positions(partitions: readonly number[]): Promise<readonly Position[]> {
    const { input } = this.#connections.to;
    const found = await this.#connections.call<readonly Committed[]>(
      this.link,
      'reading the positions of the group',
      (done) =>
        this.consumer.committed(this.#named(partitions), CALL_MS, (error, all = []) =>
          done(error ?? unknown(all), all),
        ),
      () => this.fenced(),
    );
    const offsets = new Map(found.map(({ partition, offset = -1 }) => [partition, offset]));
    const positions: Position[] = [];
    for (const partition of partitions) {
      const { lowOffset, highOffset } = await this.#connections.ends(input, partition);
      const offset = offsets.get(partition) ?? -1;
      positions.push({ committed: offset >= 0 ? offset : null, oldest: lowOffset, end: highOffset });
    }
    return positions;
  }

  lag(partition: number, offset: number): number | null {
    try {
      const { highOffset } = this.consumer.getWatermarkOffsets(this.#connections.to.input, partition);
      return highOffset < 0 ? null : Math.max(0, highOffset - offset);
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
    this.pause([...this.#own]); // what is said comes behind messages that are here already
    return this.#incoming.drop(FENCED_MS);
  }
}

/** What is known of the position of a partition; or an error, which the client gives in its place. */
interface Committed {
  readonly partition: number;
  readonly offset?: number;
}

/** What has kept a position from being known, which is not the same as that there is none. */
function unknown(all: readonly (Committed | Error)[]): KafkaError | null {
  const error = all.find((one) => one instanceof Error);
  return error === undefined ? null : { message: error.message, code: CODE.unstableOffset };
}
