/** A message as it lies in a topic. */
export interface Message {
  readonly partition: number;
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** ms since 1970; −1 if the topic keeps none. */
  readonly timestamp: number;
  readonly headers?: Headers;
}

/** In their order, one name each; a name may come twice. */
export type Headers = readonly Readonly<Record<string, Buffer | string>>[];

/** A message to be written. */
export interface Outgoing {
  readonly topic: string;
  /** null: as the key says. */
  readonly partition: number | null;
  readonly key: Buffer | null;
  readonly value: Uint8Array | null;
  /** ms since 1970; undefined: now. */
  readonly timestamp?: number;
  readonly headers?: Headers;
}

/** Why a topic does not take a message. */
export type Refusal = 'too large' | 'without a key';

/** What a worker hears of. Partitions are those of the input. */
export type News =
  | { readonly kind: 'messages'; readonly messages: readonly Message[] }
  /** They are the worker's from now on. Nothing of them comes before `resume`. */
  | { readonly kind: 'assigned'; readonly partitions: readonly number[] }
  /** They are another's once `release` is called. */
  | { readonly kind: 'revoked'; readonly partitions: readonly number[] };

export interface Position {
  /** The committed position; null if nothing has been committed. */
  readonly committed: number | null;
  /** The oldest message that is still there. */
  readonly oldest: number;
  /** Behind the newest one. */
  readonly end: number;
}

/** A partition of the changelog on its way into memory. */
export interface Restoring {
  readonly partition: number;
  /** Takes a message in; in the order of the changelog. */
  take(key: Buffer, value: Buffer | null): void;
  /** Messages taken, of about so many. */
  progress(read: number, of: number): void;
}

/**
 * What a worker needs of Kafka, and all of it. One transaction is always open: what is produced since the last `commit`
 * becomes visible with the next one, with the positions, or never.
 *
 * Throws and rejects with `SmoothingError` where going on makes no sense, with {@link Setback} where starting again does.
 */
export interface Port {
  /**
   * Connects, checks the topics, joins the group.
   *
   * @param stop - once it is aborted, nothing more is begun
   */
  open(stop: AbortSignal): Promise<void>;
  /** What is new: waits for `waitMs` at most, and then has no messages. */
  next(most: number, waitMs: number): Promise<News>;
  /** Reads partitions of the changelog to the end that they have when it is called: all that has been committed by then. */
  restore(partitions: readonly Restoring[], signal: AbortSignal): Promise<void>;
  /**
   * Where partitions of the input are to be read from, one after the other, and what there is to read. Waits until no
   * transaction about them is open.
   */
  positions(partitions: readonly number[]): Promise<readonly Position[]>;
  /** Messages of a partition come, from this offset on. */
  resume(partition: number, offset: number): Promise<void>;
  /** No more messages of these come, which stay the worker's. */
  pause(partitions: readonly number[]): void;
  /** Lets revoked partitions go. */
  release(partitions: readonly number[]): void;
  /**
   * Into the transaction, which `commit` may refuse for it. Returns why not, and nothing is written, if it is known that its
   * topic does not take it.
   */
  produce(message: Outgoing): Refusal | null;
  /** Ends the transaction, whole, and opens the next one. @param positions - by partition, the next offset */
  commit(positions: ReadonlyMap<number, number>): Promise<void>;
  /** Throws the transaction away, and opens the next one. */
  abort(): Promise<void>;
  /** Messages between an offset and the end of the partition, as far as is known. */
  lag(partition: number, offset: number): number | null;
  /** The oldest offset of a partition that is still there, as of what has come; null if that is not known. */
  oldest(partition: number): number | null;
  /** Leaves, whatever is under way, in a few seconds at most. What is not committed is thrown away. */
  close(): Promise<void>;
}

/** Something went wrong that may go right the next time. */
export class Setback extends Error {
  override readonly name = 'Setback';
  /**
   * `'transaction'`: the transaction must be aborted, and what is in memory be restored; the worker is still a member of the
   * group. `'session'`: all connections are to be made anew.
   */
  readonly what: 'transaction' | 'session';

  constructor(what: 'transaction' | 'session', message: string) {
    super(message);
    this.what = what;
  }
}
