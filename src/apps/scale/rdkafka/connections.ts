import type { SmoothingError } from '../../../errors.js';
import { failure, said } from '../../../failure.js';
import { called, insist, type Start } from './called.js';
import type { KafkaConsumer, KafkaError, KafkaProducer } from './client.js';
import type { ClusterSettings } from './clusterSettings.js';
import { CODE } from './errors.js';
import { Health } from './health.js';

/** ms for one call. */
export const CALL_MS = 5000;
/** ms for what is still to be written when a connection ends, all of it outside transactions, and for its end. */
const FLUSH_MS = 200;
const GOODBYE_MS = 3000;
/** Codes of a connection that did not come about for want of a client: of consumers, of producers. */
const UNMADE: ReadonlySet<number> = new Set([-1, CODE.erroneousState]);

type Connection = KafkaConsumer | KafkaProducer;
type Config = Readonly<Record<string, unknown>>;

/** A worker's connections, from their beginnings to their ends. */
export class Connections {
  readonly to: ClusterSettings;
  readonly health: Health;
  /** Settings of them all. */
  readonly config: Config;
  /** Sees topics as they are, open transactions among them. */
  readonly observer: KafkaConsumer;
  readonly #open: Connection[] = [];
  readonly #leaving: Promise<unknown>[] = [];

  constructor(to: ClusterSettings) {
    this.to = to;
    this.config = { ...to.config, 'bootstrap.servers': to.brokers, 'client.id': `rx-ema-${to.slot}` };
    const isThere = (): Promise<unknown> =>
      called((done) => this.observer.getMetadata({ topic: to.input, timeout: 1000 }, done));
    this.health = new Health(to, isThere);
    this.observer = this.consumer({ 'isolation.level': 'read_uncommitted' });
  }

  /** A consumer that is still to be opened. It has the name of the group, the one that it must be allowed to use. */
  consumer(config: Config, topicConfig: Config = {}): KafkaConsumer {
    const all = { ...this.config, 'group.id': this.to.group, 'enable.auto.commit': false, ...config };
    return this.listen(made(() => new this.to.client.KafkaConsumer(all as never, topicConfig as never)));
  }

  /** A producer that is still to be opened. */
  producer(config: Config): KafkaProducer {
    const all = { ...this.config, dr_cb: true, ...config };
    return made(() => new this.to.client.Producer(all as never, { partitioner: 'murmur2_random' } as never));
  }

  /** What is heard on a connection concerns them all. */
  listen<C extends Connection>(connection: C): C {
    connection.on('event.error', (error: KafkaError) => this.health.hear(error));
    return connection;
  }

  /** Connects. */
  async open(connection: Connection): Promise<void> {
    this.#open.push(connection);
    try {
      await called((done) => connection.connect({ timeout: CALL_MS }, done));
    } catch (error) {
      throw UNMADE.has((error as KafkaError).code) ? unfit(error) : this.health.unreachable(error as KafkaError);
    }
  }

  /** A connection is no longer needed: nobody waits for its end but `close`. */
  leave(connection: Connection): void {
    this.#open.splice(this.#open.indexOf(connection), 1);
    this.#leaving.push(disconnected(connection));
  }

  /** Ends them all. */
  async close(): Promise<void> {
    while (this.#open.length > 0) this.leave(this.#open[0]!);
    await Promise.all(this.#leaving);
  }

  /**
   * Calls until it works, or until it makes no sense.
   *
   * @param whenFatal - is waited for before it is said what is wrong
   */
  async call<R>(doing: string, start: Start<R>, whenFatal?: () => Promise<void>): Promise<R> {
    try {
      return await insist(
        () => called(start),
        () => this.health.isPatient,
      );
    } catch (error) {
      if ((error as KafkaError).isFatal === true) await whenFatal?.();
      throw this.health.meaning(doing, error as KafkaError);
    }
  }

  /** The ends of a partition: of what is there, and behind the newest message of any transaction. */
  ends(topic: string, partition: number): Promise<{ lowOffset: number; highOffset: number }> {
    return this.call(`asking for the end of '${topic}'`, (done) =>
      this.observer.queryWatermarkOffsets(topic, partition, CALL_MS, done),
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

/** Ends a connection; of one that never came about the client may not say that it has ended. */
function disconnected(connection: Connection): Promise<unknown> {
  const ended =
    'produce' in connection
      ? called((done) => connection.disconnect(FLUSH_MS, done))
      : called((done) => connection.disconnect(done));
  const late = new Promise((resolve) => setTimeout(resolve, GOODBYE_MS).unref());
  return Promise.race([ended.catch(() => {}), late]);
}
