import { said } from '../../../failure.js';
import { Setback, type News, type Position } from '../port.js';
import type { KafkaConsumer, KafkaError, TopicPartition } from './client.js';
import { CALL_MS, type Connections } from './connections.js';
import { CODE } from './errors.js';
import { Incoming } from './incoming.js';
import type { Link } from './link.js';

/** A worker as a member of its group: which partitions it has, and what comes of them. */
export class Membership {
  readonly link: Link<KafkaConsumer>;
  readonly #connections: Connections;
  readonly #incoming: Incoming;
  readonly #news: News[] = [];
  /** True from when partitions are taken away until the group has said again what is the worker's. */
  #isAdrift = false;

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
    this.#incoming = new Incoming(this.link, connections.health, () => this.#isAdrift);
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
    this.#isAdrift = error?.code === CODE.revoked;
    try {
      if (error?.code === CODE.assigned) {
        if (!health.isOver) this.#adopt(list);
        else this.consumer.assign([]);
      } else if (error?.code === CODE.revoked) {
        if (health.isOver) this.release(partitions);
        else this.#news.push({ kind: 'revoked', partitions });
      }
    } catch (thrown) {
      health.fail(new Setback('session', said(thrown)));
    }
  }

  #adopt(list: TopicPartition[]): void {
    const partitions = list.map(({ partition }) => partition);
    this.#incoming.mute(partitions);
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

  /** Waits for what the group may have to say of a producer that has been fenced. */
  fenced(): Promise<void> {
    return this.#incoming.fenced();
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
