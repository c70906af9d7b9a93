import type { Outgoing } from '../port.js';
import type { Start } from './called.js';
import type { KafkaError, KafkaProducer } from './client.js';
import { CALL_MS, type Connections } from './connections.js';
import { CODE } from './errors.js';
import type { Link } from './link.js';
import type { Membership } from './membership.js';

/** ms after which the broker throws away the transaction of a worker that stands still. */
const TRANSACTION_MS = 15_000;
/** ms between two looks at what brokers have refused. */
const POLL_MS = 100;
/** What a broker says of a message: the client passes on the words, without the code. */
const TOO_LARGE = /size too large/i;

/** What is said of a message that was refused. */
interface Delivered {
  readonly topic: string;
  readonly partition: number;
  readonly key: Buffer | null;
  readonly size: number;
}

/** What a worker writes: in transactions, one after the other. */
export class Transactions {
  readonly link: Link<KafkaProducer>;
  readonly #connections: Connections;
  readonly #membership: Membership;
  readonly #tooLarge = new Set<string>();

  constructor(connections: Connections, membership: Membership) {
    const { group, slot } = connections.to;
    this.#connections = connections;
    this.#membership = membership;
    this.link = connections.producer({
      'transaction.timeout.ms': connections.to.config['transaction.timeout.ms'] ?? TRANSACTION_MS,
      'transactional.id': `${group}-${slot}`,
      'queue.buffering.max.messages': 2_000_000,
      'batch.num.messages': 100_000,
      'linger.ms': 5,
      'delivery.report.only.error': true,
    });
    connections.listen(this.#producer);
    this.#producer.on('delivery-report', (error: KafkaError | null, { topic, partition, key, size }: Delivered) => {
      if (error !== null && TOO_LARGE.test(error.message)) this.#tooLarge.add(likeness(topic, partition, key, size));
    });
  }

  get #producer(): KafkaProducer {
    return this.link.client;
  }

  /** Opens the first one: those of others in the slot are thrown away. */
  async start(): Promise<void> {
    this.#producer.setPollInterval(POLL_MS);
    await this.#call('initTransactions', (done) => this.#producer.initTransactions(CALL_MS, done));
    await this.#begin();
  }

  produce({ topic, partition, key, value, timestamp, headers }: Outgoing): boolean {
    if (this.#tooLarge.size > 0 && this.#tooLarge.has(likeness(topic, partition, key, value?.length ?? 0)))
      return false;
    try {
      this.#producer.produce(
        topic,
        partition,
        value as Buffer | null,
        key,
        timestamp ?? null,
        undefined, // the client keeps what is given here until a report comes, and reports of successes don't
        headers as { [name: string]: string | Buffer }[] | undefined,
      );
      return true;
    } catch (error) {
      if ((error as KafkaError).code === CODE.tooLarge) return false;
      throw this.#connections.health.meaning(`writing to '${topic}'`, error as KafkaError);
    }
  }

  async commit(positions: ReadonlyMap<number, number>): Promise<void> {
    const topic = this.#connections.to.input;
    const offsets = [...positions].map(([partition, offset]) => ({ topic, partition, offset }));
    await this.#call('sendOffsetsToTransaction', (done) =>
      this.#producer.sendOffsetsToTransaction(offsets, this.#membership.consumer as never, CALL_MS, done),
    );
    await this.#call('commitTransaction', (done) => this.#producer.commitTransaction(CALL_MS, done));
    await this.#begin();
  }

  async abort(): Promise<void> {
    await this.#call('abortTransaction', (done) => this.#producer.abortTransaction(CALL_MS, done));
    await this.#begin();
  }

  #begin(): Promise<unknown> {
    return this.#call('beginTransaction', (done) => this.#producer.beginTransaction(done));
  }

  #call(doing: string, start: Start<unknown>): Promise<unknown> {
    return this.#connections.call(this.link, doing, start, () => this.#membership.fenced());
  }
}

/** By this a message is known that a broker has refused for its size: another one like it would be refused too. */
function likeness(topic: string, partition: number | null, key: Buffer | null, size: number): string {
  return `${topic} ${partition} ${size} ${key?.toString('latin1')}`;
}
