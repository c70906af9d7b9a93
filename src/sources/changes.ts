import { nodeModules } from '../state/nodeModules.js';

/** Network file systems tell nobody of changes, and a folder may not be there to be watched yet. */
export const POLL_MS = 100;

/** Tells when it is time to look again: as soon as the folder changes, and every 100 ms in any case. */
export class Changes {
  #watched: { readonly folder: string; close(): void } | null = null;
  #changed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wake = (): void => {};

  /** @param folder - to be watched; null for none */
  async next(folder: string | null): Promise<void> {
    this.#watch(folder);
    if (!this.#changed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#timer = setTimeout(resolve, POLL_MS);
      });
      clearTimeout(this.#timer);
    }
    this.#changed = false;
  }

  /** Whoever waits waits no more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#unwatch();
    this.#wake();
  }

  #watch(folder: string | null): void {
    if (folder === (this.#watched?.folder ?? null)) return;
    this.#unwatch();
    if (folder === null) return;
    const { fs } = nodeModules('fromSafetensors', 'SOURCE_UNREADABLE');
    try {
      const watcher = fs.watch(folder, () => {
        this.#changed = true;
        this.#wake();
      });
      watcher.on('error', () => watcher.close()); // polling goes on
      this.#watched = { folder, close: () => watcher.close() };
    } catch {
      this.#watched = { folder, close: () => {} }; // too many are watched already
    }
  }

  #unwatch(): void {
    this.#watched?.close();
    this.#watched = null;
  }
}
