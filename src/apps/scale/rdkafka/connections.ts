import type { SmoothingError } from '../../../errors.js';
import { failure, said } from '../../../failure.js';
import { insist, type Start } from './called.js';
import type { KafkaConsumer, KafkaError, KafkaProducer } from './client.js';
import type { ClusterSettings } from './clusterSettings.js';
import { CODE } from './errors.js';
import { Health } from './health.js';
import { Link } from './link.js';
import { Standstill } from './standstill.js';

/** ms for one call. */
export const CALL_MS = 5000;
/** ms for the ends of connections. */
const GOODBYE_MS = 2000;
/** Codes of a connection that did not come about for want of a client: of consumers, of producers. */
const UNMADE: ReadonlySet<number> = new Set([-1, CODE.erroneousState]);

type Config = Readonly<Record<string, unknown>>;

/** A worker's connections, from their beginnings to their ends. */
export class Connections {
  readonly to: ClusterSettings;
  readonly health: Health;
  /** Settings of them all. */
  readonly config: Config;
  /** Sees topics as they are, open transactions among them. */
  readonly observer: Link<KafkaConsumer>;
  readonly #open = new Set<Link>();
  readonly #leaving = new Set<Promise<void>>();

  constructor(to: ClusterSettings) {
    this.to = to;
    this.config = { 'client.id': `rx-ema-${to.slot}`, ...to.config, 'bootstrap.servers': to.brokers };
    const isThere = (): Promise<unknown> =>
      this.observer.call((done) => this.observer.client.getMetadata({ topic: to.input, timeout: 1000 }, done));
    this.health = new Health(to, isThere);
    this.observer = this.consumer({ 'isolation.level': 'read_uncommitted' });
  }

  /** A consumer that is still to be opened. It has the name of the group, the one that it must be allowed to use. */
  consumer(config: Config, topicConfig: Config = {}): Link<KafkaConsumer> {
    const all = { ...this.config, 'group.id': this.to.group, 'enable.auto.commit': false, ...config };
    const consumer = made(() => new this.to.client.KafkaConsumer(all as never, topicConfig as never));
    this.listen(consumer);
    return new Link(consumer);
  }

  /** A producer that is still to be opened. */
  producer(config: Config): Link<KafkaProducer> {
    const all = { ...this.config, dr_cb: true, ...config };
    return new Link(made(() => new this.to.client.Producer(all as never, { partitioner: 'murmur2_random' } as never)));
  }

  /** What is heard on a connection concerns them all. */
  listen(client: KafkaConsumer | KafkaProducer): void {
    client.on('event.error', (error: KafkaError) => this.health.hear(error));
  }

  /** Connects. */
  async open(link: Link): Promise<void> {
    this.#open.add(link);
    try {
      await link.call((done) => link.client.connect({ timeout: CALL_MS }, done));
      this.to.refusals.wasLetIn = true;
    } catch (error) {
      throw UNMADE.has((error as KafkaError).code) ? unfit(error) : this.health.unreachable(error as KafkaError);
    }
  }

  /** A connection is no longer needed: nobody waits for its end but `close`. */
  leave(link: Link): void {
    this.#open.delete(link);
    const left = link
      .end()
      .catch(() => {}) // it never came about
      .finally(() => this.#leaving.delete(left));
    this.#leaving.add(left);
  }

  /** Ends them all, in the time that there is. What takes longer ends by itself. */
  async close(): Promise<void> {
    for (const link of this.#open) this.leave(link);
    await withinMs(Promise.all(this.#leaving), GOODBYE_MS);
  }

  /**
   * Calls until it works, or until it makes no sense.
   *
   * @param whenFatal - is waited for before it is said what is wrong
   * @param mostMs - after so long a call that could be tried again has failed, if brokers answer. @default never
   */
  async call<R>(
    link: Link,
    doing: string,
    start: Start<R>,
    whenFatal?: () => Promise<void>,
    mostMs: number = Infinity,
  ): Promise<R> {
    const standstill = this.standstill(doing);
    try {
      return await insist(
        () => link.call(start),
        ({ message }: KafkaError) => this.health.isPatient && standstill.lastsMs(message) < mostMs,
      );
    } catch (error) {
      if ((error as KafkaError).isFatal === true) await whenFatal?.();
      throw this.health.meaning(doing, error as KafkaError);
    } finally {
      standstill.end();
    }
  }

  /** What may get no further though brokers answer: is told of after a while. */
  standstill(doing: string): Standstill {
    return new Standstill(this.health, doing);
  }

  /** The ends of a partition: of what is there, and behind the newest message of any transaction. */
  ends(topic: string, partition: number): Promise<{ lowOffset: number; highOffset: number }> {
    return this.call(this.observer, `asking for the end of '${topic}'`, (done) =>
      this.observer.client.queryWatermarkOffsets(topic, partition, CALL_MS, done),
    );
  }
}

/** Settings are looked at when a client is made; those that don't go together, when it is about to connect. */
function made<C>(make: () => C): C {
  try {
    return make();
  } catch (error) {
    throw unfit(error);
  }
}

const unfit = (error: unknown): SmoothingError =>
  failure(
    'OPTION_VALUE',
    `config must be settings that the client takes, got one that it does not: ${said(error)}`,
    error,
  );

/** Waits, but no longer than that. */
function withinMs(work: Promise<unknown>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(resolve, ms);
    void work.finally(() => {
      clearTimeout(late);
      resolve();
    });
  });
}
