import { SmoothingError, type SmoothingErrorCode } from '../../errors.js';
import { said } from '../../failure.js';
import type { Smoothed } from '../../types.js';
import type { Codec } from './codec.js';
import { unwritableHeader } from './headers.js';
import { deadLetter, shortDeadLetter } from './deadLetter.js';
import type { Partition } from './partition.js';
import type { Message, Outgoing, Port, Refusal } from './port.js';
import { shortened } from './shortened.js';

/** What messages become, and where it is written. */
export interface TransactionPlan<T> {
  readonly input: string;
  readonly output: string;
  readonly changelog: string;
  readonly deadLetters: string;
  readonly codec: Codec<T, Smoothed<T>>;
  readonly commitMs: number;
  readonly maxDeadInARow: number;
}

const NOTHING = Buffer.alloc(0);
/** A transaction ends early once it has so many messages, or bytes. */
const MOST_MESSAGES = 200_000;
const MOST_BYTES = 256 * 2 ** 20;

/** What goes into the open transaction: outputs, dead letters, rows of the changelog. */
export class Transaction<T> {
  readonly #port: Port;
  readonly #plan: TransactionPlan<T>;
  #messages = 0;
  #deadLetters = 0;
  #bytes = 0;
  #since = 0;
  #deadInARow = 0;
  /** The same as of the latest commit. */
  #deadBefore = 0;

  constructor(port: Port, plan: TransactionPlan<T>) {
    this.#port = port;
    this.#plan = plan;
  }

  /** Messages in it, dead ones among them. */
  get messages(): number {
    return this.#messages;
  }

  get deadLetters(): number {
    return this.#deadLetters;
  }

  /** ms until it is to be committed; Infinity if there is nothing in it. */
  get dueInMs(): number {
    if (this.#messages === 0) return Infinity;
    if (this.#messages >= MOST_MESSAGES || this.#bytes >= MOST_BYTES) return 0;
    return Math.max(0, this.#since + this.#plan.commitMs - performance.now());
  }

  /** It is committed, and the next one open. */
  committed(): void {
    this.#deadBefore = this.#deadInARow;
    this.#begin();
  }

  /** It is thrown away, and the next one open: what was in it comes again. */
  aborted(): void {
    this.#deadInARow = this.#deadBefore;
    this.#begin();
  }

  #begin(): void {
    this.#messages = this.#deadLetters = this.#bytes = 0;
  }

  /** What comes of a message: it is smoothed, or it goes to the dead letters, and the others go on. */
  take(partition: Partition<T>, message: Message): void {
    if (this.#messages++ === 0) this.#since = performance.now();
    const { codec } = this.#plan;
    const { key, timestamp, value } = message;
    let smoothed: Smoothed<T> | null | undefined;
    try {
      smoothed = partition.take(key, timestamp, value === null ? (null as T) : codec.decode(value));
    } catch (error) {
      return this.#bury(message, { why: shortened(said(error)), isOfAll: !isOfOne(error) });
    }
    const fault = this.#write(message, smoothed);
    if (fault === null) {
      this.#deadInARow = 0;
      return;
    }
    partition.undo();
    this.#bury(message, fault);
  }

  /** Writes what came of a message; returns what is wrong with it, if it can't be written. */
  #write(message: Message, smoothed: Smoothed<T> | null | undefined): Fault | null {
    const { codec, output: topic } = this.#plan;
    const { partition, key, timestamp, headers } = message;
    const header = headers && unwritableHeader(headers);
    if (header !== undefined) {
      const why = `headers must be text in UTF-8 without zero bytes, as the client changes others, got bytes in '${header}'`;
      return { why, isOfAll: true };
    }
    let value: Uint8Array | null;
    try {
      value = smoothed == null ? null : codec.encode(smoothed, message.value ?? NOTHING);
    } catch (error) {
      return { why: shortened(said(error)), isOfAll: true };
    }
    const refusal = this.#produce({ topic, partition, key, value, timestamp, ...(headers && { headers }) });
    if (refusal === null) return null;
    const must =
      refusal === 'too large'
        ? `be small enough for its topic, got ${value?.length ?? 0} bytes`
        : 'have a key, as its topic is compacted, got none';
    return { why: `the output must ${must}`, isOfAll: false };
  }

  #bury(message: Message, { why, isOfAll }: Fault): void {
    const { input, deadLetters: topic, maxDeadInARow } = this.#plan;
    this.#deadInARow = isOfAll ? this.#deadInARow + 1 : 0;
    if (this.#deadInARow >= maxDeadInARow) {
      throw new SmoothingError(
        'CODEC_MISMATCH',
        `the codec must be that of '${input}', got ${maxDeadInARow} messages in a row that can't be smoothed; ` +
          `at partition ${message.partition}, offset ${message.offset}: ${why}`,
      );
    }
    this.#deadLetters++;
    if (this.#produce({ ...deadLetter(input, message, why), topic }) === null) return;
    const refusal = this.#produce({ ...shortDeadLetter(input, message, why), topic });
    if (refusal !== null) throw refused(topic, refusal, message.key?.length ?? 0);
  }

  /** Writes what the changelog has not got of a partition. */
  keep(partition: number, kept: Partition<T>): void {
    const { changelog: topic } = this.#plan;
    for (const message of kept.changes()) {
      const refusal = this.#produce({ topic, partition, ...message });
      if (refusal !== null) throw refused(topic, refusal, message.value?.length ?? 0);
    }
  }

  #produce(message: Outgoing): Refusal | null {
    this.#bytes += (message.value?.length ?? 0) + (message.key?.length ?? 0);
    return this.#port.produce(message);
  }
}

/** What is wrong with a message. */
interface Fault {
  readonly why: string;
  /** It may be wrong with each of them. */
  readonly isOfAll: boolean;
}

const OF_ONE: readonly unknown[] = ['TIME_LATE', 'TOO_MANY_KEYS'] satisfies SmoothingErrorCode[];

/** True if it says nothing about other messages: they can be read. */
const isOfOne = (error: unknown): boolean => error instanceof SmoothingError && OF_ONE.includes(error.code);

function refused(topic: string, refusal: Refusal, bytes: number): SmoothingError {
  return refusal === 'too large'
    ? new SmoothingError(
        'MESSAGE_TOO_LARGE',
        `'${topic}' must take messages of any size, got ${bytes} bytes that it does not`,
      )
    : new SmoothingError(
        'TOPIC_SETTINGS',
        `'${topic}' must take messages without a key, got a compacted one, which does not`,
      );
}
