import type { Changes } from './changes.js';

/** Stands in for `Changes` where somebody else looks at many files: wakes the reader of one when it has changed. */
export class Lookout implements Pick<Changes, 'next'> {
  #state: string;
  #changed = false;
  #closed = false;
  #wake = (): void => {};
  #tellEnd = (): void => {};

  /** When the reader has come to the end of the file for the first time. */
  readonly end: Promise<void> = new Promise((resolve) => {
    this.#tellEnd = resolve;
  });

  /** @param state - how the file looks as long as nothing has changed */
  constructor(state: string) {
    this.#state = state;
  }

  /** What the file looks like now. */
  look(state: string): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#changed = true;
    this.#wake();
  }

  async next(): Promise<void> {
    this.#tellEnd();
    if (!this.#changed && !this.#closed) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#changed = false;
  }

  /** Whoever waits waits no more. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }
}
