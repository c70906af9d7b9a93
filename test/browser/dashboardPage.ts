import { ReplaySubject } from 'rxjs';
import { chromium as playwright, type BrowserContextOptions, type Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { dashboard, type Dashboard, type MetricPoint } from 'rx-ema/dashboard';

/** A dashboard of points that the test sends, open in a browser. */
export interface OpenDashboard {
  readonly page: Page;
  readonly url: string;
  readonly served: Dashboard;
  readonly point$: ReplaySubject<readonly MetricPoint[]>;
  /** What the page reported as an error. */
  readonly errors: readonly string[];
  /** Waits until the page has as many points. */
  readonly has: (points: number) => Promise<void>;
  /** Another page of the same dashboard, at a hash. */
  readonly also: (hash: string, options?: BrowserContextOptions) => Promise<Page>;
}

/** Opens a dashboard in Chromium, with points in it, at a hash. */
export async function openDashboard(
  executablePath: string,
  points: readonly MetricPoint[],
  hash = '',
  options: BrowserContextOptions = {},
): Promise<OpenDashboard> {
  const point$ = new ReplaySubject<readonly MetricPoint[]>();
  if (points.length > 0) point$.next(points);
  const served = await dashboard(point$, { port: 0, title: 'a run' });
  onTestFinished(() => served.close());
  const browser = await playwright.launch({ executablePath, args: ['--no-sandbox'] });
  onTestFinished(() => browser.close());
  const errors: string[] = [];
  const open = async (at: string, own: BrowserContextOptions = {}): Promise<Page> => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, colorScheme: 'light', ...own });
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    await page.goto(`${served.url}${at}`);
    return page;
  };
  const page = await open(hash, options);
  const has = async (count: number): Promise<void> => {
    await page.waitForFunction((least) => {
      const shown = document.querySelector('.points')?.textContent ?? '';
      return Number(shown.replaceAll(/\D/g, '')) >= least;
    }, count);
  };
  return { page, url: served.url, served, point$, errors, has, also: open };
}

/** What a test sees of one chart. */
export function chart(page: Page, tag: string) {
  const card = page.locator(`.card[data-tag="${tag}"]`);
  const over = card.locator('.u-over');
  return {
    card,
    /** Where a place of the plot is on the page, in fractions from its lower left corner. */
    async at(x: number, y: number): Promise<readonly [number, number]> {
      const box = (await over.boundingBox())!;
      return [box.x + x * box.width, box.y + (1 - y) * box.height];
    },
    /** All of its canvas. */
    pixels: () => card.locator('canvas').evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL()),
    /** How many pixels have just this colour. */
    painted: (hex: string) => card.locator('canvas').evaluate(countPixels, hex),
    /** Waits until that many have. */
    async paints(hex: string, least = 20): Promise<void> {
      await card.locator('canvas').waitFor();
      for (let tries = 0; (await card.locator('canvas').evaluate(countPixels, hex)) < least; tries++) {
        if (tries === 100) throw new Error(`${tag} has no ${least} pixels of ${hex}`);
        await page.waitForTimeout(50);
      }
    },
  };
}

/** The table beside the cursor, as texts by column. */
export async function tooltip(page: Page): Promise<Record<string, string>[]> {
  await page.waitForSelector('.tooltip');
  return tableIn(page, '.tooltip');
}

/** A table of values as texts by column. */
export function tableIn(page: Page, selector: string): Promise<Record<string, string>[]> {
  return page.locator(`${selector} table`).evaluate((table) => {
    const heads = [...table.querySelectorAll('th')].map((th) => th.className.replace('of-', ''));
    return [...table.querySelectorAll('tbody tr')].map((tr) =>
      Object.fromEntries([...tr.querySelectorAll('td')].map((td, i) => [heads[i]!, td.textContent])),
    );
  });
}

function countPixels(canvas: Element, hex: string): number {
  const { width, height } = canvas as HTMLCanvasElement;
  const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height);
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  let count = 0;
  for (let i = 0; i < data.length; i += 4) {
    if (data[i] === r && data[i + 1] === g && data[i + 2] === b && data[i + 3] === 255) count++;
  }
  return count;
}

/** Points of runs at steps 0, 1, 2, …, a second apart. */
export function pointsOf(
  runs: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>,
  startMs = 1_700_000_000_000,
): MetricPoint[] {
  return Object.entries(runs).flatMap(([run, metrics]) => {
    const length = Math.max(...Object.values(metrics).map((values) => values.length));
    return Array.from({ length }, (_, step) => ({
      run,
      step,
      atMs: startMs + step * 1000,
      values: Object.fromEntries(
        Object.entries(metrics).flatMap(([tag, values]) => (step < values.length ? [[tag, values[step]!]] : [])),
      ),
    }));
  });
}

/** Noise around a line that falls, the same each time. */
export function falling(length: number, seed: number, from = 3, noise = 0.4): number[] {
  let state = seed * 9301 + 49_297;
  return Array.from({ length }, (_, i) => {
    state = (state * 16_807) % 2_147_483_647;
    return from * Math.exp((-2 * i) / length) + noise * (state / 2_147_483_647 - 0.5);
  });
}
