import { Observable, Subscriber } from 'rxjs';
import type { Readout } from '../src/values/smoother.js';

/** What an operator needs of an engine. */
export interface Engine<T, R> {
  /** True if what was emitted is lent until the next delivery has returned. */
  readonly lends: boolean;
  update(value: T, readout: Readout): R;
  /** Releases what was lent before the latest emission. */
  release(): void;
}

/** An engine for one subscription, and what becomes of it when that ends. */
export interface Session<T, R> {
  readonly engine: Engine<T, R>;
  /** An engine of the user's own is free for the next subscription at once, also from inside a delivery. Idempotent. */
  leave?(): void;
  /** The subscription's own engine ends when a delivery that is under way has returned. */
  end?(failed: boolean): void;
}

/** The stream of what an engine makes of `source`; `open` gives each subscription its engine. */
export function smoothed<T, R>(source: Observable<T>, open: () => Session<T, R>, readout: Readout): Observable<R> {
  return new Observable((subscriber) => {
    source.subscribe(new SmoothingSubscriber(subscriber, open(), readout));
  });
}

/**
 * The one Subscriber of the family. Subclassing keeps a value at the cost of RxJS's own `scan`, stops a synchronous
 * source at `take(n)`, and can release memory after a delivery has returned.
 *
 * While what is delivered is lent, a nested `next` waits until the delivery ends, and `complete` and `error` behind it.
 */
class SmoothingSubscriber<T, R> extends Subscriber<T> {
  readonly #session: Session<T, R>;
  readonly #engine: Engine<T, R>;
  readonly #readout: Readout;
  #delivering = false;
  #failed = false;
  #waiting: (() => void)[] = [];

  constructor(destination: Subscriber<R>, session: Session<T, R>, readout: Readout) {
    super(destination);
    this.#session = session;
    this.#engine = session.engine;
    this.#readout = readout;
    this.add(() => {
      this.#waiting = [];
      session.leave?.();
      if (!this.#delivering) session.end?.(this.#failed);
    });
  }

  protected override _next(value: T): void {
    if (this.#delivering) {
      this.#waiting.push(() => this.#take(value));
      return;
    }
    this.#take(value);
    while (this.#waiting.length > 0) this.#waiting.shift()!();
  }

  #take(value: T): void {
    let out: R;
    try {
      out = this.#engine.update(value, this.#readout);
    } catch (error) {
      this.isStopped = true;
      this.#fail(error);
      return;
    }
    if (this.#engine.lends) this.#lend(out);
    else this.#emit(out);
  }

  #emit(out: R): void {
    (this.destination as unknown as Subscriber<R>).next(out);
  }

  #lend(out: R): void {
    this.#delivering = true;
    try {
      this.#emit(out);
    } finally {
      this.#delivering = false;
      this.#engine.release();
      if (this.closed) this.#session.end?.(this.#failed);
    }
  }

  #fail(error: unknown): void {
    this.#failed = true;
    this.#session.leave?.(); // before the news: its receiver may subscribe again
    super._error(error);
  }

  #finish(): void {
    this.#session.leave?.();
    super._complete();
  }

  protected override _error(error: unknown): void {
    if (this.#delivering) this.#waiting.push(() => this.#fail(error));
    else this.#fail(error);
  }

  protected override _complete(): void {
    if (this.#delivering) this.#waiting.push(() => this.#finish());
    else this.#finish();
  }
}
