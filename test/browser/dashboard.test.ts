import { of } from 'rxjs';
import { expect, it, onTestFinished } from 'vitest';
import { dashboard } from 'rx-ema/dashboard';
import { chromium, describeWith } from '../support/need.js';
import { chart, falling, openDashboard, pointsOf } from './dashboardPage.js';

const BLUE = '#0072b2';
const VERMILION = '#d55e00';
const HOSTILE = '<img src=x onerror="window.hacked = true">';

describeWith(chromium, 'the dashboard in Chromium', (path) => {
  it('groups charts by prefix, draws each run in its colour, and folds groups', async () => {
    const metrics = { 'train/loss': falling(300, 1), 'val/loss': falling(300, 2), lr: falling(300, 3) };
    const { page, errors, has } = await openDashboard(path, pointsOf({ first: metrics, second: metrics }));
    await has(1800);
    expect(await page.locator('.group > h2 .name').allInnerTexts()).toEqual(['Metrics', 'train', 'val']);
    expect(await page.locator('.card').count()).toBe(3);
    const loss = chart(page, 'train/loss');
    await loss.paints(VERMILION, 50); // drawn later than the first run, which lies under it
    expect(await loss.painted(BLUE)).toBeLessThan(await loss.painted(VERMILION));

    await page.getByRole('button', { name: /^train/ }).click();
    await expect.poll(() => page.locator('.card').count()).toBe(2);
    expect(await page.getByRole('button', { name: /^train/ }).getAttribute('aria-expanded')).toBe('false');
    expect(errors).toEqual([]);
  });

  it('hides, solos, recolours and renames runs', async () => {
    const runs = { first: { loss: falling(200, 1, 3, 0) }, second: { loss: falling(200, 1, 2, 0) } };
    const { page, has } = await openDashboard(path, pointsOf(runs), '#smooth=half-life:0');
    await has(400);
    const loss = chart(page, 'loss');
    await loss.paints(BLUE);
    await loss.paints(VERMILION);

    await page.getByRole('checkbox', { name: 'second' }).uncheck();
    await expect.poll(() => loss.painted(VERMILION)).toBe(0);
    expect(await loss.painted(BLUE)).toBeGreaterThan(20);
    await page.getByRole('button', { name: 'Only second' }).click();
    await expect.poll(() => loss.painted(BLUE)).toBe(0);
    expect(await loss.painted(VERMILION)).toBeGreaterThan(20);
    await page.getByRole('button', { name: 'Only second' }).click();
    await page.getByRole('button', { name: 'All', exact: true }).click();
    await loss.paints(BLUE);

    await page.getByLabel('Colour of first').fill('#ff00ff');
    await loss.paints('#ff00ff');
    expect(await loss.painted(BLUE)).toBe(0);
    await page.getByRole('button', { name: 'Rename first' }).click();
    await page.getByLabel('Name of first').fill('the good one');
    await page.keyboard.press('Enter');
    expect(await page.locator('.run label').allInnerTexts()).toEqual(['second', 'the good one']);
    expect(await page.locator('.run label').last().getAttribute('title')).toBe('first');
    await loss.paints('#ff00ff'); // where it stands in the list is nothing to its colour
    await expect
      .poll(() => page.evaluate(() => decodeURIComponent(location.hash)))
      .toContain('name.first=the good one');
  });

  it('asks for and draws what is near the window only, of hundreds of charts', async () => {
    const metrics = Object.fromEntries(
      Array.from({ length: 240 }, (_, i) => [`layer${i % 4}/weight_${i}/norm`, falling(30, i)]),
    );
    const { page, errors, has } = await openDashboard(path, pointsOf({ a: metrics }));
    await has(240 * 30);
    await chart(page, 'layer0/weight_0/norm').paints(BLUE);
    expect(await page.locator('.card').count()).toBe(240);
    expect(await page.locator('canvas').count()).toBeLessThan(40);
    expect(await chart(page, 'layer3/weight_239/norm').card.locator('canvas').count()).toBe(0);
    await chart(page, 'layer3/weight_239/norm').card.scrollIntoViewIfNeeded();
    await chart(page, 'layer3/weight_239/norm').paints(BLUE);
    expect(await page.locator('canvas').count()).toBeLessThan(40);
    expect(errors).toEqual([]);
  });

  it('marks NaN and infinities where they happened, and breaks no line', async () => {
    const values = Array.from({ length: 101 }, (_, i) =>
      i === 25 ? NaN : i === 50 ? Infinity : i === 75 ? -Infinity : 5,
    );
    const { page, has } = await openDashboard(path, pointsOf({ a: { loss: values } }));
    await has(101);
    const loss = chart(page, 'loss');
    await loss.paints(BLUE);
    expect(await loss.card.locator('.mark').allInnerTexts()).toEqual(['× 1 NaN', '▲ 1 +∞', '▼ 1 −∞']);
    const rows = await loss.card.locator('canvas').evaluate((element) => {
      const canvas = element as HTMLCanvasElement;
      const over = canvas.parentElement!.querySelector<HTMLElement>('.u-over')!;
      const context = canvas.getContext('2d')!;
      const blue = (x: number, y: number, width: number, height: number): number => {
        const { data } = context.getImageData(over.offsetLeft + x, over.offsetTop + y, width, height);
        let count = 0;
        for (let i = 0; i < data.length; i += 4) if (data[i + 2]! - data[i]! > 100) count++;
        return count;
      };
      const [w, h] = [over.offsetWidth, over.offsetHeight];
      const band = (part: number, y: number) => blue(w * part - 8, y, 16, 14);
      const line = Array.from({ length: Math.floor(w) - 2 }, (_, x) => blue(x + 1, h / 2 - 4, 1, 8));
      return {
        top: [0.25, 0.5, 0.75].map((part) => band(part, 0) > 10),
        bottom: [0.25, 0.5, 0.75].map((part) => band(part, h - 14) > 10),
        broken: line.filter((count) => count === 0).length,
      };
    });
    expect(rows).toEqual({ top: [false, true, false], bottom: [true, false, true], broken: 0 });
  });

  it('shows names that are HTML as text', async () => {
    const runs = { [HOSTILE]: { [`eval/${HOSTILE}`]: falling(50, 1), [HOSTILE]: falling(50, 2) } };
    const { page, errors, has } = await openDashboard(path, pointsOf(runs));
    await has(100);
    expect(await page.locator('.run label').textContent()).toBe(HOSTILE);
    await page.locator('.plot').first().focus();
    await page.keyboard.press('End');
    await page.waitForSelector('.tooltip');
    expect(await page.locator('.tooltip .of-run .name').textContent()).toBe(HOSTILE);
    expect(await page.locator('main img, aside img, .tooltip img').count()).toBe(0);
    expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
    expect(errors).toEqual([]);
  });

  it('says how the connection stands, what went wrong, and what to do while there is nothing', async () => {
    const { page, point$, has } = await openDashboard(path, []);
    await page.waitForSelector('.status[data-state=live]');
    expect(await page.locator('.empty h2').innerText()).toBe('Waiting for the first point');
    expect(await page.locator('.empty code').innerText()).toBe('rx-ema watch runs/');
    point$.next(pointsOf({ a: { loss: [1, 2, 3] } }));
    await has(3);
    expect(await page.locator('.empty').count()).toBe(0);
    expect(await page.locator('.points').innerText()).toBe('3 points');

    point$.next([{ run: 'a', step: 3, atMs: NaN, values: { loss: 1 } }, 'no point' as never]);
    await page.waitForSelector('.problems');
    point$.error(new Error('disk <b>on fire</b>'));
    await page.waitForSelector('.status[data-state=failed]');
    expect(await page.getByRole('status').first().innerText()).toBe('Failed');
    expect(await page.getByRole('alert').first().innerText()).toBe('The stream failed: disk <b>on fire</b>');
    expect(await page.locator('.problems li').allInnerTexts()).toEqual([expect.stringContaining('no point')]);
    await page.getByRole('button', { name: 'Dismiss problems' }).click();
    await expect.poll(() => page.getByRole('alert').count()).toBe(1); // why it failed is no thing to be dismissed
  });

  it('says that it reconnects, keeps what it has, and shows the run that comes next at the same address', async () => {
    const { page, served, has } = await openDashboard(path, pointsOf({ a: { loss: [1, 2, 3] } }));
    await has(3);
    await chart(page, 'loss').card.waitFor();
    await served.close();
    await page.waitForSelector('.status[data-state=reconnecting]');
    expect(await page.locator('.state').innerText()).toBe('Reconnecting');
    expect(await page.locator('.card').count()).toBe(1);

    const next = await dashboard(of(pointsOf({ b: { accuracy: [1, 2, 3, 4] } })), { port: served.port });
    onTestFinished(() => next.close());
    await expect.poll(() => page.locator('.points').innerText(), { timeout: 10_000 }).toBe('4 points');
    expect(await page.locator('.run label').allInnerTexts()).toEqual(['b']);
    expect(await page.locator('.card').getAttribute('data-tag')).toBe('accuracy');
    await page.waitForSelector('.status[data-state=ended]');
  });
});
