import type { Message, Port } from './port.js';

/** What is missing before messages that came together: what is oldest is asked for once, as it costs as much as a message. */
export class Gaps {
  readonly #port: Port;
  readonly #oldest = new Map<number, number>();

  constructor(port: Port) {
    this.#port = port;
  }

  /**
   * Offsets from `next` to a message that retention has removed. Others are marks of transactions, of messages that were
   * aborted, or compacted: as those that are gone may have been, so many messages, at most, are lost.
   */
  trimmed({ partition, offset }: Message, next: number): number {
    if (offset <= next) return 0;
    let oldest = this.#oldest.get(partition);
    if (oldest === undefined) this.#oldest.set(partition, (oldest = this.#port.oldest(partition) ?? 0));
    return Math.max(0, Math.min(oldest, offset) - next);
  }
}
