import type { Message, Outgoing } from '../../../../src/apps/scale/port.js';
import { compacted, type Compaction } from './compacted.js';
import { FakePort, type Fate } from './fakePort.js';

/** What is told of a Kafka in memory. */
export interface FakeKafkaOptions {
  readonly partitions: number;
  /** Where a group is, and what there still is of each partition. @default nowhere, all */
  readonly trimmed?: { readonly committed: number | null; readonly oldest: number };
  /** Bytes of a value that a topic takes, by its name: more is refused in `produce`, or only when it is committed. */
  readonly most?: Readonly<Record<string, { readonly bytes: number; readonly noticed: 'at once' | 'late' }>>;
}

/**
 * Kafka in memory, as far as the port of a worker needs it: partitions of an input and whose they are, positions, and topics
 * in which a transaction is there as a whole or not at all.
 */
export class FakeKafka {
  readonly most: NonNullable<FakeKafkaOptions['most']>;
  readonly input: Message[][];
  /** By partition of the input. */
  readonly committed: (number | null)[];
  readonly oldest: number[];
  /** Slot by partition; null while it is on its way to `bound`. */
  readonly owners: (string | null)[];
  readonly #bound: (string | null)[];
  readonly #ports = new Map<string, FakePort>();
  readonly #topics = new Map<string, Outgoing[][]>();

  constructor({ partitions, most = {}, trimmed = { committed: null, oldest: 0 } }: FakeKafkaOptions) {
    this.most = most;
    this.input = Array.from({ length: partitions }, () => []);
    this.committed = Array.from({ length: partitions }, () => trimmed.committed);
    this.oldest = Array.from({ length: partitions }, () => trimmed.oldest);
    this.owners = Array.from({ length: partitions }, () => null);
    this.#bound = Array.from({ length: partitions }, () => null);
  }

  /** Writes a message to the input. */
  send(partition: number, message: Partial<Omit<Message, 'partition'>> = {}): void {
    const log = this.input[partition]!;
    const { offset = (log.at(-1)?.offset ?? -1) + 1, key = null, value = null, timestamp = -1, headers } = message;
    log.push({ partition, offset, key, value, timestamp, ...(headers && { headers }) });
  }

  /** What has been committed to a partition of a topic. */
  topic(name: string, partition: number): Outgoing[] {
    const logs = this.#topics.get(name) ?? this.input.map(() => []);
    this.#topics.set(name, logs);
    return logs[partition]!;
  }

  /** A connection of a slot. It fences the one before it once it is open. */
  port(slot: string, fate: Fate = () => null, trouble: (what: string | null) => void = () => {}): FakePort {
    return new FakePort(this, slot, fate, trouble);
  }

  // ---- the group --------------------------------------------------------------------------------------------------

  /** A member comes, or comes back: it gets what waits for it, and what was its own. */
  join(slot: string, port: FakePort): void {
    this.#ports.set(slot, port);
    const own = this.owners.flatMap((owner, partition) => (owner === slot ? [partition] : []));
    const waiting = this.#bound.flatMap((to, partition) =>
      to === slot && this.owners[partition] === null ? [partition] : [],
    );
    for (const partition of waiting) this.#give(partition);
    for (const partition of own) this.#bound[partition] = null; // the one that was told to let it go is no more
    port.hear({ kind: 'assigned', partitions: [...own, ...waiting] });
  }

  /** True until another one has joined in its slot. */
  isMember(slot: string, port: FakePort): boolean {
    return this.#ports.get(slot) === port;
  }

  /** A partition goes to a slot, once its owner has let it go. */
  move(partition: number, slot: string): void {
    const owner = this.owners[partition] ?? null;
    if (owner === slot) return;
    const isAsked = owner !== null && this.#bound[partition] !== null;
    this.#bound[partition] = slot;
    if (isAsked) return;
    const port = owner === null ? undefined : this.#ports.get(owner);
    if (port === undefined || port.isGone) this.released(partition);
    else port.hear({ kind: 'revoked', partitions: [partition] });
  }

  /** A partition goes to a slot at once, as its owner has not been heard of for too long. */
  lose(partition: number, slot: string): void {
    const owner = this.owners[partition] ?? null;
    if (owner === slot) return;
    const isAsked = owner !== null && this.#bound[partition] !== null;
    this.#bound[partition] = slot;
    const port = owner === null ? undefined : this.#ports.get(owner);
    port?.lose(partition, !isAsked);
    this.released(partition);
  }

  /** A partition is nobody's: it goes to where it is bound. */
  released(partition: number): void {
    this.owners[partition] = null;
    const to = this.#bound[partition] ?? null;
    if (to === null || !this.#ports.has(to)) return;
    this.#give(partition);
    this.#ports.get(to)!.hear({ kind: 'assigned', partitions: [partition] });
  }

  #give(partition: number): void {
    this.owners[partition] = this.#bound[partition] ?? null;
    this.#bound[partition] = null;
  }

  // ---- topics -----------------------------------------------------------------------------------------------------

  /** All of it, at once. */
  commit(written: readonly Outgoing[], positions: ReadonlyMap<number, number>): void {
    for (const one of written) this.topic(one.topic, one.partition!).push(one);
    for (const [partition, next] of positions) this.committed[partition] = next;
  }

  /** As {@link compacted}. */
  compact(name: string, partition: number, how: Compaction): void {
    const log = this.topic(name, partition);
    log.splice(0, log.length, ...compacted(log, how));
  }
}
