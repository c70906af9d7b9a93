import { expect, it } from 'vitest';
import { chromium, describeWith } from '../support/need.js';
import { chart, falling, openDashboard, pointsOf } from './dashboardPage.js';

const SERIES = '2026-11-26_resnet50_imagenet_warmup_cosine_';
const METRIC = 'eval/accuracy_top5_of_the_validation_set_without_the_hard_examples';

describeWith(chromium, 'names on the dashboard', (path) => {
  it('keep their ends where they are too long, beside runs, in tables and over charts', async () => {
    const ends = Array.from({ length: 10 }, (_, i) => `lr=1e-${i}`);
    const runs = Object.fromEntries(ends.map((end, i) => [SERIES + end, { [METRIC]: falling(50, i) }]));
    const { page, has } = await openDashboard(path, pointsOf(runs));
    await has(500);
    const plot = chart(page, METRIC).card.locator('.plot');
    await plot.focus();
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.pinned tbody tr');
    for (const place of ['.run', '.tooltip tbody tr', '.pinned tbody tr', '.card h3']) {
      const names = await page.locator(`${place} .name`).evaluateAll((all) =>
        all.map((name) => {
          const [head, tail] = [name.querySelector('.head')!, name.querySelector('.tail')!];
          const right = name.parentElement!.getBoundingClientRect().right + 0.5;
          const text = document.createRange();
          text.selectNodeContents(tail); // a browser cuts what is a hundredth of a pixel too long
          const isWhole =
            text.getBoundingClientRect().width <= tail.getBoundingClientRect().width &&
            tail.getBoundingClientRect().right <= right;
          return {
            text: name.textContent,
            title: name.getAttribute('title'),
            isCut: head.scrollWidth > head.clientWidth,
            isWhole,
          };
        }),
      );
      expect(names.length, place).toBe(place === '.card h3' ? 1 : 10);
      for (const { text, title, isCut, isWhole } of names) {
        expect([title, isCut, isWhole], place).toEqual([text, true, true]);
      }
    }
  });

  it('keep their ends beside the buttons of a run, too', async () => {
    const { page, has } = await openDashboard(path, pointsOf({ [`${SERIES}lr=1e-3`]: { loss: falling(50, 1) } }));
    await has(50);
    await page.locator('.run').hover();
    const [tail, buttons] = await Promise.all(
      ['.run .tail', '.run-actions'].map(async (one) => (await page.locator(one).boundingBox())!),
    );
    expect(tail!.x + tail!.width).toBeLessThanOrEqual(buttons!.x);
    await page.getByRole('button', { name: /^Rename/ }).click();
    await expect.poll(() => page.locator('.run-actions').isVisible()).toBe(false);
    await page.keyboard.press('Escape');
    expect(await page.locator('.run-actions').isVisible()).toBe(true);
  });

  it('stand beside the line that is theirs: its colour, and its dashes', async () => {
    const runs = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`run ${i}`, { loss: falling(50, i) }]));
    const { page, has } = await openDashboard(path, pointsOf(runs));
    await has(450);
    await chart(page, 'loss').card.locator('.plot').focus();
    await page.keyboard.press('End');
    await page.waitForSelector('.tooltip');
    for (const place of ['.run', '.tooltip tbody tr']) {
      const looks = await page
        .locator(`${place} .swatch path`)
        .evaluateAll((all) => all.map((line) => [line.getAttribute('stroke'), line.getAttribute('stroke-dasharray')]));
      expect([looks[0], looks[8]], place).toEqual([
        ['#0072b2', null],
        ['#0072b2', '7 3'],
      ]);
    }
    expect(await page.locator('.dot.ring:visible').count()).toBe(1);
  });

  it('are in their natural order, and have the colours of the order in which they came', async () => {
    const runs = { 'run 10': { loss: falling(50, 1) }, 'run 9': { loss: falling(50, 2) } };
    const { page, has, point$, also } = await openDashboard(path, pointsOf(runs));
    await has(100);
    const seen = (on: typeof page) =>
      on
        .locator('.run')
        .evaluateAll((all) =>
          all.map((run) => [run.textContent, run.querySelector('.swatch path')!.getAttribute('stroke')]),
        );
    expect(await seen(page)).toEqual([
      ['run 9', '#d55e00'],
      ['run 10', '#0072b2'],
    ]);
    point$.next(pointsOf({ 'run 1': { loss: falling(50, 3) } }));
    await has(150);
    const all = [
      ['run 1', '#00855f'],
      ['run 9', '#d55e00'],
      ['run 10', '#0072b2'],
    ];
    expect(await seen(page)).toEqual(all);
    const other = await also('#runs=run');
    await expect.poll(() => seen(other)).toEqual(all);
  });
});
