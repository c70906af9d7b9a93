import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { Feed } from './feed.js';
import { UsageError } from './options.js';

const TYPES = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
};
const page = (name: string) => new URL(`page/${name}`, import.meta.url);
const uplot = (name: string) => pathToFileURL(createRequire(import.meta.url).resolve(`uplot/dist/${name}`));

/** Everything that is served but the events. Nothing else on the disk can be asked for. */
const FILES: ReadonlyMap<string, { readonly url: URL; readonly type: keyof typeof TYPES }> = new Map([
  ['/', { url: page('index.html'), type: 'html' }],
  ['/page.css', { url: page('page.css'), type: 'css' }],
  ['/page.js', { url: page('page.js'), type: 'js' }],
  ['/charts.js', { url: page('charts.js'), type: 'js' }],
  ['/columns.js', { url: page('columns.js'), type: 'js' }],
  ['/uPlot.css', { url: uplot('uPlot.min.css'), type: 'css' }],
  ['/uPlot.js', { url: uplot('uPlot.iife.min.js'), type: 'js' }],
]);

export interface PageServer {
  /** `http://127.0.0.1:port/` */
  readonly address: string;
  readonly feed: Feed;
  /** Sends the readers what is left, then closes. */
  close(): Promise<void>;
}

/**
 * Serves the page and the run's events on 127.0.0.1.
 *
 * @param port - 0 for any free one
 * @throws UsageError if the port can't be had
 */
export async function servePage(port: number): Promise<PageServer> {
  const feed = new Feed(Date.now().toString(36) + process.pid.toString(36));
  const server = createServer((request, response) => void answer(request, response, feed));
  await listen(server, port);
  const keepAlive = setInterval(() => feed.keepAlive(), 15_000);
  const { port: bound } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${bound}/`,
    feed,
    async close() {
      clearInterval(keepAlive);
      const closed = new Promise((resolve) => server.close(resolve));
      await Promise.race([feed.end(), sleep(LINGER_MS, undefined, { ref: false })]);
      server.closeAllConnections(); // browsers keep some open that they may never use
      await closed;
    },
  };
}

/** For readers that take nothing any more. */
const LINGER_MS = 3_000;

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'is in use' : `can't be had (${error.code})`;
      reject(new UsageError(`port ${port} ${why}; --port 0 takes any free one`, { cause: error }));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
}

async function answer(request: IncomingMessage, response: ServerResponse, feed: Feed): Promise<void> {
  const port = request.socket.localPort;
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Content-Security-Policy', "default-src 'self'; img-src data:");
  // another site's name may be made to point here, but it can't have this Host
  if (![`127.0.0.1:${port}`, `localhost:${port}`].includes(request.headers.host ?? '')) {
    refuse(response, 403, 'only for 127.0.0.1');
  } else if (request.method !== 'GET') {
    refuse(response, 405, 'only GET');
  } else if (pathname === '/events') {
    feed.connect(response, request.headers['last-event-id'] as string | undefined);
  } else {
    const file = FILES.get(pathname);
    if (file === undefined) {
      refuse(response, 404, 'not here');
      return;
    }
    response.writeHead(200, { 'Content-Type': TYPES[file.type], 'Cache-Control': 'no-cache' });
    response.end(await readFile(file.url));
  }
}

function refuse(response: ServerResponse, status: number, why: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain' }).end(`${why}\n`);
}
