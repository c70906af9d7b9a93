import type { Health } from './health.js';

/** ms after which it is said that something gets no further. */
const TELL_MS = 10_000;

/** Something that gets no further, though brokers answer: a transaction may hang, or a coordinator. */
export class Standstill {
  readonly #health: Health;
  readonly #doing: string;
  #since = performance.now();
  #isTold = false;

  constructor(health: Health, doing: string) {
    this.#health = health;
    this.#doing = doing;
  }

  /** It gets no further, for so many ms by now. Tells why, if that is long. */
  lastsMs(why: string): number {
    if (this.#health.isWaiting) this.#since = performance.now();
    const ms = performance.now() - this.#since;
    if (ms >= TELL_MS && !this.#isTold) {
      this.#isTold = true;
      this.#health.tell(this, `${this.#doing} must come about, got for ${TELL_MS / 1000} s: ${why}`);
    }
    return ms;
  }

  /** It gets further, or is over. */
  end(): void {
    this.#health.tell(this, null);
    this.#isTold = false;
    this.#since = performance.now();
  }
}
