import type { ServerResponse } from 'node:http';

import type { Status } from './protocol.js';

const RETRY_MS = 500;

/** Tells pages the newest status. A page that is slow is told the newest one when it can take it, not each one. */
export class Events {
  readonly #pages = new Map<ServerResponse, { waiting: boolean; told: boolean }>();
  #message: string;

  constructor(status: Status) {
    this.#message = messageOf(status);
  }

  /** How many pages listen. */
  get size(): number {
    return this.#pages.size;
  }

  tell(status: Status): void {
    this.#message = messageOf(status);
    for (const [response, page] of this.#pages) {
      page.told = false;
      this.#write(response, page);
    }
  }

  connect(response: ServerResponse): void {
    const page = { waiting: false, told: false };
    response.write(`retry: ${RETRY_MS}\n\n`);
    this.#pages.set(response, page);
    response.on('close', () => this.#pages.delete(response));
    response.on('drain', () => {
      page.waiting = false;
      if (!page.told) this.#write(response, page);
    });
    this.#write(response, page);
  }

  /** Says a word on every stream, so that nothing between here and the page takes it for dead. */
  keepAlive(): void {
    for (const [response, page] of this.#pages) if (!page.waiting) page.waiting = !response.write(': still here\n\n');
  }

  close(): void {
    for (const response of this.#pages.keys()) response.end();
  }

  #write(response: ServerResponse, page: { waiting: boolean; told: boolean }): void {
    if (page.waiting) return;
    page.told = true;
    page.waiting = !response.write(this.#message);
  }
}

/** The id is what a page sends as Last-Event-ID; it asks for points by positions, so that nothing rests on it. */
function messageOf(status: Status): string {
  return `id: ${status.sequence}\nevent: status\ndata: ${JSON.stringify(status)}\n\n`;
}
