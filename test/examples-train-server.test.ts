import { get } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { servePage } from '../examples/train/server.js';

async function serve() {
  const page = await servePage(0);
  onTestFinished(() => page.close());
  return page;
}

/** The stream's events until there are so many: `id event data`. */
async function events(address: string, count: number, lastEventId?: string): Promise<string[]> {
  const headers = lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId };
  const controller = new AbortController();
  const response = await fetch(`${address}events`, { headers, signal: controller.signal });
  let text = '';
  const read = () =>
    [...text.matchAll(/^id: (.*)\nevent: (.*)\ndata: (.*)\n\n/gm)].map(([, ...parts]) => parts.join(' '));
  const decoder = new TextDecoder();
  for await (const chunk of response.body!) {
    text += decoder.decode(chunk, { stream: true });
    if (read().length >= count) break;
  }
  controller.abort();
  return read();
}

it('gives a late reader everything from the start', async () => {
  const { address, feed } = await serve();
  for (let n = 0; n < 3; n++) feed.publish('n', { n });
  expect(await events(address, 3)).toEqual([0, 1, 2].map((n) => `${feed.run}:${n} n {"n":${n}}`));
});

it('goes on behind the Last-Event-ID of this run, and starts over for one of another', async () => {
  const { address, feed } = await serve();
  for (let n = 0; n < 4; n++) feed.publish('n', { n });
  const numbers = async (count: number, id: string) => (await events(address, count, id)).map((one) => one.at(-2));
  expect(await numbers(2, `${feed.run}:1`)).toEqual(['2', '3']);
  expect(await numbers(4, 'another:1')).toEqual(['0', '1', '2', '3']);
  expect(await numbers(4, 'nonsense')).toEqual(['0', '1', '2', '3']);
});

it('keeps all for a reader that is slow, and ends its stream behind the last event', async () => {
  const page = await servePage(0);
  const { address, feed } = page;
  const size = 64 * 1024;
  const response = await fetch(`${address}events`);
  for (let n = 0; n < 200; n++) feed.publish('n', { n, text: 'x'.repeat(size) }); // 13 MB: more than a socket takes
  const closed = page.close();
  const text = await response.text();
  await closed;
  expect(text.match(/^event: n$/gm)).toHaveLength(200);
  expect(text.length).toBeGreaterThan(200 * size);
});

it('answers only who calls it by its own name', async () => {
  const { address } = await serve();
  const status = (host: string) =>
    new Promise((resolve) => get(address, { headers: { host } }, ({ statusCode }) => resolve(statusCode)));
  const { host, port } = new URL(address);
  expect(await status(host)).toBe(200);
  expect(await status(`localhost:${port}`)).toBe(200);
  expect(await status('evil.example')).toBe(403);
  expect(await status(`evil.example:${port}`)).toBe(403);
});

it('serves the page and its own files, and nothing else', async () => {
  const { address } = await serve();
  const html = await (await fetch(address)).text();
  const paths = [...html.matchAll(/(?:src|href)="(\/[^"]*)"/g)].map(([, path]) => path!);
  expect(paths).toEqual(['/uPlot.css', '/page.css', '/uPlot.js', '/page.js']);
  for (const path of [...paths, '/charts.js', '/columns.js']) {
    const response = await fetch(new URL(path, address));
    expect([path, response.status]).toEqual([path, 200]);
    expect(response.headers.get('content-type')).toMatch(path.endsWith('.css') ? 'text/css' : 'text/javascript');
  }
  for (const path of ['/server.ts', '/page/page.js', '/..%2fmain.ts', '/../../package.json']) {
    expect([path, (await fetch(new URL(path, address))).status]).toEqual([path, 404]);
  }
  expect((await fetch(address, { method: 'POST' })).status).toBe(405);
});

it('says in one line that a port is taken', async () => {
  const { address } = await serve();
  const { port } = new URL(address);
  await expect(servePage(Number(port))).rejects.toThrow(`port ${port} is in use; --port 0 takes any free one`);
});
