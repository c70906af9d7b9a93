import type { WorkerState } from '../../scale/worker.js';
import type { TerminalLine } from './terminalLine.js';
import { headline, restored, statusLine, summary } from './words.js';

const AGAIN_MS = 30_000;
const SUMMARY_MS = 60_000;
const PROGRESS_MS = 10_000;

/**
 * Tells what a worker is at: in a terminal in a line that is written anew, elsewhere in a line for each change and one a
 * minute. What goes to and fro is told once in 30 s, and how it has ended then.
 */
export class Narrator {
  readonly #line: TerminalLine;
  readonly #now: () => number;
  /** When a line was said last; troubles by what they are but for numbers, which count tries and ms. */
  readonly #said = new Map<string, number>();
  #state: WorkerState | null = null;
  #headline = '';
  #summaryAt: number;
  #progressAt: number;

  constructor(line: TerminalLine, now: () => number = () => performance.now()) {
    this.#line = line;
    this.#now = now;
    this.#summaryAt = this.#progressAt = now();
  }

  see(state: WorkerState): void {
    const before = this.#state;
    this.#state = state;
    if (before === null || headline(state) !== headline(before)) this.look();
  }

  /** To be called now and then: what is due is said. */
  look(): void {
    const state = this.#state;
    if (state === null) return;
    this.#line.show(statusLine(state));
    this.#tellHeadline(state);
    if (this.#line.isShown) return;
    const now = this.#now();
    const isRestoring = state.status === 'restoring' && state.trouble === null;
    if (!isRestoring) this.#progressAt = now;
    if (now - this.#progressAt >= PROGRESS_MS) {
      this.#line.say(`${headline(state)}: ${restored(state)}`);
      this.#progressAt = now;
    }
    if (now - this.#summaryAt >= SUMMARY_MS) {
      this.#line.say(summary(state));
      this.#summaryAt = now;
    }
  }

  #tellHeadline(state: WorkerState): void {
    const line = headline(state);
    if (state.status === 'stopping' || line === this.#headline || (this.#line.isShown && state.trouble === null))
      return;
    const now = this.#now();
    const key = state.trouble === null ? line : line.replaceAll(/\d+/g, '#');
    for (const [one, at] of this.#said) if (now - at >= AGAIN_MS) this.#said.delete(one);
    if (this.#said.has(key)) return;
    this.#said.set(key, now);
    this.#headline = line;
    this.#line.say(line);
  }
}
