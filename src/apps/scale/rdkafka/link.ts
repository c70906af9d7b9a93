import { called, type Start } from './called.js';
import type { KafkaConsumer, KafkaError, KafkaProducer } from './client.js';
import { CODE } from './errors.js';

/** ms for what is still to be written when a connection ends: nothing that matters, as all of it is in a transaction. */
const FLUSH_MS = 200;

/** One connection. It ends only when no call is under way: the client frees the memory that such a call stands on. */
export class Link<C extends KafkaConsumer | KafkaProducer = KafkaConsumer | KafkaProducer> {
  readonly client: C;
  readonly #calls = new Set<Promise<void>>();
  #isEnding = false;

  constructor(client: C) {
    this.client = client;
  }

  /** What a call of the client with a callback comes to. */
  call<R>(start: Start<R>): Promise<R> {
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- as librdkafka's own are
    if (this.#isEnding) return Promise.reject(ENDED);
    const result = called(start);
    const over = result.then(
      () => void this.#calls.delete(over),
      () => void this.#calls.delete(over),
    );
    this.#calls.add(over);
    return result;
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    await Promise.all(this.#calls);
    const { client } = this;
    await called((done) => ('produce' in client ? client.disconnect(FLUSH_MS, done) : client.disconnect(done)));
  }
}

const ENDED: KafkaError = { message: 'the connection is ending', code: CODE.erroneousState };
