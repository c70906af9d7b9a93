import { expect, it } from 'vitest';
import { Ema } from 'rx-ema';
import { chromium, describeWith } from '../support/need.js';
import { chart, falling, openDashboard, pointsOf, tableIn, tooltip } from './dashboardPage.js';

const VALUES = { low: falling(201, 1, 1), high: falling(201, 2, 3), middle: falling(201, 3, 2) };
const RUNS = Object.fromEntries(Object.entries(VALUES).map(([run, loss]) => [run, { loss: loss.map(Math.fround) }]));
const DECAY = 2 ** (-1 / 10);

const number = (text: string): number => Number(text.replaceAll('−', '-').replaceAll(',', ''));

describeWith(chromium, 'the values at a place', (path) => {
  it('are in a table: each run with its raw value and the average the library gives', async () => {
    const { page, errors, has } = await openDashboard(path, pointsOf(RUNS));
    await has(603);
    const loss = chart(page, 'loss');
    await page.mouse.move(...(await loss.at(0.5, 0.5)));
    await expect.poll(async () => (await tooltip(page)).map(({ step }) => step)).toEqual(['100', '100', '100']);
    const rows = await tooltip(page);
    expect(await page.locator('.tooltip .place').innerText()).toBe('step 100');
    expect(rows.map(({ run }) => run)).toEqual(['high', 'low', 'middle']);
    for (const { run, raw, smooth } of rows) {
      const ema = new Ema({ decay: DECAY });
      const averages = RUNS[run!]!.loss.slice(0, 101).map((value) => ema.update(value, 'corrected'));
      expect(number(raw!)).toBeCloseTo(RUNS[run!]!.loss[100]!, 5);
      expect(number(smooth!)).toBeCloseTo(averages.at(-1)!, 5);
    }
    expect(await loss.card.locator('.dot:visible').count()).toBe(3);
    expect(errors).toEqual([]);
  });

  it('have the curve nearest to the pointer stand out', async () => {
    const { page, has } = await openDashboard(path, pointsOf(RUNS));
    await has(603);
    const loss = chart(page, 'loss');
    await loss.paints('#0072b2', 5);
    for (const [height, run] of [
      [0.95, 'high'],
      [0.02, 'low'],
    ] as const) {
      await page.mouse.move(...(await loss.at(0.4, height)));
      await expect.poll(() => page.locator('.tooltip tr.focus').getAttribute('data-run')).toBe(run);
    }
    await page.mouse.move(5, 400);
    await expect.poll(() => page.locator('.tooltip').count()).toBe(0);
    expect(await page.locator('.dot:visible').count()).toBe(0);
  });

  it('are sorted by a click on a column, where they are pinned by a click on the chart', async () => {
    const { page, has } = await openDashboard(path, pointsOf(RUNS));
    await has(603);
    const loss = chart(page, 'loss');
    await page.mouse.click(...(await loss.at(0.25, 0.5)));
    await page.waitForSelector('.pinned tbody tr');
    await page.mouse.move(5, 400);
    const order = async () => (await tableIn(page, '.pinned')).map(({ run }) => run);
    expect(await order()).toEqual(['high', 'low', 'middle']);
    await page.locator('.pinned').getByRole('button', { name: 'Smoothed' }).click();
    await expect.poll(() => order()).toEqual(['high', 'middle', 'low']);
    expect(await page.locator('.pinned th.of-smooth').getAttribute('aria-sort')).toBe('descending');
    await page.locator('.pinned').getByRole('button', { name: 'Smoothed' }).click();
    await expect.poll(() => order()).toEqual(['low', 'middle', 'high']);
    await page.mouse.move(...(await loss.at(0.7, 0.5)));
    expect((await tooltip(page)).map(({ run }) => run)).toEqual(['low', 'middle', 'high']);

    await page.mouse.click(...(await loss.at(0.7, 0.5)));
    await expect.poll(() => page.locator('.pinned').count()).toBe(2);
    expect(await page.locator('.pinned header b').allInnerTexts()).toEqual(['A', 'B']);
    expect(await loss.card.locator('.pin').allInnerTexts()).toEqual(['A', 'B']);
    await page.mouse.click(...(await loss.at(0.25, 0.5)));
    await expect.poll(() => page.locator('.pinned').count()).toBe(1);
    await page.getByRole('button', { name: 'Remove pin A' }).click();
    await expect.poll(() => page.locator('.pinned').count()).toBe(0);
  });

  it('are there for the keyboard alone', async () => {
    const { page, has } = await openDashboard(path, pointsOf(RUNS));
    await has(603);
    const plot = chart(page, 'loss').card.locator('.plot');
    await plot.focus();
    const step = async () => number((await tooltip(page))[0]!['step']!);
    await page.keyboard.press('End');
    await expect.poll(step).toBe(200);
    await page.keyboard.press('ArrowLeft');
    await expect.poll(step).toBe(198);
    await page.keyboard.press('Shift+ArrowLeft');
    await expect.poll(step).toBe(178);
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('.pinned').count()).toBe(1);
    await page.keyboard.press('Escape');
    expect(await page.locator('.tooltip').count()).toBe(0);
    expect(await page.locator('.pinned').count()).toBe(1);
    await page.keyboard.press('Escape');
    expect(await page.locator('.pinned').count()).toBe(0);
    await page.keyboard.press('+');
    await expect.poll(() => page.locator('.chip.fit').innerText()).toContain('zoomed');
    await page.keyboard.press('0');
    await expect.poll(() => page.locator('.chip.fit').count()).toBe(0);
  });

  it('stay up to date while points come', async () => {
    const { page, has, point$ } = await openDashboard(path, pointsOf(RUNS));
    await has(603);
    await page.mouse.move(...(await chart(page, 'loss').at(0.998, 0.5)));
    await expect.poll(async () => (await tooltip(page))[0]!['step']).toBe('200');
    point$.next([{ run: 'low', step: 300, atMs: 1.7e12, values: { loss: 7 } }]);
    await has(604);
    await page.mouse.move(...(await chart(page, 'loss').at(0.997, 0.5)));
    await expect.poll(async () => (await tooltip(page)).find(({ run }) => run === 'low')?.['raw']).toBe('7');
  });

  it('stand where they hide nothing of their chart, and are dimmed where a run has none there', async () => {
    const loss = { ended: falling(50, 1), first: falling(201, 2), second: falling(201, 3) };
    const runs = Object.fromEntries(
      Object.entries(loss).map(([run, values]) => [run, { loss: values, other: values }]),
    );
    const { page, has } = await openDashboard(path, pointsOf(runs));
    await has(904);
    for (const tag of ['loss', 'other']) {
      await page.mouse.move(...(await chart(page, tag).at(0.7, 0.5)));
      await page.waitForSelector(`.tooltip[data-tag="${tag}"] tbody tr`);
      await expect.poll(() => page.locator('.tooltip tr.away').count()).toBe(1);
      expect(await page.locator('.tooltip tr.away').getAttribute('data-run')).toBe('ended');
      const [table, plot] = await Promise.all(
        ['.tooltip', `.card[data-tag="${tag}"] .plot`].map(async (one) => (await page.locator(one).boundingBox())!),
      );
      expect(table!.y).toBeGreaterThanOrEqual(plot!.y + plot!.height);
      expect(await chart(page, tag).card.locator('.dot:visible').count()).toBe(2);
    }
    await page.mouse.move(...(await chart(page, 'loss').at(0.1, 0.5)));
    await expect.poll(() => page.locator('.tooltip tr.away').count()).toBe(0);
  });
});
