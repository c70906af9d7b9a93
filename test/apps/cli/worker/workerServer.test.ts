import { once } from 'node:events';
import { request } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { WorkerServer } from '../../../../src/apps/cli/worker/workerServer.js';
import type { WorkerState } from '../../../../src/apps/scale/worker.js';
import { SmoothingError } from '../../../../src/errors.js';
import { Ema, fromBytes } from 'rx-ema';
import { aPartition, aState } from './aState.js';

/** A server of a worker whose state a test can change. */
async function serving(first: WorkerState | null, host = '127.0.0.1') {
  let latest = first;
  const server = await WorkerServer.start(host, 0, () => latest);
  onTestFinished(() => server.close());
  return {
    server,
    url: server.url,
    be: (state: WorkerState) => (latest = state),
    ask: async (path: string, options: RequestInit = {}) => {
      const response = await fetch(server.url + path, options);
      return { status: response.status, text: await response.text(), headers: response.headers };
    },
  };
}

/** As a browser, or anybody, could send it; `fetch` sets these headers itself. */
async function asked(url: string, headers: Record<string, string>, method = 'GET'): Promise<number> {
  const sent = request(url, { headers, method }).end();
  const [response] = (await once(sent, 'response')) as [{ statusCode: number; resume(): void }];
  response.resume();
  return response.statusCode;
}

/** Lines about the worker, without those about its process. */
const ours = (text: string) => text.split('\n').filter((line) => line.startsWith('rx_ema_'));

it('tells Prometheus what the worker has done and is at', async () => {
  const partitions = [aPartition(0, { lag: 7, keys: 3 }), aPartition(4, { status: 'restoring', lag: null, keys: 1 })];
  const counts = {
    messages: 1_000_000,
    deadLetters: 3,
    commits: 50,
    aborts: 2,
    restarts: 1,
    trimmed: 8,
    commitMs: 4.5,
    rate: 99.5,
  };
  const { ask, be } = await serving(aState({ partitions, ...counts }));
  const { status, text, headers } = await ask('/metrics');
  expect([status, headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
  expect(ours(text)).toEqual([
    'rx_ema_messages_total 1000000',
    'rx_ema_dead_letters_total 3',
    'rx_ema_commits_total 50',
    'rx_ema_aborts_total 2',
    'rx_ema_trimmed_total 8',
    'rx_ema_restarts_total 1',
    'rx_ema_rate 99.5',
    'rx_ema_commit_seconds 0.0045',
    'rx_ema_ready 0',
    'rx_ema_lag{partition="0"} 7',
    'rx_ema_keys{partition="0"} 3',
    'rx_ema_keys{partition="4"} 1',
    'rx_ema_partitions{status="restoring"} 1',
    'rx_ema_partitions{status="running"} 1',
  ]);
  expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
  expect(text).toMatch(/^nodejs_eventloop_lag_seconds [\d.]+/m);

  be(aState({ partitions: [aPartition(4, { lag: 1 })], messages: 1_000_001, commitMs: null }));
  const later = ours((await ask('/metrics')).text);
  expect(later).toContain('rx_ema_messages_total 1000001');
  expect(later).toContain('rx_ema_ready 1');
  expect(later.filter((line) => /_lag|_commit_seconds/.test(line))).toEqual(['rx_ema_lag{partition="4"} 1']);
});

it('tells Prometheus zeros before anything is known', async () => {
  const { text } = await (await serving(null)).ask('/metrics');
  expect(ours(text)).toContain('rx_ema_messages_total 0');
  expect(ours(text)).toContain('rx_ema_partitions{status="running"} 0');
});

it('is ready while it runs with all partitions restored and nothing is wrong, and else says why it is not', async () => {
  const { ask, be, server } = await serving(null);
  const ready = async () => {
    const { status, text } = await ask('/readyz');
    return [status, text.trim()];
  };
  expect(await ready()).toEqual([503, 'starting']);
  be(aState());
  expect(await ready()).toEqual([200, 'ready']);
  be(aState({ partitions: [] }));
  expect(await ready()).toEqual([200, 'ready']);
  be(aState({ partitions: [aPartition(0), aPartition(3, { status: 'restoring' })] }));
  expect(await ready()).toEqual([503, 'restoring partition 3']);
  be(aState({ status: 'restoring', partitions: [aPartition(3, { status: 'restoring' })] }));
  expect(await ready()).toEqual([503, 'restoring partition 3']);
  be(aState({ trouble: 'the broker is away' }));
  expect(await ready()).toEqual([503, 'waiting: the broker is away']);
  be(aState({ status: 'stopping', trouble: 'the broker is away' }));
  expect(await ready()).toEqual([503, 'stopping']);
  expect(await ask('/healthz')).toMatchObject({ status: 200, text: 'ok\n' });
  server.fail('no rights');
  expect(await ready()).toEqual([503, 'no rights']);
  expect(await ask('/healthz')).toMatchObject({ status: 503, text: 'no rights\n' });
});

it('gives the state of a partition as bytes that a snapshot is read from', async () => {
  const ema = new Ema({ decay: 0.5 });
  ema.update(3);
  const { url, ask } = await serving(aState({ snapshot: (one) => (one === 1 ? ema.snapshot() : null) }));
  const response = await fetch(`${url}/state/1`);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/octet-stream']);
  const bytes = new Uint8Array(await response.arrayBuffer());
  expect(fromBytes(bytes)).toEqual(ema.snapshot());
  const head = await fetch(`${url}/state/1`, { method: 'HEAD' });
  expect([head.headers.get('content-length'), await head.text()]).toEqual([`${bytes.length}`, '']);
  expect(await ask('/state/7')).toMatchObject({
    status: 404,
    text: 'partition 7 is not restored by this worker, which has 0-1\n',
  });
});

it('says which paths there are, and takes no other method than GET and HEAD', async () => {
  const { ask } = await serving(aState());
  for (const path of ['/', '/state', '/state/', '/state/x', '/state/-1', '/state/1/2', '/metrics/x']) {
    expect(await ask(path)).toMatchObject({
      status: 404,
      text: 'there are /metrics, /healthz, /readyz, /state/PARTITION\n',
    });
  }
  const { status, headers } = await ask('/metrics', { method: 'POST', body: 'x' });
  expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  expect(await ask('/healthz?verbose', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
});

it('says what went wrong with a request, and goes on', async () => {
  const { ask } = await serving(
    aState({
      snapshot() {
        throw new SmoothingError('SNAPSHOT_VERSION', 'snapshot must be one, got none');
      },
    }),
  );
  expect(await ask('/state/0')).toMatchObject({ status: 500, text: 'snapshot must be one, got none\n' });
  expect(await ask('/healthz')).toMatchObject({ status: 200 });
});

it('answers its own machine alone: names that another site has resolve to it are refused', async () => {
  const { url } = await serving(aState());
  const { port } = new URL(url);
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`, 'localhost']) {
    expect(await asked(`${url}/metrics`, { host })).toBe(200);
  }
  for (const host of [`evil.example:${port}`, `127.0.0.1.evil.example:${port}`]) {
    expect(await asked(`${url}/metrics`, { host })).toBe(403);
  }
  expect(await asked(`${url}/metrics`, { origin: 'http://evil.example' })).toBe(403);
  expect(await asked(`${url}/state/0`, { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' })).toBe(403);
});

it('answers by any name where it listens for other machines', async () => {
  const { url } = await serving(aState(), '0.0.0.0');
  const { port } = new URL(url);
  expect(await asked(`http://127.0.0.1:${port}/readyz`, { host: `worker-0.workers.svc:${port}` })).toBe(200);
});

it('does not start on a port that is taken, nor at an address of another machine', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  onTestFinished(() => void taken.close());
  const { port } = taken.address() as AddressInfo;
  const refused = await WorkerServer.start('127.0.0.1', port, () => null).catch((error: unknown) => error);
  expect(refused).toMatchObject({
    code: 'PORT_UNAVAILABLE',
    message: expect.stringMatching(`^--metrics-port must be free on 127.0.0.1, got ${port}: .*EADDRINUSE`) as string,
  });
  const elsewhere = await WorkerServer.start('192.0.2.1', 0, () => null).catch((error: unknown) => error);
  expect(elsewhere).toMatchObject({ code: 'PORT_UNAVAILABLE' });
});
