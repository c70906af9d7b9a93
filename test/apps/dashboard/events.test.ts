import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Events } from '../../../src/apps/dashboard/events.js';
import type { Status } from '../../../src/apps/dashboard/protocol.js';

const status = (sequence: number, title = ''): Status => ({
  session: 's',
  sequence,
  title,
  ended: false,
  failure: null,
  problems: [],
});

/** A server of events, and sockets that listen to it. */
async function serve() {
  const events = new Events(status(0));
  const responses: ServerResponse[] = [];
  const server = createServer((_, response) => {
    responses.push(response);
    events.connect(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => server.closeAllConnections() ?? void server.close());
  const page = async () => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    let text = '';
    const said: string[] = [];
    socket.on('data', (piece) => {
      const blocks = (text + String(piece)).split('\n\n');
      text = blocks.pop()!;
      said.push(...blocks);
    });
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    const read = () => said.flatMap((one) => [...one.matchAll(/^id: (\d+)\nevent: status\ndata: (.*)$/gm)]);
    while (read().length === 0) await turn();
    const ids = () => read().map(([, id]) => Number(id));
    const statuses = () => read().map(([, , data]) => JSON.parse(data!) as Status);
    return { socket, said, ids, statuses };
  };
  return { events, responses, page };
}

describe('events', () => {
  it('tell each page the status when it comes, and every newer one, with its number as the id', async () => {
    const { events, page } = await serve();
    events.tell(status(1));
    const [a, b] = [await page(), await page()];
    events.tell(status(2, 'two\nlines'));
    while (b.ids().length < 2 || a.ids().length < 2) await turn();
    expect(a.ids()).toEqual([1, 2]);
    expect(b.statuses()).toEqual([status(1), status(2, 'two\nlines')]);
    expect(a.said.some((one) => one.endsWith('retry: 500'))).toBe(true);
  });

  it('keep one status for a page that does not read, whatever is told, and tell it the newest when it reads', async () => {
    const { events, responses, page } = await serve();
    const [slow, quick] = [await page(), await page()];
    slow.socket.pause();
    const large = 'x'.repeat(100_000);
    const kept: number[] = [];
    for (let n = 1; n <= 300; n++) {
      events.tell(status(n, large)); // 30 MB in all
      if (n % 10 === 0) events.keepAlive();
      await turn();
      kept.push(responses[0]!.writableLength);
    }
    expect(Math.max(...kept)).toBeLessThan(3 * large.length);
    while (quick.ids().at(-1) !== 300) await sleep(5);
    slow.socket.resume();
    while (slow.ids().at(-1) !== 300) await sleep(5);
    expect(slow.ids().length).toBeLessThan(150); // what its socket took before, and the newest
    expect(slow.statuses().at(-1)).toEqual(status(300, large));
  });

  it('forget pages that go, and end the streams of those that stay', async () => {
    const { events, page } = await serve();
    const [gone, stays] = [await page(), await page()];
    expect(events.size).toBe(2);
    gone.socket.destroy();
    while (events.size > 1) await turn();
    events.tell(status(1));
    events.close();
    await once(stays.socket, 'end');
    expect(stays.ids()).toEqual([0, 1]);
  });

  it('say a word now and then that is no event', async () => {
    const { events, page } = await serve();
    const one = await page();
    events.keepAlive();
    while (!one.said.some((block) => block.endsWith(': still here'))) await turn();
    expect(one.ids()).toEqual([0]);
  });
});
