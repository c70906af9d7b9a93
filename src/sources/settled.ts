import { nodeModules } from '../state/nodeModules.js';
import { POLL_MS } from './changes.js';

/** Tells which files are left alone: whoever copies one may set its times behind its last byte. */
export class Settled {
  readonly #seen = new Map<string, { readonly state: string; readonly since: number }>();

  /** True of a file whose size and time were the same at a look 100 ms ago, or before that. */
  has(path: string): boolean {
    const state = stateOf(path);
    const seen = this.#seen.get(path);
    if (seen?.state === state) return performance.now() - seen.since >= POLL_MS;
    this.#seen.set(path, { state, since: performance.now() });
    return false;
  }
}

function stateOf(path: string): string {
  const { fs } = nodeModules('fromSafetensors', 'SOURCE_UNREADABLE');
  try {
    const { ino, size, mtimeNs } = fs.statSync(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  } catch {
    return 'none'; // whoever opens it says why
  }
}
