import { decodePoints, type Points, type PointsRequest, type Status } from '../../src/apps/dashboard/protocol.js';

/** One point as a reader has it: step, ms since the Unix epoch, value. */
export type Row = readonly [step: number, atMs: number, value: number];

interface Held {
  readonly name: string;
  cuts: number;
  firstMs: number;
  rows: Row[];
}

/** What a page does with points, written as plainly as can be: the least that the server may rely on. */
export class Reader {
  session = '';
  sequence = -1;
  readonly #held = new Map<number, Held>();

  get request(): PointsRequest {
    const positions = [...this.#held].map(([curve, { cuts, rows }]) => ({ curve, cuts, count: rows.length }));
    return { session: this.session, positions };
  }

  take({ session, sequence, more, parts }: Points): void {
    if (session !== this.session) this.#held.clear();
    this.session = session;
    if (!more) this.sequence = sequence;
    for (const { curve, run, tag, cuts, from, firstMs, steps, times, values } of parts) {
      const held = this.#held.get(curve) ?? { name: `${run} ${tag}`, cuts, firstMs: NaN, rows: [] };
      if (from > held.rows.length) throw new Error(`points from ${from} on, after ${held.rows.length}`);
      const rows = Array.from(values, (value, i): Row => [steps[i]!, times[i]!, value]);
      held.rows = [...held.rows.slice(0, from), ...rows];
      held.cuts = cuts;
      held.firstMs = firstMs ?? NaN;
      this.#held.set(curve, held);
    }
  }

  /** By run and metric. */
  get curves(): Record<string, Row[]> {
    return Object.fromEntries(
      [...this.#held.values()].map(({ name, firstMs, rows }) => [
        name,
        rows.map(([step, ms, value]): Row => [step, firstMs + ms, value]),
      ]),
    );
  }
}

/** A page's two conversations with a server: the events, and points asked for whenever the status is ahead. */
export class PageReader {
  readonly reader: Reader = new Reader();
  readonly statuses: Status[] = [];
  readonly #url: string;
  readonly #stopped = new AbortController();

  constructor(url: string) {
    this.#url = url;
  }

  /** Reads until the stream of events ends, or `stop()`; as a browser's EventSource, without its reconnecting. */
  async read(): Promise<void> {
    const response = await fetch(`${this.#url}events`, { signal: this.#stopped.signal });
    let text = '';
    const decoder = new TextDecoder();
    for await (const piece of response.body!) {
      text += decoder.decode(piece, { stream: true });
      const events = text.split('\n\n');
      text = events.pop()!;
      for (const event of events) await this.#take(event);
    }
  }

  /** Reads again and again, as an EventSource does, until `stop()`. */
  async follow(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      await this.read().catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  stop(): void {
    this.#stopped.abort();
  }

  async #take(event: string): Promise<void> {
    const data = /^data: (.*)$/m.exec(event)?.[1];
    if (data === undefined) return;
    const status = JSON.parse(data) as Status;
    this.statuses.push(status);
    const { reader } = this;
    while (reader.session !== status.session || reader.sequence < status.sequence) {
      reader.take(await askPoints(this.#url, reader.request));
    }
  }
}

/** Asks for points as the page does. */
export async function askPoints(url: string, asked: PointsRequest): Promise<Points> {
  const { origin } = new URL(url);
  const response = await fetch(`${origin}/points`, {
    method: 'POST',
    headers: { origin },
    body: JSON.stringify(asked),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return decodePoints(await response.arrayBuffer());
}
