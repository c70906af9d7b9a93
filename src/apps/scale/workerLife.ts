import { SmoothingError } from '../../errors.js';
import { failure, said } from '../../failure.js';
import { Setback, type Port } from './port.js';
import { noCounts, Session, type Counts, type SessionPlan } from './session.js';
import type { WorkerState } from './worker.js';

/** ms between two states, and between two attempts: the first, and the most. */
const REPORT_MS = 1000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;

/** A worker from its start to its end: one session after the other, as long as setbacks are all that ends them. */
export class Worker<T> {
  readonly #plan: SessionPlan<T>;
  readonly #connect: (trouble: (what: string | null) => void) => Port;
  readonly #emit: (state: WorkerState) => void;
  readonly #counts: Counts = noCounts();
  #session: Session<T> | null = null;
  #trouble: string | null = null;
  #stopping = false;
  #rate = 0;
  #before = { at: performance.now(), messages: 0 };

  constructor(
    plan: SessionPlan<T>,
    connect: (trouble: (what: string | null) => void) => Port,
    emit: (state: WorkerState) => void,
  ) {
    this.#plan = plan;
    this.#connect = connect;
    this.#emit = emit;
  }

  /** Works until it is told to stop. Rejects with what does not pass. */
  async run(stop: AbortSignal): Promise<void> {
    this.#stopping = stop.aborted;
    const report = setInterval(() => this.#report(), REPORT_MS);
    const stopped = (): void => {
      this.#stopping = true;
      this.#tell();
    };
    stop.addEventListener('abort', stopped, { once: true });
    try {
      this.#tell();
      for (let pauseMs = FIRST_PAUSE_MS; !stop.aborted; pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs)) {
        const { commits } = this.#counts;
        const setback = await this.#attempt(stop);
        if (setback === null) break;
        this.#note(setback.message);
        if (stop.aborted) break; // its last commit has not come about
        this.#counts.restarts++;
        if (this.#counts.commits > commits) pauseMs = FIRST_PAUSE_MS;
        await pause(pauseMs, stop);
      }
      this.#tell();
    } finally {
      clearInterval(report);
      stop.removeEventListener('abort', stopped);
    }
  }

  async #attempt(stop: AbortSignal): Promise<Setback | null> {
    try {
      const port = this.#connect((what) => this.#note(what));
      this.#session = new Session(port, this.#plan, this.#counts, () => this.#tell());
      await this.#session.run(stop);
      return null;
    } catch (error) {
      if (error instanceof Setback) return error;
      if (error instanceof SmoothingError) throw error;
      throw failure('BROKER_FAILED', `the brokers must do what a worker asks of them, got: ${said(error)}`, error);
    } finally {
      this.#session = null;
    }
  }

  #note(trouble: string | null): void {
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    this.#tell();
  }

  #report(): void {
    const at = performance.now();
    const { messages } = this.#counts;
    this.#rate = (1000 * (messages - this.#before.messages)) / (at - this.#before.at);
    this.#before = { at, messages };
    this.#tell();
  }

  #tell(): void {
    const session = this.#session;
    const partitions = session?.partitions() ?? [];
    const lags = partitions.map(({ lag }) => lag);
    this.#emit({
      ...this.#counts,
      status: this.#status(partitions.some(({ status }) => status === 'restoring')),
      trouble: this.#trouble,
      partitions,
      rate: this.#rate,
      lag: lags.includes(null) ? null : lags.reduce<number>((sum, lag) => sum + lag!, 0),
      snapshot: (partition) => this.#session?.snapshot(partition) ?? null,
    });
  }

  #status(restores: boolean): WorkerState['status'] {
    if (this.#stopping) return 'stopping';
    if (this.#trouble !== null) return 'waiting';
    if (this.#session?.isJoined !== true) return 'starting';
    return restores ? 'restoring' : 'running';
  }
}

/** What cuts a setback short: a stop. */
function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      stop.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    stop.addEventListener('abort', done, { once: true });
    if (stop.aborted) done();
  });
}
