import { POLL_MS } from './changes.js';

const MOST_MS = 1000;
const TIMES = 20;

/**
 * How long to wait before a folder is looked through again: so long that looking takes a twentieth of the time, from 100 ms to 1 s.
 *
 * @param lastedMs - of the look before
 */
export function patience(lastedMs: number): number {
  return Math.min(MOST_MS, Math.max(POLL_MS, TIMES * lastedMs));
}
