import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DashboardServer } from '../../../src/apps/dashboard/server.js';
import { Store } from '../../../src/apps/dashboard/store.js';
import { askPoints, PageReader, Reader } from '../../support/dashboardReader.js';

const point = (step: number, loss = step) => ({ run: 'a', step, atMs: step, values: { loss } });
const steps = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => point(from + i));

async function serve(title = 'a title') {
  const store = new Store();
  const server = await DashboardServer.start(store, title, 0);
  onTestFinished(() => server.close());
  return { store, server, port: server.port, url: server.url };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/** Asks just so: headers and paths go out as they are. */
async function ask(
  port: number,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string | Buffer,
): Promise<Answer> {
  const asked = httpRequest({ host: '127.0.0.1', port, method, path, headers, agent: false });
  asked.on('error', () => {});
  asked.end(body);
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  let text = '';
  response.on('data', (piece) => (text += String(piece)));
  if (!path.startsWith('/events') || response.statusCode !== 200) await once(response, 'end');
  else asked.destroy();
  return { status: response.statusCode!, headers: response.headers, text };
}

/** A page that reads, until the test ends. */
function pageOf(url: string): PageReader {
  const page = new PageReader(url);
  void page.follow();
  onTestFinished(() => page.stop());
  return page;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(5);
}

/** A socket on which this has been said. */
async function saying(port: number, text: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(text);
  onTestFinished(() => void socket.destroy());
  return socket;
}

describe('the server', () => {
  it.each(['/', '/index.html', '/page.js', '/page.css', '/worker.js', '/?smoothing=0.9'])(
    'serves %s under a policy that lets nothing else in',
    async (path) => {
      const { port } = await serve();
      const { status, headers, text } = await ask(port, 'GET', path);
      expect([status, text.length > 0]).toEqual([200, true]);
      expect(headers['content-security-policy']).toBe(
        "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; connect-src 'self'; " +
          "img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      );
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'cache-control': 'no-store',
      });
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    },
  );

  it('has a page that asks for its own files alone, and each is there', async () => {
    const { port } = await serve();
    const { text } = await ask(port, 'GET', '/');
    const files = [...text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, file]) => file!);
    const own = files.filter((file) => !file.startsWith('data:'));
    expect(own).toEqual(expect.arrayContaining(['page.js', 'page.css']));
    for (const file of own) expect([file, (await ask(port, 'GET', `/${file}`)).status]).toEqual([file, 200]);
    expect(text).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\son\w+=|https?:/);
  });

  it.each([
    '/package.json',
    '/../package.json',
    '/..%2f..%2fpackage.json',
    '/%2e%2e/%2e%2e/package.json',
    '/./page.js',
    '//page.js',
    '/page.js/',
    '/page.js%00.html',
    '/C:%5cpage.js',
    'http://127.0.0.1/page.js',
    '*',
  ])('has nothing at %s', async (path) => {
    const { port } = await serve();
    const { status, text } = await ask(port, 'GET', path);
    expect([status, text]).toEqual([404, 'no such file\n']);
  });

  it.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'POST'])('refuses %s of the page', async (method) => {
    const { port } = await serve();
    const origin = `http://127.0.0.1:${port}`;
    const { status, headers } = await ask(port, method, '/', { origin });
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD, POST']);
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it.each(['/', '/events'])('answers HEAD of %s with the headers of GET, and is done', async (path) => {
    const { port } = await serve();
    const [head, get] = [await ask(port, 'HEAD', path), await ask(port, 'GET', path)];
    expect([head.status, head.text]).toEqual([200, '']);
    for (const name of ['content-type', 'content-security-policy', 'content-length']) {
      expect(head.headers[name]).toBe(get.headers[name]);
    }
  });

  it.each([
    ['another name', 'GET', '/', { host: 'evil.example' }],
    ['another name for the events', 'GET', '/events', { host: 'evil.example:80' }],
    ['another origin for the events', 'GET', '/events', { origin: 'http://evil.example' }],
    ['another origin for points', 'POST', '/points', { origin: 'http://evil.example' }],
    ['a sandbox', 'POST', '/points', { origin: 'null' }],
    ['nowhere', 'POST', '/points', {}],
    ['another site’s page', 'GET', '/events', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
  ])('refuses who comes by %s, and tells it nothing', async (_, method, path, headers) => {
    const { port, store } = await serve('secret');
    store.add([point(1)]);
    const body = JSON.stringify({ session: '', positions: [] });
    const answer = await ask(port, method, path, headers, method === 'POST' ? body : undefined);
    expect([answer.status, answer.text]).toEqual([403, 'this dashboard answers its own page alone\n']);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('listens on 127.0.0.1 and nowhere else', async () => {
    const { port } = await serve();
    const addresses = Object.values(networkInterfaces()).flatMap((all) => all!.map(({ address }) => address));
    for (const host of ['127.0.0.2', ...addresses.filter((one) => one !== '127.0.0.1')]) {
      const socket = connect(port, host);
      const [error] = (await once(socket, 'error')) as [Error];
      expect(error.message).toMatch(/ECONNREFUSED|EADDRNOTAVAIL|EINVAL|ENETUNREACH/);
    }
    const own = connect(port, '127.0.0.1');
    await once(own, 'connect');
    own.destroy();
  });
});

describe('points', () => {
  it.each([
    ['no JSON', '{'],
    ['another shape', '{"session":1}'],
    ['nothing', ''],
    ['5 MB', ' '.repeat(5e6)],
  ])('are refused for a body of %s, and the next one has its answer', async (_, body) => {
    const { port, url, store } = await serve();
    store.add([point(1)]);
    const origin = `http://127.0.0.1:${port}`;
    const { status } = await ask(port, 'POST', '/points', { origin }, body);
    expect(status).toBe(400);
    expect((await askPoints(url, new Reader().request)).parts).toHaveLength(1);
  });

  it('are given to one while a hundred others say their requests letter by letter, or break off', async () => {
    const { port, url, store } = await serve();
    store.add([point(1)]);
    const head = `POST /points HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nOrigin: http://127.0.0.1:${port}\r\n`;
    const slow = await Promise.all(
      Array.from({ length: 100 }, async (_, i) =>
        saying(port, i % 2 === 0 ? head.slice(0, 50) : `${head}Content-Length: 999\r\n\r\n{"ses`),
      ),
    );
    expect((await askPoints(url, new Reader().request)).parts).toHaveLength(1);
    for (const socket of slow.slice(50)) socket.destroy();
    expect((await askPoints(url, new Reader().request)).parts).toHaveLength(1);
  });

  it('are given to others while one asks and does not read', async () => {
    const { port, url, store } = await serve();
    store.add(steps(0, 300_000));
    const body = JSON.stringify({ session: '', positions: [] });
    const head = `POST /points HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nOrigin: http://127.0.0.1:${port}\r\n`;
    const deaf = await saying(port, `${head}Content-Length: ${body.length}\r\n\r\n${body}`);
    deaf.pause();
    const { parts, more } = await askPoints(url, { session: '', positions: [] });
    expect([parts[0]!.values.length, more]).toEqual([2 ** 18, true]);
  });
});

describe('a connection', () => {
  it('on which points are asked for again and again, and not read, has one answer in memory', async () => {
    const { store, port } = await serve();
    store.add(steps(0, 1 << 18));
    const body = JSON.stringify({ session: '', positions: [] });
    const host = `127.0.0.1:${port}`;
    const head = `POST /points HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://${host}\r\nContent-Length: ${body.length}`;
    const before = process.memoryUsage().arrayBuffers;
    const asked = 100;
    const socket = await saying(port, `${head}\r\n\r\n${body}`.repeat(asked));
    socket.pause();
    await sleep(500);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(30e6); // an answer is 3 MB
    let bytes = 0;
    socket.on('data', (piece: Buffer) => (bytes += piece.length)).resume();
    await until(() => bytes > asked * 3e6); // and all come, one after the other
    expect(bytes).toBeLessThan(asked * 3.3e6);
  });
});

describe('pages', () => {
  it('are told at once what there is, and within a moment of what comes', async () => {
    const { store, url } = await serve();
    store.add([point(1)]);
    const page = pageOf(url);
    await until(() => page.reader.sequence === 1);
    store.add([point(2), point(3)]);
    await until(() => page.reader.sequence === 3);
    expect(page.reader.curves).toEqual({ 'a loss': [1, 2, 3].map((n) => [n, n, n]) });
    expect(page.statuses.at(-1)).toMatchObject({ title: 'a title', ended: false, sequence: 3 });
  });

  it('are told of points together, not one by one', async () => {
    const { store, url } = await serve();
    const page = pageOf(url);
    for (let n = 0; n < 200; n++) {
      store.add([point(n)]);
      await sleep(1);
    }
    await until(() => page.reader.sequence === 200);
    expect(page.statuses.length).toBeLessThan(50);
    expect(page.statuses.map(({ sequence }) => sequence)).toEqual(
      page.statuses.map(({ sequence }) => sequence).sort((a, b) => a - b),
    );
  });

  it('are told what went wrong, each thing once, of many the newest', async () => {
    const { server, url } = await serve();
    const page = pageOf(url);
    for (let n = 0; n < 50; n++) for (let twice = 0; twice < 2; twice++) server.report(`problem ${n}`);
    await until(() => page.statuses.at(-1)?.problems.length === 20);
    expect(page.statuses.at(-1)!.problems.at(-1)).toBe('problem 49');
  });

  it('have the last points, and that it was the end, when the server closes at once', async () => {
    const { server, store, url } = await serve();
    const pages = [pageOf(url), pageOf(url)];
    await until(() => pages.every(({ statuses }) => statuses.length > 0));
    store.add(steps(0, 20_000));
    server.end();
    await server.close();
    await until(() => pages.every(({ reader }) => reader.curves['a loss']?.length === 20_000)); // it is on its way
    expect(pages.map(({ statuses }) => statuses.at(-1)!.ended)).toEqual([true, true]);
  });
});

describe('close()', () => {
  it('does not wait for ever, whoever reads or does not', async () => {
    const { server, store, port } = await serve();
    store.add(steps(0, 300_000));
    const get = `GET /events HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;
    const deaf = await saying(port, get);
    deaf.pause();
    await saying(port, `POST /points HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nOrigin: http://127.0.0.1:${port}\r\n`);
    await saying(port, '');
    const begun = performance.now();
    await server.close();
    expect(performance.now() - begun).toBeLessThan(5000); // it waits one for pages, and one for sockets
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed');
  });

  it('may be called twice', async () => {
    const { server } = await serve();
    await Promise.all([server.close(), server.close()]);
    await expect(server.close()).resolves.toBeUndefined();
  });
});
