import { Curve } from '../curve.js';
import { decodePoints, type Points, type PointsRequest, type Status } from '../protocol.js';
import { listen } from './heard.js';

const RETRY_MS = 1000;

/** What a feed tells its owner. */
export interface FeedListener {
  status(status: Status, connected: boolean): void;
  /** Points have come, or have been cut away. */
  changed(): void;
}

/** A curve, and how often it had been cut. */
export interface Held {
  readonly curve: Curve;
  cuts: number;
}

/** The server's points on this side: asks for what lies behind its positions whenever there is more. */
export class Feed {
  readonly #held = new Map<number, Held>();
  /** Of each run, the curve that points came for last. */
  readonly #newest = new Map<string, Curve>();
  readonly #listener: FeedListener;
  #session = '';
  /** Points that the server had at the last answer. */
  #sequence = -1;
  #status: Status | null = null;
  #isConnected = false;
  #asking = false;

  constructor(listener: FeedListener) {
    this.#listener = listener;
    listen(({ status, connected }) => {
      this.#status = status;
      this.#isConnected = connected;
      listener.status(status, connected);
      if (connected) void this.#ask();
    });
  }

  /** The server's, that the curves are of. */
  get session(): string {
    return this.#session;
  }

  get curves(): ReadonlyMap<number, Held> {
    return this.#held;
  }

  async #ask(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    try {
      while (this.#status!.session !== this.#session || this.#status!.sequence > this.#sequence) {
        for (let more = true; more;) {
          const points = await this.#fetch();
          more = points.more;
          this.#take(points);
          if (!more) this.#sequence = points.sequence;
        }
      }
    } catch {
      // it asks again from where it stands: when the stream of events is back, or if it never broke, in a moment
      setTimeout(() => this.#isConnected && void this.#ask(), RETRY_MS);
    } finally {
      this.#asking = false;
    }
  }

  async #fetch(): Promise<Points> {
    const positions = [...this.#held].map(([id, { curve, cuts }]) => ({ curve: id, cuts, count: curve.length }));
    const asked: PointsRequest = { session: this.#session, positions };
    const response = await fetch('/points', { method: 'POST', body: JSON.stringify(asked) });
    if (!response.ok) throw new Error(`${response.status}`);
    return decodePoints(await response.arrayBuffer());
  }

  #take({ session, parts }: Points): void {
    if (session !== this.#session) {
      this.#held.clear();
      this.#newest.clear();
      this.#session = session;
      this.#sequence = -1;
    }
    for (const part of parts) {
      let held = this.#held.get(part.curve);
      if (held === undefined) {
        const curve = new Curve(part.run, part.tag, this.#newest.get(part.run) ?? null);
        this.#held.set(part.curve, (held = { curve, cuts: 0 }));
      }
      held.curve.cut(part.from);
      held.curve.append({ ...part, firstMs: part.firstMs ?? NaN });
      held.cuts = part.cuts;
      this.#newest.set(part.run, held.curve);
    }
    this.#listener.changed();
  }
}
