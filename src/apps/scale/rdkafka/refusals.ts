import type { Outgoing, Refusal } from '../port.js';
import type { ClusterSettings } from './clusterSettings.js';

/** Bytes of a batch that librdkafka sends at once, unless it is told otherwise. */
const USUAL_BATCH = 1_000_000;
/** Each time that a batch is refused, the next ones are so many times smaller. */
const SHRINKING = 16;

/** What is said of a message that was refused. */
export interface Refused {
  readonly topic: string;
  readonly partition: number;
  readonly key: Buffer | null;
  /** Bytes of its value. */
  readonly size: number;
}

/** What a worker learns of what its topics do not take, from one connection to the next. */
export class Refusals {
  readonly #known = new Map<string, Refusal>();
  /** True once brokers have let the worker in. */
  wasLetIn = false;
  /** Bytes beyond which a message goes in a batch of its own. */
  #batchBytes: number;

  constructor(config: ClusterSettings['config']) {
    const sizes = ['batch.size', 'message.max.bytes'].map((name) => Number(config[name] ?? USUAL_BATCH));
    this.#batchBytes = Math.min(...sizes);
  }

  get batchBytes(): number {
    return this.#batchBytes;
  }

  /** Why a message is not taken; null if nothing is known against it. */
  of({ topic, partition, key, value }: Outgoing): Refusal | null {
    if (this.#known.size === 0) return null;
    return this.#known.get(likeness({ topic, partition: partition ?? -1, key, size: value?.length ?? 0 })) ?? null;
  }

  /** A message was in a batch that was called invalid: if it has no key, it is why, as the topic is compacted. */
  learnKeyless(message: Refused): void {
    if (message.key === null) this.#known.set(likeness(message), 'without a key');
  }

  /**
   * A message was in a batch that was refused for its size.
   *
   * @param batchBytes - of the connection that it went by
   * @returns true if it is why; false if any of its batch may be, and the next batches are smaller
   */
  learnSize(message: Refused, batchBytes: number): boolean {
    if (message.size >= batchBytes || batchBytes === 1) {
      this.#known.set(likeness(message), 'too large');
      return true;
    }
    this.#batchBytes = Math.min(this.#batchBytes, Math.max(1, Math.floor(batchBytes / SHRINKING)));
    return false;
  }
}

/** By this a message is known that was refused: another one like it would be refused too. */
function likeness({ topic, partition, key, size }: Refused): string {
  return `${topic} ${partition} ${size} ${key?.toString('latin1')}`;
}
