import { SmoothingError } from '../../../errors.js';
import { said } from '../../../failure.js';
import { Setback, type Message, type News, type Outgoing, type Port, type Position, type Restoring } from '../port.js';
import { called, insist } from './called.js';
import type { Consumed, KafkaClient, KafkaConsumer, KafkaError, KafkaProducer, TopicPartition } from './client.js';
import { CODE, isRefusal, isSilence, meaning, slotTaken } from './errors.js';
import { restoreAll } from './restorer.js';
import { CHANGELOG_CONFIG, ensureTopic, requireTopic } from './topics.js';

/** What is told of a connection. */
export interface Connections {
  readonly client: KafkaClient;
  readonly brokers: string;
  readonly input: string;
  readonly output: string;
  readonly changelog: string;
  readonly deadLetters: string;
  readonly group: string;
  readonly slot: string;
  readonly sessionMs: number;
  readonly config: Readonly<Record<string, string | number | boolean>>;
  /** Told of what goes wrong and may pass, and with null when it has passed. */
  readonly trouble: (what: string | null) => void;
}

/** ms for one call. */
const CALL_MS = 5000;
/** ms that calls go on trying once the worker is to stop. */
const FAREWELL_MS = 3000;
const TRANSACTION_MS = 15_000;
/** ms for what is still to be written when a connection ends, all of it outside transactions, and for its end. */
const FLUSH_MS = 200;
const GOODBYE_MS = 3000;
/** What brokers say of single messages: the client passes on the words, without the code. */
const TOO_LARGE = /size too large/i;
const INVALID = /failed to validate record/i;

/** What is said of a message that was refused. */
interface Delivered {
  readonly topic: string;
  readonly partition: number;
  readonly key: Buffer | null;
  readonly size: number;
}

/** Kafka by way of librdkafka. */
export class RdkafkaPort implements Port {
  readonly #to: Connections;
  readonly #consumer: KafkaConsumer;
  readonly #producer: KafkaProducer;
  /** Sees the ends of partitions as they are, open transactions among them. */
  readonly #observer: KafkaConsumer;
  readonly #open: (KafkaConsumer | KafkaProducer)[] = [];
  readonly #news: News[] = [];
  /** Messages that are on their way. */
  #coming: Promise<readonly Consumed[]> | null = null;
  /** Whether the changelog is what it must be. */
  #probing: Promise<void> = Promise.resolve();
  readonly #leaving: Promise<unknown>[] = [];
  /** Partitions whose messages are not wanted yet, or no more. */
  readonly #muted = new Set<number>();
  readonly #tooLarge = new Set<string>();
  #failure: SmoothingError | Setback | null = null;
  #closing = false;
  #waiting = false;
  #deadline = Infinity;
  #lastError: KafkaError | null = null;

  constructor(to: Connections) {
    this.#to = to;
    const { client, brokers, group, slot, sessionMs, config } = to;
    const all = { ...config, 'bootstrap.servers': brokers, 'client.id': `rx-ema-${slot}` };
    const name = `${group}-${slot}`;
    this.#consumer = new client.KafkaConsumer(
      {
        ...all,
        'group.id': group,
        'group.instance.id': name,
        'session.timeout.ms': sessionMs,
        'heartbeat.interval.ms': Math.min(1000, Math.floor(sessionMs / 3)),
        'isolation.level': 'read_committed',
        'enable.auto.commit': false,
        'partition.assignment.strategy': 'cooperative-sticky',
        rebalance_cb: (error: KafkaError | undefined, partitions: TopicPartition[]) =>
          this.#rebalanced(error, partitions),
      } as never,
      { 'auto.offset.reset': 'earliest' } as never,
    );
    this.#observer = new client.KafkaConsumer(
      {
        ...all,
        'group.id': `${group}-ends`,
        'isolation.level': 'read_uncommitted',
        'enable.auto.commit': false,
      } as never,
      {} as never,
    );
    this.#producer = new client.Producer(
      {
        'transaction.timeout.ms': TRANSACTION_MS,
        ...all,
        'transactional.id': name,
        'queue.buffering.max.messages': 2_000_000,
        'batch.num.messages': 100_000,
        'linger.ms': 5,
        dr_cb: true,
        'delivery.report.only.error': true,
      } as never,
      { partitioner: 'murmur2_random' } as never,
    );
    for (const one of [this.#consumer, this.#observer, this.#producer]) {
      one.on('event.error', (error: KafkaError) => this.#hear(error));
    }
    this.#producer.on('delivery-report', (error: KafkaError | null, { topic, partition, key, size }: Delivered) => {
      if (error !== null && TOO_LARGE.test(error.message)) this.#tooLarge.add(likeness(topic, partition, key, size));
    });
  }

  // ---- beginning and end ------------------------------------------------------------------------------------------

  async open(stop: AbortSignal): Promise<void> {
    stop.addEventListener('abort', () => (this.#deadline = performance.now() + FAREWELL_MS), { once: true });
    await Promise.all([this.#consumer, this.#observer, this.#producer].map((one) => this.#connect(one)));
    this.#to.trouble(null);
    await this.#checkTopics();
    this.#consumer.subscribe([this.#to.input]);
    this.#producer.setPollInterval(100);
    await this.#call('initTransactions', (done) => this.#producer.initTransactions(CALL_MS, done));
    await this.#begin();
    this.#probing = this.#probe();
    this.#probing.catch(() => {}); // told before the first commit
  }

  async #connect(one: KafkaConsumer | KafkaProducer): Promise<void> {
    this.#open.push(one);
    try {
      await called((done) => one.connect({ timeout: CALL_MS }, done));
    } catch (error) {
      const last = this.#lastError ?? (error as KafkaError);
      throw meaning(`the brokers at ${this.#to.brokers} must answer`, last);
    }
  }

  async #checkTopics(): Promise<void> {
    const { client, config, brokers, input, output, changelog, deadLetters } = this.#to;
    const admin = client.AdminClient.create({ ...config, 'bootstrap.servers': brokers } as never);
    try {
      const read = await requireTopic(this.#observer, input, CALL_MS);
      const { partitions, replicas } = read;
      const written = await requireTopic(this.#observer, output, CALL_MS);
      if (written.partitions < partitions) {
        throw settings(
          `'${output}' must have at least the ${partitions} partitions of '${input}', got`,
          written.partitions,
        );
      }
      const ensure = (name: string, config: Readonly<Record<string, string>>) =>
        ensureTopic(this.#observer, admin, { name, partitions, replicas, config }, CALL_MS);
      const kept = await ensure(changelog, CHANGELOG_CONFIG);
      if (kept.partitions !== partitions) {
        throw settings(`'${changelog}' must have the ${partitions} partitions of '${input}', got`, kept.partitions);
      }
      const dead = await ensure(deadLetters, {});
      if (dead.partitions < partitions) {
        throw settings(
          `'${deadLetters}' must have at least the ${partitions} partitions of '${input}', got`,
          dead.partitions,
        );
      }
    } catch (error) {
      throw error instanceof SmoothingError ? error : meaning('looking at the topics', error as KafkaError);
    } finally {
      admin.disconnect();
    }
  }

  /**
   * A compacted topic refuses what has no key, which tells it from one that would throw states away. By a producer of its
   * own, as a refusal costs the transaction, and what is not refused is to be seen by nobody.
   */
  async #probe(): Promise<void> {
    const { client, config, brokers, changelog, group, slot } = this.#to;
    const name = `${group}-${slot}-probe`;
    const producer = new client.Producer(
      { ...config, 'bootstrap.servers': brokers, 'transactional.id': name, dr_cb: true } as never,
      {} as never,
    );
    await this.#connect(producer);
    producer.setPollInterval(20);
    const answer = new Promise<string | null>((resolve) => {
      producer.on('delivery-report', (error: KafkaError | null) => resolve(error?.message ?? null));
    });
    await this.#call('initTransactions', (done) => producer.initTransactions(CALL_MS, done));
    await this.#call('beginTransaction', (done) => producer.beginTransaction(done));
    producer.produce(changelog, 0, Buffer.from('is it compacted?'), null, null, undefined);
    const refusal = await answer;
    await this.#call('abortTransaction', (done) => producer.abortTransaction(CALL_MS, done));
    this.#leave(producer);
    if (refusal === null) throw settings(`'${changelog}' must have cleanup.policy=compact, got`, 'another one');
    if (!INVALID.test(refusal)) throw new Setback('session', `looking at '${changelog}': ${refusal}`);
  }

  /** A connection is no longer needed: nobody waits for its end but `close`. */
  #leave(connection: KafkaConsumer | KafkaProducer): void {
    this.#open.splice(this.#open.indexOf(connection), 1);
    this.#leaving.push(disconnected(connection));
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.#coming?.catch(() => {});
    while (this.#open.length > 0) this.#leave(this.#open[0]!);
    await Promise.all(this.#leaving);
  }

  // ---- the group --------------------------------------------------------------------------------------------------

  /** Called by librdkafka, in whose frames nothing may be thrown. */
  #rebalanced(error: KafkaError | undefined, list: TopicPartition[]): void {
    const partitions = list.map(({ partition }) => partition);
    try {
      if (error?.code === CODE.assigned) {
        if (!this.#closing) this.#adopt(list);
        else this.#consumer.assign([]);
      } else if (error?.code === CODE.revoked) {
        if (this.#closing) this.release(partitions);
        else this.#news.push({ kind: 'revoked', partitions });
      }
    } catch (thrown) {
      this.#failure ??= new Setback('session', said(thrown));
    }
  }

  #adopt(list: TopicPartition[]): void {
    for (const { partition } of list) this.#muted.add(partition);
    if (this.#cooperates) this.#consumer.incrementalAssign(list);
    else this.#consumer.assign(list);
    if (list.length > 0) this.#consumer.pause(list);
    this.#news.push({ kind: 'assigned', partitions: list.map(({ partition }) => partition) });
  }

  get #cooperates(): boolean {
    return this.#consumer.rebalanceProtocol() === 'COOPERATIVE';
  }

  release(partitions: readonly number[]): void {
    for (const partition of partitions) this.#muted.add(partition);
    if (this.#cooperates) this.#consumer.incrementalUnassign(this.#named(partitions));
    else this.#consumer.unassign();
  }

  pause(partitions: readonly number[]): void {
    for (const partition of partitions) this.#muted.add(partition);
    if (partitions.length > 0) this.#consumer.pause(this.#named(partitions));
  }

  async resume(partition: number, offset: number): Promise<void> {
    const { input: topic } = this.#to;
    const old = this.#coming; // of before the seek
    if (old !== null) {
      const kept = (await old).filter((message) => message.partition !== partition);
      this.#coming = Promise.resolve(kept);
    }
    await insist(
      () => called((done) => this.#consumer.seek({ topic, partition, offset }, CALL_MS, done)),
      () => this.#isPatient,
    ).catch((error: unknown) => {
      throw meaning(`seeking partition ${partition}`, error as KafkaError);
    });
    this.#consumer.resume([{ topic, partition }]);
    this.#muted.delete(partition);
  }

  async position(partition: number): Promise<Position> {
    const { input: topic } = this.#to;
    const [found] = await this.#call<{ partition: number; offset?: number }[]>(
      'reading the position of the group',
      (done) => this.#consumer.committed([{ topic, partition }], CALL_MS, done),
    );
    const { lowOffset } = await this.#ends(topic, partition);
    const { offset = -1 } = found ?? {};
    return { committed: offset >= 0 ? offset : null, oldest: lowOffset };
  }

  #ends(topic: string, partition: number): Promise<{ lowOffset: number; highOffset: number }> {
    return this.#call(`asking for the end of '${topic}'`, (done) =>
      this.#observer.queryWatermarkOffsets(topic, partition, CALL_MS, done),
    );
  }

  lag(partition: number, offset: number): number | null {
    try {
      const { highOffset } = this.#consumer.getWatermarkOffsets(this.#to.input, partition);
      return highOffset < 0 ? null : Math.max(0, highOffset - offset);
    } catch {
      return null; // nothing has been fetched yet
    }
  }

  // ---- messages ---------------------------------------------------------------------------------------------------

  async next(most: number, waitMs: number): Promise<News> {
    this.#check();
    const first = this.#news.shift();
    if (first !== undefined) return first;
    let messages = await (this.#coming ?? this.#consume(most, 0));
    this.#coming = null;
    if (messages.length === 0) messages = await this.#consume(1, waitMs);
    else this.#coming = this.#consume(most, 0);
    this.#check();
    const wanted = this.#muted.size === 0 ? messages : messages.filter(({ partition }) => !this.#muted.has(partition));
    return { kind: 'messages', messages: wanted as readonly Message[] };
  }

  async #consume(most: number, waitMs: number): Promise<readonly Consumed[]> {
    this.#consumer.setDefaultConsumeTimeout(waitMs);
    try {
      return await called<Consumed[]>((done) => this.#consumer.consume(most, done));
    } catch (error) {
      // of what is fatal to a static member there is but one thing: another has its place; the words don't say so
      if ((error as KafkaError).code === CODE.fatal) this.#failure ??= slotTaken();
      else this.#hear(error as KafkaError);
      return [];
    }
  }

  async restore(partitions: readonly Restoring[], signal: AbortSignal): Promise<void> {
    const { client, config, brokers, group, changelog } = this.#to;
    const ends = await Promise.all(partitions.map(({ partition }) => this.#ends(changelog, partition)));
    const consumer = new client.KafkaConsumer(
      {
        ...config,
        'bootstrap.servers': brokers,
        'group.id': `${group}-restore`,
        'isolation.level': 'read_committed',
        'enable.auto.commit': false,
        'enable.partition.eof': true,
      } as never,
      { 'auto.offset.reset': 'earliest' } as never,
    );
    consumer.on('event.error', (error: KafkaError) => this.#hear(error));
    this.#open.push(consumer);
    try {
      await called((done) => consumer.connect({ timeout: CALL_MS }, done)).catch((error: unknown) => {
        throw meaning('reading the changelog', error as KafkaError);
      });
      const all = partitions.map((one, i) => ({ ...one, low: ends[i]!.lowOffset, high: ends[i]!.highOffset }));
      await restoreAll(consumer, changelog, all, signal);
    } finally {
      this.#leave(consumer);
    }
  }

  // ---- transactions -----------------------------------------------------------------------------------------------

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
      throw this.#meaning(`writing to '${topic}'`, error as KafkaError);
    }
  }

  async commit(positions: ReadonlyMap<number, number>): Promise<void> {
    const { input: topic } = this.#to;
    await this.#probing;
    const offsets = [...positions].map(([partition, offset]) => ({ topic, partition, offset }));
    await this.#call('sendOffsetsToTransaction', (done) =>
      this.#producer.sendOffsetsToTransaction(offsets, this.#consumer as never, CALL_MS, done),
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

  // ---- what goes wrong --------------------------------------------------------------------------------------------

  /** Calls until it works, or until it makes no sense. */
  async #call<R>(
    doing: string,
    start: (done: (error: KafkaError | null | undefined, result: R) => void) => void,
  ): Promise<R> {
    try {
      return await insist(
        () => called(start),
        () => this.#isPatient,
      );
    } catch (error) {
      if ((error as KafkaError).isFatal === true) await this.#fenced();
      throw this.#meaning(doing, error as KafkaError);
    }
  }

  get #isPatient(): boolean {
    return this.#failure === null && performance.now() < this.#deadline;
  }

  /** If a producer is fenced, a second worker in the slot may be why: then the group says so within a heartbeat or two. */
  async #fenced(): Promise<void> {
    for (let tries = 0; tries < 25 && this.#failure === null && !this.#closing; tries++) {
      await (this.#coming ?? this.#consume(1, 100));
    }
  }

  #meaning(doing: string, error: KafkaError): SmoothingError | Setback {
    return this.#failure ?? meaning(doing, error);
  }

  #check(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  #hear(error: KafkaError): void {
    if (this.#lastError === null || !isRefusal(this.#lastError)) this.#lastError = error; // why all connections are down
    if (error.code === CODE.fencedInstance) this.#failure ??= slotTaken();
    else if (error.isFatal === true || error.code === CODE.fatal) {
      this.#failure ??=
        /fenced/i.test(error.message) && /instance/i.test(error.message)
          ? slotTaken()
          : new Setback('session', error.message);
    } else if (isSilence(error)) void this.#await(error.message);
  }

  /** Brokers are away: says so until one answers. */
  async #await(why: string): Promise<void> {
    if (this.#waiting) return;
    this.#waiting = true;
    this.#to.trouble(`the brokers at ${this.#to.brokers} must answer: ${why}`);
    const asked = (): Promise<unknown> =>
      called((done) => this.#observer.getMetadata({ topic: this.#to.input, timeout: 1000 }, done));
    while (
      !this.#closing &&
      !(await asked().then(
        () => true,
        () => false,
      ))
    ) {
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    this.#waiting = false;
    this.#to.trouble(null);
  }

  #named(partitions: readonly number[]): TopicPartition[] {
    return partitions.map((partition) => ({ topic: this.#to.input, partition }));
  }
}

/** Ends a connection; of one that never came about the client may not say that it has ended. */
function disconnected(connection: KafkaConsumer | KafkaProducer): Promise<unknown> {
  const ended =
    'produce' in connection
      ? called((done) => connection.disconnect(FLUSH_MS, done))
      : called((done) => connection.disconnect(done));
  const late = new Promise((resolve) => setTimeout(resolve, GOODBYE_MS).unref());
  return Promise.race([ended.catch(() => {}), late]);
}

/** By this a message is known that a broker has refused for its size: another one like it would be refused too. */
function likeness(topic: string, partition: number | null, key: Buffer | null, size: number): string {
  return `${topic} ${partition} ${size} ${key?.toString('latin1')}`;
}

const settings = (must: string, got: unknown): SmoothingError =>
  new SmoothingError('TOPIC_SETTINGS', `${must} ${String(got)}`);
