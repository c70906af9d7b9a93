import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { failure, said } from '../../failure.js';
import { packageFile } from '../packageFile.js';
import { Events } from './events.js';
import { encodePoints, type Status } from './protocol.js';
import { isOurs, pointsRequest } from './requests.js';
import type { Store } from './store.js';

const HOST = '127.0.0.1';
const TOLD_EVERY_MS = 50;
const KEEP_ALIVE_MS = 15_000;
const TYPES: Readonly<Record<string, string>> = { html: 'text/html', js: 'text/javascript', css: 'text/css' };
const HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; connect-src 'self'; " +
    "img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

/** Serves the page, and a store's points to it, on 127.0.0.1 alone. */
export class DashboardServer {
  readonly #store: Store;
  readonly #server: Server;
  readonly #events: Events;
  readonly #timers: readonly NodeJS.Timeout[];
  #status: Status;
  #told: Status;

  private constructor(store: Store, title: string) {
    this.#store = store;
    this.#status = this.#told = { session: store.session, sequence: 0, title, ended: false, problems: [] };
    this.#events = new Events(this.#status);
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
    this.#timers = [
      setInterval(() => this.#tell(), TOLD_EVERY_MS),
      setInterval(() => this.#events.keepAlive(), KEEP_ALIVE_MS),
    ];
  }

  /**
   * @param port - 0 for any that is free
   * @throws SmoothingError `PORT_IN_USE`… as `OPTION_VALUE` if the port can't be had
   */
  static async start(store: Store, title: string, port: number): Promise<DashboardServer> {
    const started = new DashboardServer(store, title);
    try {
      started.#server.listen(port, HOST);
      await once(started.#server, 'listening');
    } catch (error) {
      for (const timer of started.#timers) clearInterval(timer);
      throw failure('OPTION_VALUE', `port must be free on ${HOST}, got ${port}: ${said(error)}`, error);
    }
    return started;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://${HOST}:${this.port}/`;
  }

  /** Changes what pages are told of the whole. */
  say(change: Partial<Pick<Status, 'ended' | 'problems'>>): void {
    this.#status = { ...this.#status, ...change };
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#tell();
    this.#events.close();
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeIdleConnections();
    await closed;
  }

  #tell(): void {
    if (this.#status.sequence !== this.#store.sequence) {
      this.#status = { ...this.#status, sequence: this.#store.sequence };
    }
    if (this.#status === this.#told) return;
    this.#told = this.#status;
    this.#events.tell(this.#status);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!isOurs(request, this.port)) return refuse(response, 403, 'this dashboard answers its own page alone');
    const path = new URL(request.url ?? '/', this.url).pathname;
    if (request.method === 'POST' && path === '/points') return this.#points(request, response);
    if (request.method !== 'GET') return refuse(response, 405, 'GET, or POST /points');
    if (path === '/events') {
      response.writeHead(200, { ...HEADERS, 'Content-Type': 'text/event-stream', Connection: 'close' });
      return this.#events.connect(response);
    }
    return file(path === '/' ? '/index.html' : path, response);
  }

  async #points(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = await pointsRequest(request);
    if (asked === null) return refuse(response, 400, 'positions must be { session, positions }');
    response.writeHead(200, { ...HEADERS, 'Content-Type': 'application/octet-stream' });
    response.end(encodePoints(this.#store.read(asked)));
  }
}

/** A file of the built page: names of one folder, so that no path leads out of it. */
async function file(path: string, response: ServerResponse): Promise<void> {
  const [, name, kind] = /^\/([\w-]+\.(html|js|css))$/.exec(path) ?? [];
  const text = name === undefined ? null : await readFile(packageFile(`dist/page/${name}`)).catch(() => null);
  if (text === null) return refuse(response, 404, 'no such file');
  response.writeHead(200, { ...HEADERS, 'Content-Type': `${TYPES[kind!]}; charset=utf-8` });
  response.end(text);
}

function refuse(response: ServerResponse, status: number, why: string): void {
  response.writeHead(status, { ...HEADERS, 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' });
  response.end(`${why}\n`);
}
