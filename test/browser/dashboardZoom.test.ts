import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { chromium, describeWith } from '../support/need.js';
import { chart, falling, openDashboard, pointsOf } from './dashboardPage.js';

const RUNS = { a: { loss: falling(1001, 1) } };

/** What the address says that a chart is zoomed to, by axis. */
async function zoom(page: Page, tag = 'loss'): Promise<{ x?: number[]; y?: number[] }> {
  await page.waitForTimeout(300); // the address follows a little later
  const hash = new URLSearchParams((await page.evaluate(() => location.hash)).slice(1));
  const words = (hash.get(`chart.${tag}`) ?? '').split(';').map((word) => word.split(':'));
  return Object.fromEntries(
    words.flatMap(([key, value]) => (key === 'x' || key === 'y' ? [[key, value!.split(',').map(Number)]] : [])),
  );
}

async function drag(
  page: Page,
  from: readonly [number, number],
  to: readonly [number, number],
  button: 'left' | 'right' = 'left',
) {
  await page.mouse.move(...from);
  await page.mouse.down({ button });
  await page.mouse.move((from[0] + to[0]) / 2, (from[1] + to[1]) / 2);
  await page.mouse.move(...to);
  await page.mouse.up({ button });
}

describeWith(chromium, 'zooming on the dashboard', (path) => {
  it('fits what comes until somebody zooms, says so, and fits again after a double click', async () => {
    const { page, errors, has, point$ } = await openDashboard(path, pointsOf(RUNS));
    await has(1001);
    const loss = chart(page, 'loss');
    const said = () => loss.card.locator('.chip.fit').allInnerTexts();
    expect(await page.locator('.status').innerText()).toContain('fits all until you zoom');
    expect(await said()).toEqual([]);
    const label = () => loss.card.locator('.plot').getAttribute('aria-label');
    await expect.poll(label).toContain('to step 1,000');

    await drag(page, await loss.at(0.25, 0.5), await loss.at(0.5, 0.5));
    expect((await said()).map((text) => text.trim())).toEqual(['zoomed: double click resets']);
    const { x, y } = await zoom(page);
    expect(x).toEqual([expect.closeTo(250, -1), expect.closeTo(500, -1)]);
    expect(y).toBeUndefined();

    await page.mouse.move(5, 5);
    await page.waitForTimeout(300);
    const zoomed = await loss.pixels();
    point$.next([{ run: 'a', step: 2000, atMs: 1.7e12, values: { loss: 1 } }]);
    await has(1002);
    await expect.poll(label).toContain('to step 2,000');
    await page.waitForTimeout(200);
    expect(await loss.pixels()).toBe(zoomed);

    await page.mouse.dblclick(...(await loss.at(0.5, 0.5)));
    await expect.poll(said).toEqual([]);
    expect(await zoom(page)).toEqual({});
    await expect.poll(() => loss.pixels()).not.toBe(zoomed);
    expect(errors).toEqual([]);
  });

  it('zooms y by a drag upwards, and both by a box', async () => {
    const { page, has } = await openDashboard(path, pointsOf(RUNS));
    await has(1001);
    const loss = chart(page, 'loss');
    await drag(page, await loss.at(0.5, 0.2), await loss.at(0.5, 0.6));
    expect(Object.keys(await zoom(page))).toEqual(['y']);
    await page.mouse.dblclick(...(await loss.at(0.5, 0.5)));
    await drag(page, await loss.at(0.2, 0.2), await loss.at(0.7, 0.8));
    const { x, y } = await zoom(page);
    expect(x).toEqual([expect.closeTo(200, -1), expect.closeTo(700, -1)]);
    expect(y![1]! - y![0]!).toBeGreaterThan(1);
  });

  it('zooms by wheel at the pointer, moves by shift and drag, and leaves a wheel alone to the page', async () => {
    const { page, has } = await openDashboard(path, pointsOf(RUNS));
    await has(1001);
    const loss = chart(page, 'loss');
    await page.mouse.move(...(await loss.at(0.5, 0.5)));
    await page.mouse.wheel(0, -200);
    expect(await zoom(page)).toEqual({});
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -200);
    await page.keyboard.up('Control');
    const near = (await zoom(page)).x!;
    expect(near[1]! - near[0]!).toBeLessThan(800);
    expect((near[0]! + near[1]!) / 2).toBeCloseTo(500, -1);

    await page.keyboard.down('Shift');
    await drag(page, await loss.at(0.5, 0.5), await loss.at(0.25, 0.5));
    await page.keyboard.up('Shift');
    const moved = (await zoom(page)).x!;
    expect(moved[1]! - moved[0]!).toBeCloseTo(near[1]! - near[0]!, 5);
    expect(moved[0]! - near[0]!).toBeCloseTo((near[1]! - near[0]!) / 4, -1);
    await drag(page, await loss.at(0.5, 0.5), await loss.at(0.75, 0.5), 'right');
    expect((await zoom(page)).x![0]).toBeCloseTo(near[0]!, -1);
  });

  it('has logarithmic axes, for all or one, and says what they leave out', async () => {
    const values = Array.from({ length: 500 }, (_, i) => (i % 100 === 0 ? -1 : 1000 / (1 + i)));
    const { page, has, errors } = await openDashboard(path, pointsOf({ a: { loss: values, other: values } }));
    await has(1000);
    const loss = chart(page, 'loss');
    await loss.paints('#0072b2');
    const linear = await loss.pixels();
    await page.getByRole('button', { name: 'Logarithmic y' }).click();
    const notes = () => loss.card.locator('.notes').innerText();
    await expect.poll(notes).toContain('5 values ≤ 0 left out');
    await loss.paints('#0072b2');
    await expect.poll(() => loss.pixels()).not.toBe(linear);
    await page.getByRole('button', { name: 'Logarithmic x' }).click();
    await loss.paints('#0072b2');
    await expect.poll(() => loss.card.locator('.plot').getAttribute('aria-label')).toContain('to step 499');

    await page.getByRole('button', { name: 'Settings of other' }).click();
    await page.getByRole('button', { name: 'Log y', exact: true }).click();
    await page.keyboard.press('Escape');
    await expect.poll(() => chart(page, 'other').card.locator('.notes').innerText()).toBe('');
    await expect.poll(notes).toContain('4 values'); // step 0 has no place on x either
    expect(errors).toEqual([]);
  });

  it('has steps, time since the start or time of day along x', async () => {
    const { page, has, errors } = await openDashboard(path, pointsOf(RUNS, new Date(2026, 1, 3, 12).getTime()));
    await has(1001);
    const label = () => chart(page, 'loss').card.locator('.plot').getAttribute('aria-label');
    await expect.poll(label).toContain('step 0 to step 1,000');
    await page.getByRole('button', { name: 'Relative' }).click();
    await expect.poll(label).toContain('after 0 s to after 16m 40s');
    await page.getByRole('button', { name: 'Wall' }).click();
    await expect.poll(label).toContain('3 Feb 12:00 to 3 Feb 12:16');
    expect(await page.getByRole('button', { name: 'Logarithmic x' }).isDisabled()).toBe(true);
    await chart(page, 'loss').paints('#0072b2');
    expect(errors).toEqual([]);
  });

  it('says all of this in its help', async () => {
    const { page } = await openDashboard(path, []);
    await page.waitForSelector('.empty');
    await page.keyboard.press('?');
    const help = page.getByRole('dialog', { name: 'Help' });
    for (const word of ['Drag', 'Double click', 'wheel', 'Shift + drag', 'Enter', 'Escape']) {
      expect(await help.innerText()).toContain(word);
    }
    await page.keyboard.press('Escape');
    expect(await help.isVisible()).toBe(false);
  });
});
