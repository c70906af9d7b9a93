import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium as playwright, type Page } from 'playwright-core';
import { expect, it, onTestFinished } from 'vitest';
import { chromium, describeWith } from '../support/need.js';
import { ROOT } from '../support/workspace.js';

/** A real training run with its page on a port. */
async function training(port: number, seed: number, ...flags: string[]) {
  const out = join(tmpdir(), `rx-ema-page-${process.pid}`);
  const own = ['--backend', 'wasm', '--port', `${port}`, '--seed', `${seed}`, '--out', out, ...flags];
  const child = spawn(process.execPath, ['--import', 'tsx', 'train/main.ts', ...own], {
    cwd: join(ROOT, 'examples'),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  while (!text.includes('http://')) text += String((await once(child.stdout, 'data'))[0]);
  child.stdout.resume();
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  };
  return { address: `http://127.0.0.1:${port}/`, end };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** What a reader of the page sees. */
function reading(page: Page) {
  const text = (selector: string) => page.locator(selector).innerText();
  return {
    text,
    step: async () => Number((await text('[data-number=step]')).replaceAll(',', '')),
    /** Waits until the page shows a step beyond this one. */
    beyond: (step: number) =>
      page.waitForFunction((least) => {
        const shown = document.querySelector('[data-number=step]')!.textContent;
        return Number(shown.replaceAll(',', '')) > least;
      }, step),
    status: (state: string) => page.waitForSelector(`#status[data-state=${state}]`),
    pixels: (chart: string) =>
      page.locator(`#${chart} canvas`).evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL()),
    /** How many of a chart's pixels have just the color of a CSS variable. */
    painted: (chart: string, variable: string) =>
      page.locator(`#${chart} canvas`).evaluate((canvas, name) => {
        const { width, height } = canvas as HTMLCanvasElement;
        const context = (canvas as HTMLCanvasElement).getContext('2d')!;
        const { data } = context.getImageData(0, 0, width, height);
        const hex = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
        const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
        let count = 0;
        for (let i = 0; i < data.length; i += 4) {
          if (data[i] === r && data[i + 1] === g && data[i + 2] === b) count++;
        }
        return count;
      }, variable),
  };
}

describeWith(chromium, 'the page in Chromium', (executablePath) => {
  async function open(address: string) {
    const browser = await playwright.launch({ executablePath, args: ['--no-sandbox'] });
    onTestFinished(() => browser.close());
    const page = await browser.newPage({ viewport: { width: 1100, height: 800 }, colorScheme: 'light' });
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    await page.goto(address);
    return { page, errors, ...reading(page) };
  }

  it('shows both charts grow while a model trains', async () => {
    const { address } = await training(await freePort(), 1, '--epochs', '5000');
    const { page, errors, beyond, painted, pixels, step, text, status } = await open(address);
    await status('live');
    await beyond(300);
    for (const [chart, colors] of [
      ['loss', ['--training']],
      ['accuracy', ['--training', '--raw', '--ema']],
    ] as const) {
      for (const color of colors) expect(await painted(chart, color)).toBeGreaterThan(50);
    }
    const before = [await pixels('loss'), await pixels('accuracy')];
    const loss = Number(await text('[data-number=loss]'));
    await beyond(Math.max(800, (await step()) + 100)); // the run does not wait for pictures to be taken
    expect(await pixels('loss')).not.toBe(before[0]);
    expect(await pixels('accuracy')).not.toBe(before[1]);
    expect(Number(await text('[data-number=loss]'))).toBeLessThan(loss);
    expect(await text('[data-number=ema]')).toMatch(/^\d+\.\d %$/);
    expect(await text('[data-series=lossCorrected] b')).toMatch(/^\d\.\d{3}$/);

    await page.emulateMedia({ colorScheme: 'dark' });
    await beyond((await step()) + 100);
    expect(await painted('loss', '--training')).toBeGreaterThan(50);
    expect(errors).toEqual([]);
  });

  it("leaves a reader's zoom alone while points arrive, until asked for the whole run", async () => {
    const { address } = await training(await freePort(), 1, '--epochs', '5000');
    const { page, beyond, pixels, step } = await open(address);
    await beyond(400);
    const { x, y, width, height } = (await page.locator('#loss .u-over').boundingBox())!;
    await page.mouse.move(x + width * 0.2, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + width * 0.5, y + height / 2, { steps: 4 });
    await page.mouse.up();
    await page.mouse.move(5, 5);
    await page.waitForSelector('#follow:not([hidden])');
    const zoomed = await pixels('loss');
    await beyond((await step()) + 200);
    expect(await pixels('loss')).toBe(zoomed);
    await page.click('#follow');
    await page.waitForSelector('#follow[hidden]', { state: 'attached' });
    await beyond((await step()) + 50);
    expect(await pixels('loss')).not.toBe(zoomed);
  });

  it('survives a restart of the server, and shows the new run', async () => {
    const port = await freePort();
    const first = await training(port, 1, '--epochs', '5000');
    const { page, beyond, status, step, text } = await open(first.address);
    await beyond(1500);
    await page.evaluate(() => Object.assign(window, { stillTheSamePage: true }));
    await first.end('SIGKILL');
    await status('reconnecting');
    expect(await step()).toBeGreaterThan(1500); // what was seen stays

    const second = await training(port, 2, '--epochs', '5000');
    await status('live');
    await page.waitForFunction(() => document.querySelector('#about')!.textContent.includes('seed 2'));
    await beyond(100);
    expect(await step()).toBeLessThan(1500);
    expect(await page.evaluate(() => 'stillTheSamePage' in window)).toBe(true);

    await second.end('SIGINT');
    await status('stopped');
    expect(await text('#status')).toBe('Stopped');
    await training(port, 3, '--epochs', '1', '--stay'); // or it ends before the page has looked again
    await page.waitForFunction(() => document.querySelector('#about')!.textContent.includes('seed 3'));
    await status('finished');
    expect(await step()).toBe(75);
  });
});
