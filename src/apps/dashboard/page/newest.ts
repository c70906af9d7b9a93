/** Lets one thing be worked on at a time; of those that are offered meanwhile, only the newest is next. */
export class Newest<T> {
  readonly #start: (one: T) => void;
  #busy = false;
  #next: { readonly one: T } | null = null;

  constructor(start: (one: T) => void) {
    this.#start = start;
  }

  offer(one: T): void {
    if (this.#busy) {
      this.#next = { one };
      return;
    }
    this.#busy = true;
    this.#start(one);
  }

  /** The one that was started has been dealt with. */
  done(): void {
    this.#busy = false;
    const next = this.#next;
    this.#next = null;
    if (next !== null) this.offer(next.one);
  }
}
