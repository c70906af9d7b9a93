import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tableFromIPC } from 'apache-arrow';
import { expect, it } from 'vitest';
import { Ema } from 'rx-ema';
import { chromium, describeWith } from '../support/need.js';
import { chart, falling, openDashboard, pointsOf } from './dashboardPage.js';

const RUNS = {
  first: { 'train/loss': falling(200, 1), 'val/loss': falling(20, 2) },
  second: { 'train/loss': falling(200, 3), 'val/loss': falling(20, 4) },
};
const POINTS = 440;
const BLUE = '#0072b2';

/** What a click has the browser save. */
async function saved(page: import('playwright-core').Page, click: () => Promise<void>) {
  const download = page.waitForEvent('download');
  await click();
  const file = await download;
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}

describeWith(chromium, 'what was chosen on the dashboard', (path) => {
  it('is in the address, so that a link shows the same', async () => {
    const { page, has, also, errors } = await openDashboard(path, pointsOf(RUNS));
    await has(POINTS);
    await page.locator('.smooth-all .number').fill('33');
    await page.getByRole('button', { name: '±2 std' }).click();
    await page.getByRole('button', { name: 'Relative' }).click();
    await page.getByRole('checkbox', { name: 'second' }).uncheck();
    await page.getByLabel('Colour of first').fill('#aa00aa');
    await page.getByRole('button', { name: /^val/ }).click();
    await page.getByRole('searchbox', { name: 'Search metrics' }).fill('loss');
    const loss = chart(page, 'train/loss');
    await page.mouse.click(...(await loss.at(0.5, 0.5)));
    await page.waitForSelector('.pinned');
    await loss.paints('#aa00aa');
    await page.mouse.move(5, 500);
    await page.waitForTimeout(500);
    const hash = await page.evaluate(() => location.hash);

    const other = await also(hash);
    const same = chart(other, 'train/loss');
    await same.paints('#aa00aa');
    expect(await other.locator('.smooth-all .number').inputValue()).toBe('33');
    expect(await other.getByRole('button', { name: 'Relative' }).getAttribute('aria-pressed')).toBe('true');
    expect(await other.getByRole('checkbox', { name: 'second' }).isChecked()).toBe(false);
    expect(await other.locator('.card').count()).toBe(1);
    expect(await other.locator('.pinned').count()).toBe(1);
    await expect.poll(() => same.pixels()).toBe(await loss.pixels());
    expect(errors).toEqual([]);
  });

  it('falls back to how it was at first where the address is broken', async () => {
    const hash = '#smooth=half-life:x&axis=moon&chart.train/loss=x:9,1;pins:q&solo=nobody&metrics-pattern=(';
    const { page, has, errors } = await openDashboard(path, pointsOf(RUNS), hash);
    await has(POINTS);
    await chart(page, 'train/loss').paints('#d55e00');
    expect(await page.locator('.smooth-all .number').inputValue()).toBe('10');
    expect(await page.locator('.card').count()).toBe(2);
    expect(await page.locator('.search .wrong').innerText()).toContain('No pattern');
    expect(errors).toEqual([]);
  });

  it('follows an address that is pasted in', async () => {
    const { page, has } = await openDashboard(path, pointsOf(RUNS));
    await has(POINTS);
    await page.evaluate(() => (location.hash = '#smooth=span:77'));
    await expect.poll(() => page.locator('.smooth-all .number').inputValue()).toBe('77');
  });

  it('is found by search: metrics and runs, by words or by a pattern', async () => {
    const { page, has } = await openDashboard(path, pointsOf(RUNS));
    await has(POINTS);
    await page.keyboard.press('/');
    await page.keyboard.type('VAL');
    expect(await page.locator('.card').count()).toBe(1);
    await page.getByRole('searchbox', { name: 'Search metrics' }).fill('^(train|val)');
    expect(await page.locator('.empty h2').innerText()).toBe('No metric matches “^(train|val)”');
    await page.getByRole('button', { name: 'Search metrics by regular expression' }).click();
    await expect.poll(() => page.locator('.card').count()).toBe(2);
    await page.getByRole('searchbox', { name: 'Search metrics' }).fill('^(train');
    expect(await page.getByRole('alert').innerText()).toContain('Unterminated group');
    expect(await page.getByRole('searchbox', { name: 'Search metrics' }).getAttribute('aria-invalid')).toBe('true');

    await page.getByRole('searchbox', { name: 'Search runs' }).fill('sec');
    expect(await page.locator('.run label').allInnerTexts()).toEqual(['second']);
    await expect.poll(() => chart(page, 'train/loss').painted(BLUE)).toBe(0);
  });

  it('leaves nothing of an emptied search, shows what is found from its beginning, and lets Escape out', async () => {
    const metrics = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`m${i}`, falling(20, i)]));
    const { page, has } = await openDashboard(path, pointsOf({ a: metrics }), '#metrics-pattern=^m');
    await has(1200);
    await page.mouse.move(700, 500);
    await page.mouse.wheel(0, 2000);
    await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(1000);
    const search = page.getByRole('searchbox', { name: 'Search metrics' });
    await search.fill('^m[1-4]');
    await expect.poll(() => page.evaluate(() => scrollY)).toBe(0);
    await search.press('Escape');
    expect(await search.inputValue()).toBe('^m[1-4]');
    expect(await search.evaluate((input) => input === document.activeElement)).toBe(false);
    await search.fill('');
    await expect.poll(() => page.evaluate(() => location.hash)).toBe('');
  });

  it('says where a chart has nothing to draw: no run that is shown, or no place for one', async () => {
    const runs = { first: { loss: falling(50, 1), both: falling(50, 2) }, second: { both: falling(50, 3) } };
    const { page, has } = await openDashboard(path, pointsOf(runs, NaN));
    await has(150);
    await chart(page, 'loss').paints(BLUE);
    await page.getByRole('checkbox', { name: 'first' }).uncheck();
    await expect.poll(() => chart(page, 'loss').card.locator('canvas').count()).toBe(0);
    expect(await chart(page, 'loss').card.locator('.nothing').innerText()).toBe('None of the shown runs has this.');
    expect(await chart(page, 'both').card.locator('.nothing').count()).toBe(0);
    await page.getByRole('button', { name: 'All', exact: true }).click();
    await chart(page, 'loss').paints(BLUE);

    await page.getByRole('button', { name: 'Relative' }).click();
    await expect
      .poll(() => page.locator('.nothing').allInnerTexts())
      .toEqual(Array(2).fill('Nothing to draw: no times are known.'));
    await page.getByRole('button', { name: 'Step', exact: true }).click();
    await expect.poll(() => page.locator('.nothing').count()).toBe(0);
    await chart(page, 'loss').paints(BLUE);
  });

  it('is exported: all scalars, raw and smoothed, as CSV or Arrow', async () => {
    const { page, has } = await openDashboard(path, pointsOf(RUNS), '#smooth=decay:0.5&name.first=renamed');
    await has(POINTS);
    const open = () => page.getByRole('button', { name: 'Export all scalars' }).click();
    await open();
    const csv = await saved(page, () => page.getByRole('button', { name: 'CSV' }).click());
    const lines = csv.bytes.toString().trim().split('\n');
    expect(csv.name).toMatch(/\.csv$/);
    expect(lines).toHaveLength(POINTS + 1);
    const ema = new Ema({ decay: 0.5 });
    const [, second] = RUNS.first['train/loss'].map((value) => ema.update(Math.fround(value), 'corrected'));
    const row = lines.find((line) => line.startsWith('renamed,') && line.includes('train/loss,1,'))!;
    expect(Number(row.split(',').at(-1))).toBeCloseTo(second!, 5);

    await open();
    const arrow = await saved(page, () => page.getByRole('button', { name: 'Arrow' }).click());
    expect(arrow.name).toMatch(/\.arrow$/);
    expect(tableFromIPC(arrow.bytes).numRows).toBe(POINTS);
  });

  it('is in pictures of each chart: SVG and PNG', async () => {
    const { page, has, errors } = await openDashboard(path, pointsOf(RUNS));
    await has(POINTS);
    await chart(page, 'train/loss').paints('#d55e00');
    const save = (kind: string) =>
      saved(page, async () => {
        await page.getByRole('button', { name: 'Settings of train/loss' }).click();
        await page.getByRole('button', { name: `Save as ${kind}` }).click();
      });
    const svg = await save('SVG');
    expect(svg.name).toBe('train-loss.svg');
    expect(svg.bytes.toString()).toMatch(
      /^<svg [^]*>train\/loss<\/text>[^]*stroke="#0072b2"[^]*>second<\/text>[^]*<\/svg>$/,
    );
    const png = await save('PNG');
    expect(png.name).toBe('train-loss.png');
    expect(png.bytes.subarray(1, 4).toString()).toBe('PNG');
    expect(png.bytes.readUInt32BE(16)).toBe(1600);
    expect(png.bytes.length).toBeGreaterThan(10_000);
    expect(errors).toEqual([]);
  });

  it('is drawn in the theme that the system has, or that somebody asks for, which is remembered', async () => {
    const { page, has } = await openDashboard(path, pointsOf(RUNS), '', { colorScheme: 'dark' });
    await has(POINTS);
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await chart(page, 'train/loss').paints('#f0762b');
    expect(await ground()).toBe('rgb(16, 18, 22)');
    await page.getByRole('button', { name: 'Light theme' }).click();
    await expect.poll(() => ground()).toBe('rgb(245, 246, 248)');
    await chart(page, 'train/loss').paints('#d55e00');
    await page.reload();
    await chart(page, 'train/loss').paints('#d55e00');
    expect(await page.getByRole('button', { name: 'Dark theme' }).count()).toBe(1);
  });

  it('fits a phone: one column, runs behind a button, nothing to scroll sideways', async () => {
    const { page, has } = await openDashboard(path, pointsOf(RUNS), '', {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
    });
    await has(POINTS);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    for (const button of await page.locator('.toolbar button').all()) {
      const { x, width } = (await button.boundingBox())!;
      expect(x + width).toBeLessThanOrEqual(390);
    }
    expect(await page.getByRole('checkbox', { name: 'second' }).isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Runs' }).tap();
    await page.getByRole('checkbox', { name: 'second' }).uncheck();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('checkbox', { name: 'second' }).isVisible()).toBe(false);
    const loss = chart(page, 'train/loss');
    await loss.paints(BLUE);
    await page.touchscreen.tap(...(await loss.at(0.5, 0.5)));
    await expect.poll(() => page.locator('.tooltip tbody tr').count()).toBe(1);
  });

  it.each(['light', 'dark'] as const)('has nothing that axe finds wanting, in the %s theme', async (colorScheme) => {
    const { page, has, errors } = await openDashboard(path, pointsOf(RUNS), '#correct=off&band=on&metrics-pattern=.', {
      colorScheme,
      bypassCSP: true,
    });
    await has(POINTS);
    await chart(page, 'train/loss').card.locator('.plot').focus();
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await page.keyboard.press('+');
    await page.waitForSelector('.pinned tbody tr');
    await page.addScriptTag({ path: createRequire(import.meta.url).resolve('axe-core/axe.min.js') });
    const violations = await page.evaluate(async () => {
      const { axe } = window as unknown as { axe: typeof import('axe-core') };
      const found = await axe.run();
      return found.violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`,
      );
    });
    expect(violations).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('speaks of charts to those who cannot see them', async () => {
    const { page, has } = await openDashboard(path, pointsOf(RUNS), '#smooth=half-life:0');
    await has(POINTS);
    const last = falling(200, 1).at(-1)!.toPrecision(6);
    await expect
      .poll(() => page.getByRole('img', { name: /^train\/loss/ }).getAttribute('aria-label'))
      .toMatch(new RegExp(`^train/loss, step 0 to step 199. Last values: first ${last.replace(/0+$/, '')}; second `));
  });
});
