import { nodeModules } from '../state/nodeModules.js';

/** Network file systems tell nobody of changes, and a folder may not be there to be watched yet. */
export const POLL_MS = 100;
/** Whoever writes ten thousand lines a second is read in fewer, larger pieces. */
const REST_MS = 10;

/** Tells when it is time to look again: as soon as the folder changes, and every 100 ms in any case, unless told otherwise. */
export class Changes {
  readonly #caller: string;
  readonly #pollMs: number | null;
  #watched: { readonly folder: string; close(): void } | null = null;
  #changed = false;
  #closed = false;
  #told = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wake = (): void => {};
  #end = (): void => {};

  /**
   * @param caller - the function that errors name
   * @param pollMs - how long to wait for something to change; null for as long as it takes, where somebody else looks
   */
  constructor(caller: string, pollMs: number | null = POLL_MS) {
    this.#caller = caller;
    this.#pollMs = pollMs;
  }

  /**
   * Comes back when something has changed since the last time, but not within 10 ms of it.
   *
   * @param folder - to be watched; null for none
   * @param name - of the one file in it that counts; without it, all do
   * @param pollMs - how long to wait for something to change, this time
   */
  async next(folder: string | null, name?: string, pollMs: number | null = this.#pollMs): Promise<void> {
    if (this.#closed) return;
    this.#watch(folder, name);
    if (!this.#changed) await this.#pause(pollMs, true);
    const rest = this.#told + REST_MS - performance.now();
    if (rest > 0 && !this.#closed) await this.#pause(rest, false);
    this.#changed = false;
    this.#told = performance.now();
  }

  /** Says that something has changed. */
  tell(): void {
    this.#changed = true;
    this.#wake();
  }

  /** Whoever waits waits no more, now or later. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#unwatch();
    this.#end();
  }

  async #pause(ms: number | null, wakes: boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#end = resolve;
      if (wakes) this.#wake = resolve;
      if (ms !== null) this.#timer = setTimeout(resolve, ms);
    });
    clearTimeout(this.#timer);
  }

  #watch(folder: string | null, name: string | undefined): void {
    if (folder === (this.#watched?.folder ?? null)) return;
    this.#unwatch();
    if (folder === null) return;
    const { fs } = nodeModules(this.#caller, 'SOURCE_UNREADABLE');
    try {
      const watcher = fs.watch(folder, (_, changed) => {
        if (name === undefined || changed === null || changed === name) this.tell();
      });
      watcher.on('error', () => watcher.close()); // polling goes on
      this.#watched = { folder, close: () => watcher.close() };
      this.#changed = true; // something may have come between the last look and the watch
    } catch {
      this.#watched = { folder, close: () => {} }; // too many are watched already
    }
  }

  #unwatch(): void {
    this.#watched?.close();
    this.#watched = null;
  }
}
