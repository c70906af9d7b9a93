import { Changes } from './changes.js';

/** Stands in for `Changes` where somebody else looks at many files: wakes the reader of one when that one has changed. */
export class Lookout implements Pick<Changes, 'next'> {
  readonly #changes = new Changes('Lookout', null);
  #state: string;
  #tellEnd = (): void => {};

  /** When the reader has come to the end of the file for the first time. */
  readonly end: Promise<void> = new Promise((resolve) => {
    this.#tellEnd = resolve;
  });

  /** @param state - how the file looks as long as nothing has changed */
  constructor(state: string) {
    this.#state = state;
  }

  /** Says what the file looks like now. */
  look(state: string): void {
    if (state !== this.#state) this.tell();
    this.#state = state;
  }

  /** Says that the file has changed. */
  tell(): void {
    this.#changes.tell();
  }

  async next(): Promise<void> {
    this.#tellEnd();
    await this.#changes.next(null);
  }

  /** Whoever waits waits no more. */
  close(): void {
    this.#changes.close();
  }
}
