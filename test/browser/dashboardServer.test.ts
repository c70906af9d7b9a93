import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type ServerResponse } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { chromium as playwright, type Browser } from 'playwright-core';
import { expect, it, onTestFinished } from 'vitest';
import { emptyFolder } from '../support/emptyFolder.js';
import { chromium, describeWith } from '../support/need.js';
import { programOf } from '../support/program.js';
import { ROOT } from '../support/workspace.js';
import { hookedPage } from './workerHook.js';

const MB = 1e6;

/** `rx-ema watch` in a folder, until it is killed. */
async function watching(folder: string, port: number) {
  const main = join(ROOT, 'dist/cli/main.js');
  const child = spawn(process.execPath, [main, 'watch', folder, '--port', `${port}`]);
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return async (signal: NodeJS.Signals) => {
    child.kill(signal);
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `${from + i},${(from + i) / 4},${-from - i}\n`).join('');
const rows = (run: string, from: number, to: number) =>
  ['loss', 'acc'].flatMap((tag) =>
    Array.from(
      { length: to - from },
      (_, i) => `${run},${tag},${from + i},${tag === 'loss' ? (from + i) / 4 : -from - i}`,
    ),
  );

/**
 * A tab in a browser that nobody watches: what tests drive keeps all that it has fetched, to be looked at. Its reading is
 * what the tab's process keeps in memory of its own, the mapped program aside, in bytes.
 */
function unwatchedTab(executablePath: string, url: string): () => number {
  const profile = emptyFolder();
  const flags = ['--headless=new', '--no-sandbox', '--window-size=1280,900', `--user-data-dir=${profile}`];
  const browser = spawn(executablePath, [...flags, url], { stdio: 'ignore' });
  onTestFinished(async () => {
    browser.kill('SIGKILL');
    await once(browser, 'exit');
  });
  return () => Math.max(0, ...processesOf(profile).map(ownMemory));
}

/** Processes of pages of the browser with this profile. */
function processesOf(profile: string): string[] {
  return readdirSync('/proc').filter((id) => {
    if (!/^\d+$/.test(id)) return false;
    const command = textOf(`/proc/${id}/cmdline`);
    return command.includes('--type=renderer') && command.includes(profile);
  });
}

function ownMemory(id: string): number {
  const status = textOf(`/proc/${id}/status`);
  const kB = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0);
  return 1024 * (kB('RssAnon') + kB('RssShmem'));
}

/** '' of a process that has gone. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

describeWith(chromium, 'the dashboard’s server and Chromium', (executablePath) => {
  async function launched(): Promise<Browser> {
    const browser = await playwright.launch({ executablePath, args: ['--no-sandbox'] });
    onTestFinished(() => browser.close());
    return browser;
  }

  it('a page that stays open while the server is killed and started again has everything once, again and again', async () => {
    const [browser, folder, port] = [await launched(), emptyFolder(), await freePort()];
    const [a, b] = [join(folder, 'a.csv'), join(folder, 'b.csv')];
    writeFileSync(a, `step,loss,acc\n${lines(0, 3000)}`);
    let stop = await watching(folder, port);
    const page = await hookedPage(browser, `http://127.0.0.1:${port}/`);
    await page.has(6000);
    let written = 3000;
    for (const signal of ['SIGKILL', 'SIGINT', 'SIGKILL'] as const) {
      const before = await page.sessions();
      appendFileSync(a, lines(written, written + 500)); // it may have been told of some of these
      await stop(signal);
      await page.disconnected();
      expect((await page.curves()).length).toBe(before.length === 1 ? 2 : 4); // what was seen stays
      appendFileSync(a, lines(written + 500, written + 1000));
      if (before.length === 1) writeFileSync(b, `step,loss,acc\n${lines(0, 10)}`);
      stop = await watching(folder, port);
      appendFileSync(a, lines(written + 1000, written + 1500));
      written += 1500;
      await page.has(2 * written + 20, before);
    }
    expect((await page.rows()).sort()).toEqual([...rows('a', 0, written), ...rows('b', 0, 10)].sort());
    expect(await page.sessions()).toHaveLength(4);
  });

  it('a page finds the server again though somebody else has answered on its port meanwhile', async () => {
    const [browser, folder, port] = [await launched(), emptyFolder(), await freePort()];
    writeFileSync(join(folder, 'a.csv'), `step,loss,acc\n${lines(0, 10)}`);
    const stop = await watching(folder, port);
    const page = await hookedPage(browser, `http://127.0.0.1:${port}/`);
    await page.has(20);
    const before = await page.sessions();
    await stop('SIGKILL');
    const other = createHttpServer((_, response) => response.writeHead(404).end());
    other.listen(port, '127.0.0.1');
    const [, response] = (await once(other, 'request')) as [unknown, ServerResponse];
    if (!response.writableFinished) await once(response, 'finish');
    other.closeAllConnections();
    await new Promise((resolve) => other.close(resolve));
    await watching(folder, port);
    await page.has(20, before);
    expect(await page.sessions()).toHaveLength(2);
  });

  it('a page whose request for points has failed asks again, though nothing new comes', async () => {
    const [browser, folder, port] = [await launched(), emptyFolder(), await freePort()];
    writeFileSync(join(folder, 'a.csv'), `step,loss,acc\n${lines(0, 10)}`);
    await watching(folder, port);
    const context = await browser.newContext();
    let failed = 0;
    await context.route('**/points', (route) => (failed++ < 2 ? route.abort() : route.continue()));
    const page = await hookedPage(context, `http://127.0.0.1:${port}/`);
    await page.has(20);
    expect(failed).toBeGreaterThan(2);
    await context.close();
  });

  it('eight tabs of one browser show all that comes, also when those that were first are closed', async () => {
    const [browser, folder, port] = [await launched(), emptyFolder(), await freePort()];
    const context = await browser.newContext();
    const log = join(folder, 'a.csv');
    writeFileSync(log, `step,loss,acc\n${lines(0, 10)}`);
    const stop = await watching(folder, port);
    const pages = [];
    for (let n = 0; n < 8; n++) {
      pages.push(await hookedPage(context, `http://127.0.0.1:${port}/`));
      await pages.at(-1)!.has(20);
    }
    appendFileSync(log, lines(10, 20));
    for (const page of pages) await page.has(40);
    for (const { page } of pages.splice(0, 3)) await page.close();
    appendFileSync(log, lines(20, 30));
    for (const page of pages) await page.has(60);
    await stop('SIGINT');
    for (const page of pages) await page.disconnected();
    expect((await pages.at(-1)!.rows()).sort()).toEqual(rows('a', 0, 30).sort());
  });

  it('a tab of 10 runs of 20 metrics of 100 000 points takes less than 500 MB', async () => {
    const program = await programOf('test/support/dashboardRun.ts');
    onTestFinished(() => program.remove());
    const child = program.start(['[10,20,100000,false]']);
    onTestFinished(() => void child.kill('SIGKILL'));
    const [url] = (await once(child.stdout!, 'data')) as [Buffer];
    child.stdout!.resume();
    const held = unwatchedTab(executablePath, String(url).trim());
    const readings: number[] = [];
    const isSteady = () => Math.max(...readings.slice(-8)) - Math.min(...readings.slice(-8)) < 4 * MB;
    const values = 2e7 * Float32Array.BYTES_PER_ELEMENT; // less than these can't be all
    while (readings.length < 8 || readings.at(-1)! < values || !isSteady()) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      readings.push(held());
    }
    const most = Math.max(...readings.slice(-8));
    console.log(`a tab of 2·10⁷ points: ${Math.round(most / MB)} MB`);
    expect(most).toBeLessThan(500 * MB);
  });
});
