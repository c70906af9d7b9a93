import { SmoothingError } from '../../../errors.js';
import { Setback, type Outgoing, type Refusal } from '../port.js';
import type { Start } from './called.js';
import type { KafkaError, KafkaProducer } from './client.js';
import { CALL_MS, type Connections } from './connections.js';
import { CODE } from './errors.js';
import type { Link } from './link.js';
import type { Membership } from './membership.js';
import type { Refusals, Refused } from './refusals.js';

/** ms after which the broker throws away the transaction of a worker that stands still, unless `config` says otherwise. */
export const TRANSACTION_MS = 15_000;
/** ms between two looks at what brokers have refused. */
const POLL_MS = 100;
/** ms for an abort as a worker leaves. */
const LEAVE_MS = 1000;
/** What a broker says of a message: the client passes on the words, without the code. */
const TOO_LARGE = /size too large/i;
const INVALID = /failed to validate record/i;
const STAMP = /invalid timestamp/i;
/** No bytes, but somewhere: the client takes an empty buffer that is nowhere for null. */
const EMPTY = Buffer.alloc(1).subarray(0, 0);

/** What a worker writes: in transactions, one after the other. */
export class Transactions {
  readonly link: Link<KafkaProducer>;
  readonly #connections: Connections;
  readonly #membership: Membership;
  readonly #refusals: Refusals;
  readonly #batchBytes: number;
  /** True if there is something in the open one. */
  #written = false;

  constructor(connections: Connections, membership: Membership) {
    const { group, slot, refusals } = connections.to;
    this.#refusals = refusals;
    this.#batchBytes = refusals.batchBytes;
    this.#connections = connections;
    this.#membership = membership;
    this.link = connections.producer({
      'transaction.timeout.ms': TRANSACTION_MS,
      'queue.buffering.max.messages': 2_000_000,
      'batch.num.messages': 100_000,
      'linger.ms': 5,
      ...connections.to.config,
      'transactional.id': `${group}-${slot}`,
      'batch.size': this.#batchBytes,
      'delivery.report.only.error': true,
    });
    connections.listen(this.#producer);
    this.#producer.on('delivery-report', (error: KafkaError | null, refused: Refused) => {
      if (error !== null && TOO_LARGE.test(error.message)) this.#tooLarge(refused);
      else if (error !== null && INVALID.test(error.message)) refusals.learnKeyless(refused);
      else if (error !== null && STAMP.test(error.message)) connections.health.fail(stampRefused(refused));
    });
  }

  get #producer(): KafkaProducer {
    return this.link.client;
  }

  /** Of a batch that is refused for its size no broker says which message was too large: smaller ones tell. */
  #tooLarge(refused: Refused): void {
    if (this.#refusals.learnSize(refused, this.#batchBytes)) return;
    const { topic } = refused;
    const must = `what is written to '${topic}' at once must be no more than it takes, got a batch that is refused`;
    const smaller = `batches of ${this.#refusals.batchBytes} bytes come next ('batch.size' in config says how large they are at first)`;
    this.#connections.health.fail(new Setback('session', `${must}: ${smaller}`));
  }

  /** Opens the first one: those of others in the slot are thrown away. */
  async start(): Promise<void> {
    this.#producer.setPollInterval(POLL_MS);
    await this.#call('initTransactions', (done) => this.#producer.initTransactions(CALL_MS, done));
    await this.#begin();
  }

  produce(message: Outgoing): Refusal | null {
    const refusal = this.#refusals.of(message);
    if (refusal !== null) return refusal;
    const { topic, partition, key, value, timestamp, headers } = message;
    this.#written = true;
    try {
      this.#producer.produce(
        topic,
        partition,
        value?.length === 0 ? EMPTY : (value as Buffer | null),
        key?.length === 0 ? EMPTY : key,
        timestamp ?? null,
        undefined, // the client keeps what is given here until a report comes, and reports of successes don't
        headers as { [name: string]: string | Buffer }[] | undefined,
      );
      return null;
    } catch (error) {
      const { code } = error as KafkaError;
      if (code === CODE.tooLarge) return 'too large';
      if (code === CODE.erroneousState || code === CODE.fatal) {
        this.#connections.health.check();
        return null; // the transaction has failed already: `commit` is told why
      }
      throw this.#connections.health.meaning(`writing to '${topic}'`, error as KafkaError);
    }
  }

  async commit(positions: ReadonlyMap<number, number>): Promise<void> {
    const topic = this.#connections.to.input;
    const offsets = [...positions].map(([partition, offset]) => ({ topic, partition, offset }));
    await this.#end('sendOffsetsToTransaction', (done) =>
      this.#producer.sendOffsetsToTransaction(offsets, this.#membership.consumer as never, CALL_MS, done),
    );
    await this.#end('commitTransaction', (done) => this.#producer.commitTransaction(CALL_MS, done));
    await this.#begin();
  }

  async abort(): Promise<void> {
    await this.#end('abortTransaction', (done) => this.#producer.abortTransaction(CALL_MS, done));
    await this.#begin();
  }

  /** Throws away what is open, so that no reader waits for it until it is too old. Not if the broker is away. */
  async leave(): Promise<void> {
    if (!this.#written) return;
    await this.link.call((done) => this.#producer.abortTransaction(LEAVE_MS, done)).catch(() => {});
  }

  #begin(): Promise<unknown> {
    this.#written = false;
    return this.#call('beginTransaction', (done) => this.#producer.beginTransaction(done));
  }

  /**
   * Whatever came of a transaction that has lasted for too long, the next session waits for it: `initTransactions` ends it, and
   * comes about only then.
   */
  #end(doing: string, start: Start<unknown>): Promise<unknown> {
    const { 'transaction.timeout.ms': ms = TRANSACTION_MS } = this.#connections.to.config;
    return this.#call(doing, start, Math.max(Number(ms), 3 * CALL_MS));
  }

  #call(doing: string, start: Start<unknown>, mostMs?: number): Promise<unknown> {
    return this.#connections.call(this.link, doing, start, () => this.#membership.fenced(), mostMs);
  }
}

const stampRefused = ({ topic }: Refused): SmoothingError =>
  new SmoothingError(
    'TOPIC_SETTINGS',
    `'${topic}' must take messages of any timestamp that the input has, got one that is beyond its message.timestamp.before.max.ms ` +
      'or message.timestamp.after.max.ms',
  );
