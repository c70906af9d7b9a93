import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/**
 * A run's events in order, and the server-sent-event streams that read them. A reader gets everything from the start, or
 * from behind the `Last-Event-ID` of this very run, each at its own speed: what a slow one has not taken stays here, not in
 * its socket.
 */
export class Feed {
  /** Names the run in every id, so that a page that knew another run starts over. */
  readonly run: string;
  readonly #events: string[] = [];
  readonly #readers = new Set<Reader>();
  #ended = false;

  constructor(run: string) {
    this.run = run;
  }

  publish(event: string, data: object): void {
    const id = `${this.run}:${this.#events.length}`;
    this.#events.push(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    for (const reader of this.#readers) this.#write(reader);
  }

  /** Sends a response everything there is, and what is still to come. */
  connect(response: ServerResponse, lastEventId?: string): void {
    const headers = { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', Connection: 'close' };
    response.writeHead(200, headers);
    response.write(`retry: ${RETRY_MS}\n\n`);
    const [run, seen] = (lastEventId ?? '').split(':');
    const next = run === this.run ? Math.min(Number(seen) + 1 || 0, this.#events.length) : 0;
    const reader: Reader = { response, next, waiting: false };
    this.#readers.add(reader);
    response.on('close', () => this.#readers.delete(reader));
    response.on('drain', () => {
      reader.waiting = false;
      this.#write(reader);
    });
    this.#write(reader);
  }

  /** Says a word on every stream that is quiet, so that nothing between here and the page takes it for dead. */
  keepAlive(): void {
    for (const reader of this.#readers) if (!reader.waiting) reader.response.write(': still here\n\n');
  }

  /** Ends every stream behind its last event; settles when all have taken it. */
  async end(): Promise<void> {
    this.#ended = true;
    const readers = [...this.#readers];
    const taken = readers.map(({ response }) => once(response, 'close'));
    for (const reader of readers) this.#write(reader);
    await Promise.all(taken);
  }

  #write(reader: Reader): void {
    while (!reader.waiting && reader.next < this.#events.length) {
      reader.waiting = !reader.response.write(this.#events[reader.next++]);
    }
    if (this.#ended && reader.next === this.#events.length) reader.response.end();
  }
}

interface Reader {
  readonly response: ServerResponse;
  next: number;
  /** For the socket to drain. */
  waiting: boolean;
}

const RETRY_MS = 500;
