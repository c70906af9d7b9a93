import type { SmoothingError } from '../../../errors.js';
import type { News, Outgoing, Port, Position, Refusal, Restoring, Setback } from '../port.js';
import { checkTopics } from './checkTopics.js';
import type { ClusterSettings } from './clusterSettings.js';
import { Connections } from './connections.js';
import { Membership } from './membership.js';
import { probeCompaction } from './probe.js';
import { restoreAll } from './restorer.js';
import { Transactions } from './transactions.js';

/** Kafka by way of librdkafka. */
export class RdkafkaPort implements Port {
  readonly #connections: Connections;
  readonly #membership: Membership;
  readonly #transactions: Transactions;
  /** Whether the changelog is what it must be. */
  #probing: Promise<void> = Promise.resolve();

  constructor(to: ClusterSettings) {
    this.#connections = new Connections(to);
    this.#membership = new Membership(this.#connections);
    this.#transactions = new Transactions(this.#connections, this.#membership);
  }

  async open(stop: AbortSignal): Promise<void> {
    const { health, observer, to } = this.#connections;
    const all = [this.#membership.link, observer, this.#transactions.link];
    await Promise.all(all.map((one) => this.#connections.open(one)));
    to.trouble(null);
    if (stop.aborted) return;
    await checkTopics(this.#connections);
    if (stop.aborted) return; // before it takes the place of another one in its slot
    this.#membership.join();
    await this.#transactions.start();
    this.#probing = probeCompaction(this.#connections, () => this.#membership.fenced());
    this.#probing.catch((error: SmoothingError | Setback) => health.fail(error)); // nothing is committed then
  }

  async close(): Promise<void> {
    this.#connections.health.end();
    this.#membership.leave();
    void this.#transactions.leave(); // its connection does not end before it
    await this.#connections.close();
  }

  next(most: number, waitMs: number): Promise<News> {
    return this.#membership.next(most, waitMs);
  }

  positions(partitions: readonly number[]): Promise<readonly Position[]> {
    return this.#membership.positions(partitions);
  }

  resume(partition: number, offset: number): Promise<void> {
    return this.#membership.resume(partition, offset);
  }

  pause(partitions: readonly number[]): void {
    this.#membership.pause(partitions);
  }

  release(partitions: readonly number[]): void {
    this.#membership.release(partitions);
  }

  lag(partition: number, offset: number): number | null {
    return this.#membership.lag(partition, offset);
  }

  oldest(partition: number): number | null {
    return this.#membership.oldest(partition);
  }

  restore(partitions: readonly Restoring[], signal: AbortSignal): Promise<void> {
    return restoreAll(this.#connections, partitions, signal);
  }

  produce(message: Outgoing): Refusal | null {
    return this.#transactions.produce(message);
  }

  async commit(positions: ReadonlyMap<number, number>): Promise<void> {
    await this.#probing;
    await this.#transactions.commit(positions);
  }

  abort(): Promise<void> {
    return this.#transactions.abort();
  }
}
