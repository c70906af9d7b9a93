import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Ask, CurveInfo, Tell } from '../../src/apps/dashboard/page/contract.js';

interface Hooked {
  worker: Worker;
  curves: readonly CurveInfo[];
  connected: boolean;
  sessions: string[];
}

/** A page of a dashboard, seen through what its worker and it say to each other, whatever the page makes of it. */
export async function hookedPage(browser: Browser | BrowserContext, url: string) {
  const page = await browser.newPage();
  await page.addInitScript(hook);
  await page.goto(url);
  return {
    page,
    /** Waits until the worker has so many points of a session that none of these is. */
    has: async (points: number, otherThan: readonly string[] = []): Promise<void> => {
      await page.waitForFunction(
        ([count, past]) => {
          const { curves, sessions } = globalThis as unknown as Hooked;
          const isNew = sessions.length > 0 && !past.includes(sessions.at(-1)!);
          return isNew && curves.reduce((sum, one) => sum + one.count, 0) === count;
        },
        [points, otherThan] as const,
        { timeout: 60_000 },
      );
    },
    curves: () => page.evaluate(() => (globalThis as unknown as Hooked).curves),
    /** Of the servers that the page has known. */
    sessions: () => page.evaluate(() => (globalThis as unknown as Hooked).sessions),
    disconnected: () => page.waitForFunction(() => !(globalThis as unknown as Hooked).connected),
    rows: () => rowsIn(page),
  };
}

/** Runs in the page, before anything of its own. */
function hook(): void {
  const hooked = globalThis as unknown as Hooked;
  Object.assign(hooked, { curves: [], sessions: [], connected: false });
  globalThis.Worker = class extends Worker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      hooked.worker = this;
      this.addEventListener('message', ({ data }: MessageEvent<Tell>) => {
        if (data.tell === 'curves') hooked.curves = data.curves;
        if (data.tell !== 'status') return;
        hooked.connected = data.connected;
        if (hooked.sessions.at(-1) !== data.status.session) hooked.sessions.push(data.status.session);
      });
    }
  };
}

/** All points that the worker has, as it exports them: `run,metric,step,value`. */
function rowsIn(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const { worker, curves } = globalThis as unknown as Hooked;
    const file = await new Promise<Blob>((resolve, reject) => {
      worker.addEventListener('message', ({ data }: MessageEvent<Tell>) => {
        if (data.tell === 'exported') resolve(data.file);
        if (data.tell === 'failed') reject(new Error(data.why));
      });
      const smoothing = { decay: 0, corrected: true, band: false };
      const asked = curves.map(({ curve, run }) => ({ curve, run, smoothing }));
      worker.postMessage({ ask: 'export', format: 'csv', curves: asked } satisfies Ask);
    });
    const [, ...lines] = (await file.text()).trimEnd().split('\n');
    return lines.map((line) => {
      const [run, metric, step, , value] = line.split(',');
      return [run, metric, step, value].join();
    });
  });
}
