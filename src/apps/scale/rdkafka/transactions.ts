import { Setback, type Outgoing } from '../port.js';
import type { Start } from './called.js';
import type { KafkaError, KafkaProducer } from './client.js';
import { CALL_MS, type Connections } from './connections.js';
import { CODE } from './errors.js';
import type { Link } from './link.js';
import type { Membership } from './membership.js';
import { likeness, type Sizes } from './sizes.js';

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
  readonly #sizes: Sizes;

  constructor(connections: Connections, membership: Membership) {
    const { group, slot, sizes } = connections.to;
    this.#sizes = sizes;
    this.#connections = connections;
    this.#membership = membership;
    this.link = connections.producer({
      'transaction.timeout.ms': connections.to.config['transaction.timeout.ms'] ?? TRANSACTION_MS,
      'transactional.id': `${group}-${slot}`,
      'queue.buffering.max.messages': 2_000_000,
      'batch.num.messages': sizes.alone ? 1 : 100_000,
      'linger.ms': 5,
      'delivery.report.only.error': true,
    });
    connections.listen(this.#producer);
    this.#producer.on('delivery-report', (error: KafkaError | null, refused: Delivered) => {
      if (error !== null && TOO_LARGE.test(error.message)) this.#refused(refused);
    });
  }

  get #producer(): KafkaProducer {
    return this.link.client;
  }

  #refused({ topic, partition, key, size }: Delivered): void {
    if (this.#sizes.alone) {
      this.#sizes.refused.add(likeness(topic, partition, key, size));
      return;
    }
    this.#sizes.alone = true;
    const why = `what is written at once must be small enough for '${topic}', so that each message goes alone from now on`;
    this.#connections.health.fail(
      new Setback('session', `${why}: 'message.max.bytes' in config, as the topic has it, keeps them together`),
    );
  }

  /** Opens the first one: those of others in the slot are thrown away. */
  async start(): Promise<void> {
    this.#producer.setPollInterval(POLL_MS);
    await this.#call('initTransactions', (done) => this.#producer.initTransactions(CALL_MS, done));
    await this.#begin();
  }

  produce({ topic, partition, key, value, timestamp, headers }: Outgoing): boolean {
    const { refused } = this.#sizes;
    if (refused.size > 0 && refused.has(likeness(topic, partition, key, value?.length ?? 0))) return false;
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
      const { code } = error as KafkaError;
      if (code === CODE.tooLarge) return false;
      if (code === CODE.fatal) return true; // its commit will have the time to find out why
      if (code === CODE.erroneousState) {
        this.#connections.health.check();
        throw new Setback('transaction', `writing to '${topic}': the transaction has failed`);
      }
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
