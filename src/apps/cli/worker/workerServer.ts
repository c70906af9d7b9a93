import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';

import { failure, said } from '../../../failure.js';
import { toBytes } from '../../../state/toBytes.js';
import { HEADERS } from '../../dashboard/headers.js';
import { listening } from '../../dashboard/listening.js';
import { isOurs } from '../../dashboard/requests.js';
import type { WorkerState } from '../../scale/worker.js';
import { ranges } from './ranges.js';
import { notReady } from './readiness.js';
import { workerMetrics } from './workerMetrics.js';

const PATHS = '/metrics, /healthz, /readyz, /state/PARTITION';
const OWN_HOSTS = /^(127\.[\d.]+|localhost|::1)$/;
const TEXT = 'text/plain; charset=utf-8';
/** Who sends a request piece by piece has this long for it. */
const TIMEOUTS = { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 5000 };

interface Answer {
  readonly status: number;
  readonly body: string | Uint8Array;
  readonly type?: string;
}

/** Tells whoever watches over a worker how it is: Prometheus, an orchestrator, a person. */
export class WorkerServer {
  readonly #latest: () => WorkerState | null;
  readonly #server: Server;
  readonly #metrics: Registry;
  readonly #host: string;
  #failure: string | null = null;

  private constructor(host: string, latest: () => WorkerState | null) {
    this.#host = host;
    this.#latest = latest;
    this.#metrics = workerMetrics(latest);
    this.#server = createServer(TIMEOUTS, (request, response) => void this.#serve(request, response));
  }

  /**
   * @param port - 0 for any that is free
   * @throws SmoothingError `PORT_UNAVAILABLE` if the port can't be had
   */
  static async start(host: string, port: number, latest: () => WorkerState | null): Promise<WorkerServer> {
    const started = new WorkerServer(host, latest);
    try {
      await listening(started.#server, port, host);
    } catch (error) {
      throw failure('PORT_UNAVAILABLE', `--metrics-${said(error)}`, error);
    }
    started.#server.on('error', () => {}); // of one connection, which is gone
    return started;
  }

  get url(): string {
    const host = this.#host.includes(':') ? `[${this.#host}]` : this.#host;
    return `http://${host}:${(this.#server.address() as AddressInfo).port}`;
  }

  /** From now on the worker is not well. */
  fail(why: string): void {
    this.#failure = why;
  }

  async close(): Promise<void> {
    this.#metrics.clear();
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const {
      status,
      body,
      type = TEXT,
    } = await this.#answer(request).catch((error: unknown) => ({
      status: 500,
      body: `${said(error)}\n`,
      type: TEXT,
    }));
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    const allow = status === 405 ? { Allow: 'GET, HEAD' } : {};
    const about = { 'Content-Type': type, 'Content-Length': bytes.byteLength };
    response.writeHead(status, { ...HEADERS, ...about, ...allow }).end(bytes);
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const { method, url = '/' } = request;
    if (method !== 'GET' && method !== 'HEAD') return line(405, 'GET or HEAD');
    // Where others shall read it, names that lead to it are theirs to choose.
    if (OWN_HOSTS.test(this.#host) && !isOurs(request)) return line(403, 'this worker answers its own machine alone');
    const path = url.split('?', 1)[0]!;
    if (path === '/metrics') {
      return { status: 200, body: await this.#metrics.metrics(), type: this.#metrics.contentType };
    }
    if (path === '/healthz') return this.#failure === null ? line(200, 'ok') : line(503, this.#failure);
    if (path === '/readyz') {
      const why = this.#failure ?? notReady(this.#latest());
      return why === null ? line(200, 'ready') : line(503, why);
    }
    const [, partition] = /^\/state\/(\d{1,10})$/.exec(path) ?? [];
    return partition === undefined ? line(404, `there are ${PATHS}`) : this.#state(Number(partition));
  }

  #state(partition: number): Answer {
    const state = this.#latest();
    const snapshot = state?.snapshot(partition) ?? null;
    if (snapshot !== null) return { status: 200, body: toBytes(snapshot), type: 'application/octet-stream' };
    const here = (state?.partitions ?? []).filter((one) => one.status === 'running').map((one) => one.partition);
    const all = here.length === 0 ? 'none' : ranges(here);
    return line(404, `partition ${partition} is not restored by this worker, which has ${all}`);
  }
}

function line(status: number, text: string): Answer {
  return { status, body: `${text}\n` };
}
