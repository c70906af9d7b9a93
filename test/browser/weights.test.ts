import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { chromium as playwright, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle } from '../support/bundle.js';
import { chromium, describeWith } from '../support/need.js';
import { ROOT } from '../support/workspace.js';
import type * as Calls from './weightsPage.js';

const WASM = join(ROOT, 'node_modules/@tensorflow/tfjs-backend-wasm/dist');
/** WebGL by the CPU: what a machine without a GPU has. */
const SOFTWARE_GL = ['--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'];

/** A page that has the calls of `weightsPage.ts`, on a port of this machine. */
async function served() {
  const { code } = await bundle("export * from './test/browser/weightsPage.js';", ROOT);
  const html = '<script type="module">import * as calls from "/page.js"; globalThis.calls = calls;</script>';
  const server = createServer(({ url = '' }, response) => {
    const [type, body] = url.endsWith('.wasm')
      ? ['application/wasm', readFileSync(join(WASM, url))]
      : url === '/page.js'
        ? ['text/javascript', code]
        : ['text/html', html];
    response.setHeader('content-type', type).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

describeWith(chromium, 'model weights in Chromium', (executablePath) => {
  let browser: Browser;
  let page: Page;
  let server: Awaited<ReturnType<typeof served>>['server'];
  const errors: string[] = [];

  beforeAll(async () => {
    browser = await playwright.launch({ executablePath, args: ['--no-sandbox', ...SOFTWARE_GL] });
    page = await browser.newPage();
    page.on('pageerror', (error) => errors.push(error.message));
    const site = await served();
    server = site.server;
    await page.goto(site.address);
    await page.waitForFunction(() => 'calls' in globalThis);
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  type Call = keyof typeof Calls;
  const call = <C extends Call>(name: C, ...given: Parameters<(typeof Calls)[C]>) =>
    page.evaluate(
      ([name, given]) =>
        (globalThis as unknown as { calls: Record<string, (...given: unknown[]) => unknown> }).calls[name]!(...given),
      [name, given] as const,
    ) as Promise<Awaited<ReturnType<(typeof Calls)[C]>>>;

  describe.each([
    ['webgl, small tensors where tfjs likes', 'webgl', true],
    ['webgl, all on the GPU', 'webgl', false],
    ['wasm', 'wasm', true],
    ['cpu', 'cpu', true],
  ] as const)('%s', (_, backend, forwarding) => {
    // a GPU may round a product and its sum once; our kernel and JavaScript round as the twin does
    const tolerance = backend === 'webgl' ? 2 ** -22 : 0;
    const options = [{}, { compensated: true }, { emit: 'copy' }] as const;

    beforeAll(async () => {
      const got = await call('use', backend, forwarding);
      if (backend === 'webgl') expect(got).toEqual({ version: 2, float32: true });
    });
    afterAll(() => expect(errors).toEqual([]));

    const ways = forwarding ? (['small', 'large'] as const) : (['by ops alone'] as const);
    describe.each(ways)('%s', (way) => {
      it.each([false, true])("moves as the kernel's twin does, whatever is not finite (two-term: %s)", async (two) => {
        expect(await call('moves', way, two, tolerance, 9)).toBeNull();
        expect(await call('propagates', way, tolerance)).toEqual([]);
      });

      it('two-term: what rounding would take stays (maths M10)', async () => {
        expect(await call('crawls', way, true, 300)).toBeLessThan(1e-7);
        expect(await call('crawls', way, false, 300)).toBeGreaterThan(1e-6);
      });
    });

    it.each(options)('%o: weights of every rank, empty ones, holes, integers averaged and copied', async (given) => {
      const { out, again, refused, updates } = await call('averaged', given);
      expect(out).toEqual({
        kernel: ['float32', [30, 100], 2.5, 4, 2.5], // 4, 8, 2, 2, 2; and 6, 2
        bias: ['float32', [2], 2.5, 4],
        scale: ['float32', [], 2.5],
        deep: ['float32', [1, 2, 2, 2, 2, 4], 2.5, 2.5, 2.5],
        nothing: ['float32', [0, 3]],
        count: ['int32', [], 2],
        total: ['float32', [300], 2.5, 2.5, 2.5],
        mask: ['bool', [2], 1, 0],
      });
      expect(again).toEqual(out);
      expect([refused, updates]).toEqual([4, 4]);
    });

    it('a swap shows the averages, and restores the own weights to the bit and to the byte', async () => {
      const { own, inside, restored, next, before, after } = await call('swapped');
      expect(inside).toMatchObject({ kernel: ['float32', [30, 100], 6, 6, 6], bias: ['float32', [2], 6, 6] });
      expect(inside).toMatchObject({ scale: ['float32', [], 6], count: ['int32', [], 8], total: own['total'] });
      expect(restored).toEqual(own);
      expect(next).toMatchObject({ kernel: ['float32', [30, 100], 7, 7, 7], scale: ['float32', [], 7] });
      expect(after).toEqual(before);
    });

    it.each([
      [{}, false, false],
      [{ compensated: true }, true, false],
      [{ emit: 'copy' }, false, true],
    ] as const)(
      '%o (corrected: %s, failing: %s): tensors and bytes, the GPU’s too, stay as they are and end with the stream',
      async (given, corrected, failing) => {
        const { before, early, late, after } = await call('memory', given, corrected, failing);
        expect(late).toEqual(early);
        expect(late.tensors).toBeGreaterThan(before.tensors);
        expect(after).toEqual(before);
      },
    );

    if (backend !== 'webgl') return;
    it.each(options)('%o: an update reads nothing back; only who asks how many were refused waits', async (given) => {
      const { updates, refused, count } = await call('reads', given);
      expect(updates).toBe(0);
      expect(refused).toBeGreaterThan(0);
      expect(count).toBe(2 + 3067); // two holes; then all floats but those of the empty weight
    });
  });

  it.each([
    ['webgl', 'wasm'],
    ['wasm', 'webgl'],
    ['cpu', 'webgl'],
    ['webgl', 'cpu'],
  ])('a run that goes from %s to %s in between keeps averages and counts', async (first, second) => {
    const { out, refused, left } = await call('moved', first, second);
    expect(out).toMatchObject({ kernel: ['float32', [30, 100], 7, 6, 7], bias: ['float32', [2], 7, 6] });
    expect(out).toMatchObject({ scale: ['float32', [], 7], count: ['int32', [], 8] });
    expect([refused, left]).toEqual([2, 0]);
  });
});
