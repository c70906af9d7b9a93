import { watch } from 'node:fs';
import { join } from 'node:path';

/** A system grants so many thousand to all programs of a user together. */
const MOST = 256;

/** Watches the last of some folders, up to 256; the others are for whoever polls. */
export class FolderWatches {
  readonly #watchers = new Map<string, { close(): void }>();
  readonly #tell: (path: string, isNew: boolean) => void;

  /** @param tell - is given the path of what has changed; `isNew`: or was made, renamed or deleted */
  constructor(tell: (path: string, isNew: boolean) => void) {
    this.#tell = tell;
  }

  /** @param folders - all that there are; another list takes its place */
  watch(folders: readonly string[]): void {
    const wanted = new Set(folders.slice(-MOST));
    for (const [folder, watcher] of this.#watchers) {
      if (wanted.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of wanted) if (!this.#watchers.has(folder)) this.#begin(folder);
  }

  close(): void {
    this.watch([]);
  }

  #begin(folder: string): void {
    try {
      const watcher = watch(folder, (kind, name) => {
        if (name !== null) this.#tell(join(folder, name), kind === 'rename');
      });
      watcher.on('error', () => watcher.close()); // whoever polls goes on
      this.#watchers.set(folder, watcher);
    } catch {
      // too many are watched already, or it is gone
    }
  }
}
