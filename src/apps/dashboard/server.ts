import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { said } from '../../failure.js';
import { Events } from './events.js';
import { HEADERS, refuse } from './headers.js';
import { listening } from './listening.js';
import { pageFile } from './pageFile.js';
import { encodePoints, type Status } from './protocol.js';
import { isOurs, pointsRequest } from './requests.js';
import type { Store } from './store.js';

const TOLD_EVERY_MS = 50;
const KEEP_ALIVE_MS = 15_000;
/** For pages that have not taken everything yet, or take nothing any more. */
const LINGER_MS = 1000;
const MOST_PROBLEMS = 20;
/** For pages that hear of the end from another one of their browser. */
const PASSED_ON_MS = 50;
/** Who sends a request piece by piece has this long for it. */
const TIMEOUTS = { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 5000 };

/** Serves the page, and a store's points to it, on 127.0.0.1 alone. */
export class DashboardServer {
  readonly #store: Store;
  readonly #server: Server;
  readonly #events: Events;
  readonly #timers: readonly NodeJS.Timeout[];
  #status: Status;
  #told: Status;
  /** On each connection, the last answer with points: it has been taken, or nobody is there any more. */
  readonly #taken = new WeakMap<Socket, Promise<void>>();
  /** How many pages have taken all points up to this sequence. */
  #current = { sequence: 0, pages: 0 };

  private constructor(store: Store, title: string) {
    this.#store = store;
    this.#status = this.#told = {
      session: store.session,
      sequence: 0,
      title,
      ended: false,
      failure: null,
      problems: [],
    };
    this.#events = new Events(this.#status);
    this.#server = createServer(TIMEOUTS, (request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
    this.#timers = [
      setInterval(() => this.#tell(), TOLD_EVERY_MS),
      setInterval(() => this.#events.keepAlive(), KEEP_ALIVE_MS),
    ];
  }

  /**
   * @param port - as `listening` takes it
   * @throws SmoothingError `PORT_UNAVAILABLE` if the port can't be had
   */
  static async start(store: Store, title: string, port: number | null): Promise<DashboardServer> {
    const started = new DashboardServer(store, title);
    try {
      await listening(started.#server, port);
    } catch (error) {
      for (const timer of started.#timers) clearInterval(timer);
      throw error;
    }
    started.#server.on('error', (error) => started.report(`the dashboard's server: ${said(error)}`));
    return started;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  /**
   * Tells pages that nothing comes any more.
   *
   * @param failure - what it failed with; null if it did not
   */
  end(failure: string | null = null): void {
    this.#status = { ...this.#status, ended: true, failure };
  }

  /** Tells pages what went wrong, each thing once; they see the newest 20. */
  report(problem: string): void {
    const { problems } = this.#status;
    if (problems.includes(problem)) return;
    this.#status = { ...this.#status, problems: [...problems, problem].slice(-MOST_PROBLEMS) };
  }

  /** Gives pages a second to take what is left, and ends all connections. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#tell();
    for (let waited = 0; waited < LINGER_MS && !this.#allAreCurrent(); waited += 10) await sleep(10);
    if (this.#events.size > 0) await sleep(PASSED_ON_MS);
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#events.close();
    this.#server.closeIdleConnections();
    const rest = setTimeout(() => this.#server.closeAllConnections(), LINGER_MS);
    await closed;
    clearTimeout(rest);
  }

  #tell(): void {
    if (this.#status.sequence !== this.#store.sequence) {
      this.#status = { ...this.#status, sequence: this.#store.sequence };
    }
    if (this.#status === this.#told) return;
    this.#told = this.#status;
    this.#events.tell(this.#status);
  }

  #allAreCurrent(): boolean {
    const { sequence, pages } = this.#current;
    return this.#events.size === 0 || (sequence === this.#store.sequence && pages >= this.#events.size);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = '/' } = request;
    if (!isOurs(request)) return refuse(response, 403, 'this dashboard answers its own page alone');
    const path = url.split('?', 1)[0]!;
    if (method === 'POST' && path === '/points') return this.#points(request, response);
    if (method !== 'GET' && method !== 'HEAD') return refuse(response, 405, 'GET, or POST /points');
    if (path !== '/events') return pageFile(path, response);
    response.writeHead(200, { ...HEADERS, 'Content-Type': 'text/event-stream', Connection: 'close' });
    if (method === 'HEAD') response.end();
    else this.#events.connect(response);
  }

  async #points(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = await pointsRequest(request);
    if (asked === null)
      return refuse(response, 400, 'the body must be { session, positions: [{ curve, cuts, count }] }');
    await this.#turn(request.socket, response);
    const points = this.#store.read(asked);
    const bytes = encodePoints(points);
    const type = 'application/octet-stream';
    response.writeHead(200, { ...HEADERS, 'Content-Type': type, 'Content-Length': bytes.length }).end(bytes);
    const { sequence, more } = points;
    if (more) return;
    response.on('finish', () => {
      const pages = sequence === this.#current.sequence ? this.#current.pages : 0;
      if (sequence >= this.#current.sequence) this.#current = { sequence, pages: pages + 1 };
    });
  }

  /** Resolves when the answers before it have left: who asks again and again, and reads nothing, has one made for him. */
  async #turn(socket: Socket, response: ServerResponse): Promise<void> {
    const before = this.#taken.get(socket);
    this.#taken.set(socket, new Promise((resolve) => response.once('close', resolve)));
    await before;
  }
}
