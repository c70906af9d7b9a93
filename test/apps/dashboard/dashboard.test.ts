import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { EMPTY, interval, map, NEVER, Observable, of, Subject, tap, throwError } from 'rxjs';
import { dashboard, type Dashboard, type DashboardOptions } from 'rx-ema/dashboard';
import { fromFit, fromTfevents, type FitStep, type Scalar } from 'rx-ema/sources';
import { describe, expect, it, onTestFinished } from 'vitest';
import { refusalFrom } from '../../refusal.js';
import { tf, use } from '../../support/backends.js';
import { PageReader } from '../../support/dashboardReader.js';
import { ended } from '../../support/program.js';
import { ROOT } from '../../support/workspace.js';

async function open(stream$: Parameters<typeof dashboard>[0], options: DashboardOptions = { port: 0 }) {
  const board = await dashboard(stream$, options);
  onTestFinished(() => board.close());
  return board;
}

function pageOf({ url }: Pick<Dashboard, 'url'>): PageReader {
  const page = new PageReader(url);
  void page.follow();
  onTestFinished(() => page.stop());
  return page;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(5);
}

/** Takes a port until the test ends. */
async function taken(port: number): Promise<Server | null> {
  const server = createServer();
  const error = await new Promise((resolve) => {
    server.once('error', resolve);
    server.listen(port, '127.0.0.1', () => resolve(null));
  });
  onTestFinished(() => void server.close());
  return error === null ? server : null;
}

const losses = (page: PageReader) => page.reader.curves['run loss']?.map(([step, , loss]) => [step, loss]);

describe('dashboard', () => {
  it('shows what a stream has brought and brings, one by one or together, to whoever comes', async () => {
    const values = new Subject<object>();
    const board = await open(values, { port: 0, title: 'my run' });
    values.next({ step: 1, loss: 0.5 });
    const first = pageOf(board);
    values.next([
      { step: 2, loss: 0.25 },
      { epoch: 1, step: 3, atMs: 9, logs: { loss: 0.125 } },
    ]);
    const second = pageOf(board);
    for (const page of [first, second]) {
      await until(() => page.reader.sequence === 3);
      expect(losses(page)).toEqual([
        [1, 0.5],
        [2, 0.25],
        [3, 0.125],
      ]);
      expect(page.statuses.at(-1)).toMatchObject({ title: 'my run', ended: false, problems: [] });
    }
  });

  it('shows a training of tfjs, each step of it', async () => {
    await use('cpu');
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError', metrics: ['mse'] });
    const [xs, ys] = [tf.ones([6, 1]), tf.zeros([6, 1])];
    const steps: FitStep[] = [];
    const training$ = fromFit(model, xs, ys, { epochs: 5, batchSize: 2 }).pipe(tap((step) => steps.push(step)));
    const board = await open(training$);
    await board.ended;
    const page = pageOf(board);
    await until(() => page.reader.sequence === 30);
    expect(losses(page)).toEqual(steps.map(({ step, logs }) => [step, logs.loss]));
    expect(page.reader.curves['run mse']!.map(([, atMs]) => atMs)).toEqual(steps.map(({ atMs }) => Math.round(atMs)));
  });

  it('shows what was logged for TensorBoard', async () => {
    const scalar$ = fromTfevents(join(ROOT, 'examples/data/run'));
    const scalars: Scalar[] = [];
    const board = await open(scalar$.pipe(tap((one) => scalars.push(one))));
    await board.ended;
    const page = pageOf(board);
    await until(() => page.reader.sequence === scalars.length);
    const tags = new Set(scalars.map(({ run, tag }) => `${run === '' ? 'run' : run} ${tag}`));
    expect(Object.keys(page.reader.curves).sort()).toEqual([...tags].sort());
    expect(scalars.length).toBeGreaterThan(100);
  });

  it('stays when the stream has completed, and the page says so', async () => {
    const board = await open(of({ loss: 1 }, { loss: 2 }));
    await board.ended;
    const page = pageOf(board);
    await until(() => page.statuses.at(-1)?.ended === true && page.reader.sequence === 2);
    expect(losses(page)).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  it('stays when the stream has failed, and the page says why; so does whoever waits for the end', async () => {
    const board = await open(throwError(() => new Error('out of\nmemory')));
    const page = pageOf(board);
    await until(() => page.statuses.at(-1)?.ended === true);
    expect(page.statuses.at(-1)).toMatchObject({ failure: 'out of', problems: [] });
    await expect(board.ended).rejects.toThrow('out of');
  });

  it('leaves out what it cannot show, says so, and goes on', async () => {
    const board = await open(
      of({ loss: 1 }, 'nonsense' as never, [{ loss: 2 }, { name: 'x' }, { loss: 3 }], { step: NaN, loss: 4 }),
    );
    const page = pageOf(board);
    await until(() => page.statuses.at(-1)?.problems.length === 3 && page.reader.sequence === 3);
    expect(losses(page)).toEqual([1, 2, 3].map((n) => [n, n]));
    const { problems } = page.statuses.at(-1)!;
    expect(problems).toEqual([
      expect.stringMatching(/must be .*, got 'nonsense'$/),
      expect.stringMatching(/must be .*, got \{ name \}$/),
      'step must be a finite number, got NaN',
    ]);
  });

  it('subscribes when there is a page, once, and unsubscribes when it is closed', async () => {
    const values = new Subject<number>();
    const board = await open(values);
    expect(values.observed).toBe(true);
    const closed = board.close();
    expect(values.observed).toBe(false);
    await Promise.all([closed, board.close(), board.ended]);
    await expect(fetch(board.url)).rejects.toThrow('fetch failed');
  });

  it('is closed though the stream throws when it is left, and says what', async () => {
    const board = await open(
      new Observable<number>(() => () => {
        throw new Error('the stream would not be left');
      }),
    );
    await expect(board.close()).rejects.toThrow('the stream would not be left');
    await expect(fetch(board.url)).rejects.toThrow();
    await board.close();
  });

  it('is closed by await using', async () => {
    let url = '';
    {
      await using board = await dashboard(NEVER, { port: 0 });
      url = board.url;
      expect((await fetch(url)).status).toBe(200);
    }
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });

  it('does not let a page that reads nothing hold up the stream', async () => {
    const board = await open(
      interval(0).pipe(map((i) => Array.from({ length: 1000 }, (_, k) => ({ step: 1000 * i + k, loss: k })))),
    );
    const deaf = await Promise.all(Array.from({ length: 20 }, async () => fetch(`${board.url}events`)));
    const page = pageOf(board);
    await until(() => page.reader.sequence > 50_000);
    expect(page.reader.curves['run loss']!.length).toBeGreaterThan(50_000);
    for (const { body } of deaf) await body!.cancel();
  });

  it.each([
    ['OPTION_VALUE', { port: -1 }],
    ['OPTION_VALUE', { port: 65_536 }],
    ['OPTION_VALUE', { port: 80.5 }],
    ['OPTION_VALUE', { port: '8080' }],
    ['OPTION_VALUE', { title: 7 }],
    ['OPTION_VALUE', null],
    ['OPTION_UNKNOWN', { prot: 8080 }],
  ] as const)('rejects with %s for %o, before anything else', async (code, options) => {
    const values = new Subject<number>();
    expect((await refusalFrom(dashboard(values, options as never))).code).toBe(code);
    expect(values.observed).toBe(false);
  });

  it('rejects what is no stream', async () => {
    await expect(dashboard(5 as never, { port: 0 })).rejects.toThrow('where a stream was expected');
  });
});

describe('the port of a dashboard', () => {
  it('that is asked for and taken is an error, and nothing is subscribed to', async () => {
    const { port } = (await taken(0))!.address() as AddressInfo;
    const values = new Subject<number>();
    const { code, message } = await refusalFrom(dashboard(values, { port }));
    expect([code, values.observed]).toEqual(['PORT_UNAVAILABLE', false]);
    expect(message).toMatch(`port must be free on 127.0.0.1, got ${port}: listen EADDRINUSE`);
  });

  it('that nobody asks for is 6362, or one behind it, or any', async () => {
    await taken(6362); // by us or by somebody else
    const next = await open(EMPTY, {});
    expect(next.port).toBeGreaterThan(6362);
    for (let port = 6363; port <= 6371; port++) if (port !== next.port) await taken(port);
    const other = await open(EMPTY, {});
    expect([6362, next.port]).not.toContain(other.port);
    expect(other.url).toBe(`http://127.0.0.1:${other.port}/`);
  });
});

/** A script of its own. */
function started(script: string): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], { cwd: ROOT });
}

describe('a process with a dashboard', () => {
  const begin = "import { of, throwError } from 'rxjs'; import { dashboard } from 'rx-ema/dashboard';";

  it('ends by itself once the dashboard is closed', async () => {
    const script = `${begin} const page = await dashboard(of(1, 2), { port: 0 });
      const stream = await fetch(page.url + 'events'); await page.close(); console.log('closed');`;
    expect(await ended(started(script))).toEqual({ code: 0, signal: null, stdout: 'closed\n', stderr: '' });
  });

  it('ends by itself when the port cannot be had', async () => {
    const { port } = (await taken(0))!.address() as AddressInfo;
    const script = `${begin} await dashboard(of(1), { port: ${port} }).catch(({ code }) => console.log(code));`;
    expect(await ended(started(script))).toEqual({ code: 0, signal: null, stdout: 'PORT_UNAVAILABLE\n', stderr: '' });
  });

  it('lives on when its stream has completed or failed, until it is told otherwise', async () => {
    const script = `${begin} await dashboard(throwError(() => new Error('no')), { port: 0 });
      const page = await dashboard(of(1), { port: 0 }); console.log(page.url);`;
    const child = started(script);
    onTestFinished(() => void child.kill('SIGKILL'));
    const [url] = (await once(child.stdout!, 'data')) as [Buffer];
    await sleep(300);
    expect((await fetch(String(url).trim())).status).toBe(200);
    expect(child.exitCode).toBeNull();
  });
});
