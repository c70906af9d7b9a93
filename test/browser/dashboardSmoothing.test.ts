import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { Ema, EwmState } from 'rx-ema';
import { chromium, describeWith } from '../support/need.js';
import { chart, falling, openDashboard, pointsOf, tableIn, tooltip } from './dashboardPage.js';

const BLUE = '#0072b2';
const LOSS = falling(400, 5).map(Math.fround);

const number = (text: string): number => Number(text.replaceAll('−', '-').replaceAll(',', ''));
const slider = (page: Page) => page.getByRole('slider', { name: 'Smoothing of all charts' });
const box = (page: Page) => page.locator('.smooth-all .number');

/** What the table says of the last step. */
async function last(page: Page, tag = 'loss'): Promise<Record<string, string>> {
  await page.locator(`.card[data-tag="${tag}"] .plot`).focus();
  await page.keyboard.press('End');
  return (await tooltip(page))[0]!;
}

function ema(decay: number, how: 'raw' | 'corrected'): number {
  const shadow = new Ema({ decay });
  return LOSS.map((value) => shadow.update(value, how)).at(-1)!;
}

describeWith(chromium, 'smoothing on the dashboard', (path) => {
  it('is the average that the library gives, on each scale and to the digits that are typed', async () => {
    const { page, errors, has } = await openDashboard(path, pointsOf({ a: { loss: LOSS } }));
    await has(400);
    for (const [scale, typed, decay] of [
      ['halfLife', '25', 2 ** (-1 / 25)],
      ['span', '39', 38 / 40],
      ['decay', '0.995', 0.995],
    ] as const) {
      await page.locator('.smooth-all select').selectOption(scale);
      await box(page).fill(typed);
      expect(await box(page).inputValue()).toBe(typed);
      await expect.poll(async () => number((await last(page))['smooth']!)).toBeCloseTo(ema(decay, 'corrected'), 5);
    }
    const row = await last(page);
    expect(number(row['raw']!)).toBeCloseTo(LOSS.at(-1)!, 5);
    expect(row['step']).toBe('399');
    expect(errors).toEqual([]);
  });

  it('stays the same when its scale is changed, and is off at the left end of the slider', async () => {
    const { page, has } = await openDashboard(path, pointsOf({ a: { loss: LOSS } }), '#smooth=half-life:25');
    await has(400);
    const before = (await last(page))['smooth'];
    await page.locator('.smooth-all select').selectOption('decay');
    expect(Number(await box(page).inputValue())).toBeCloseTo(2 ** (-1 / 25), 8);
    await expect.poll(async () => (await last(page))['smooth']).toBe(before);
    await slider(page).focus();
    await page.keyboard.press('Home');
    expect(await slider(page).getAttribute('aria-valuetext')).toBe('off');
    expect(await box(page).inputValue()).toBe('0');
    expect(Object.keys(await last(page))).toEqual(['run', 'raw', 'step', 'time']);
  });

  it('says when the bias of the start is not divided out, and shows averages as they are then', async () => {
    const { page, has } = await openDashboard(path, pointsOf({ a: { loss: LOSS } }), '#smooth=decay:0.995');
    await has(400);
    expect(await page.locator('.chip.warn').count()).toBe(0);
    await page.getByRole('button', { name: 'Bias correction' }).click();
    await expect.poll(() => page.locator('.toolbar .chip.warn').innerText()).toBe('off: averages start at 0');
    expect(await page.locator('.card .chip.warn').innerText()).toBe('no bias correction');
    await expect.poll(async () => number((await last(page))['smooth']!)).toBeCloseTo(ema(0.995, 'raw'), 5);
    expect(ema(0.995, 'raw')).toBeLessThan(ema(0.995, 'corrected') * 0.9);
  });

  it('shows two standard deviations as a band, and one of them in the table', async () => {
    const { page, has } = await openDashboard(path, pointsOf({ a: { loss: LOSS } }));
    await has(400);
    const loss = chart(page, 'loss');
    await loss.paints(BLUE);
    const before = await loss.pixels();
    await page.getByRole('button', { name: '±2 std' }).click();
    await expect.poll(() => loss.pixels()).not.toBe(before);
    const spread = new EwmState({ alpha: 1 - 2 ** (-1 / 10), ignoreNa: true }, { stat: 'std' });
    const std = LOSS.map((value) => spread.update(value)).at(-1)!;
    await expect.poll(async () => number((await last(page))['std'] ?? 'NaN')).toBeCloseTo(std, 5);
  });

  it('is as one chart says, until that is taken back', async () => {
    const runs = { a: { loss: LOSS, other: LOSS } };
    const { page, has } = await openDashboard(path, pointsOf(runs), '#smooth=half-life:25');
    await has(800);
    const all = (await last(page, 'other'))['smooth']!;
    await page.getByRole('button', { name: 'Settings of loss' }).click();
    await page.getByRole('textbox', { name: 'half-life of loss' }).fill('3');
    await page.keyboard.press('Escape');
    await expect
      .poll(async () => number((await last(page))['smooth']!))
      .toBeCloseTo(ema(2 ** (-1 / 3), 'corrected'), 5);
    expect((await last(page, 'other'))['smooth']).toBe(all);
    await page.getByRole('button', { name: 'own smoothing' }).click();
    await expect.poll(async () => (await last(page))['smooth']).toBe(all);
  });

  it('draws raw faint and smoothed bold, and moves while the slider is dragged over 10⁶ points', async () => {
    const { page, errors, has } = await openDashboard(path, pointsOf({ a: { loss: falling(1_000_000, 7) } }));
    await has(1_000_000);
    const loss = chart(page, 'loss');
    await loss.paints(BLUE);
    const track = (await slider(page).boundingBox())!;
    await page.evaluate(countFrames);
    await page.mouse.move(track.x + track.width * 0.3, track.y + track.height / 2);
    await page.mouse.down();
    const { frames, ms } = await page.evaluate(dragSlider, 3000);
    await page.mouse.up();
    const rate = (frames / ms) * 1000;
    console.log(`slider over 10⁶ points: ${rate.toFixed(0)} frames a second`);
    expect(rate).toBeGreaterThan(10);
    expect(errors).toEqual([]);

    const shown = await slider(page).inputValue();
    await page.keyboard.press('Tab');
    expect(shown).not.toBe('0');
    await page.locator('.card .plot').focus();
    await page.keyboard.press('End');
    expect(await tableIn(page, '.tooltip')).toHaveLength(1);
  });
});

/** Counts how often charts are drawn: each drawing begins with a clear canvas. */
function countFrames(): void {
  const counted = Object.assign(window, { frames: 0 });
  const canvas = CanvasRenderingContext2D.prototype;
  const clear = Object.getOwnPropertyDescriptor(canvas, 'clearRect')!.value as (...box: number[]) => void;
  canvas.clearRect = function (...box) {
    counted.frames++;
    clear.apply(this, box);
  };
}

/** Moves the slider with every frame of the browser. */
function dragSlider(forMs: number): Promise<{ frames: number; ms: number }> {
  const input = document.querySelector<HTMLInputElement>('.smooth-all input[type=range]')!;
  const drawn = window as unknown as { frames: number };
  const start = performance.now();
  const before = drawn.frames;
  return new Promise((resolve) => {
    requestAnimationFrame(function move(now) {
      input.value = `${Math.round(500 + 400 * Math.sin(now / 300))}`;
      input.dispatchEvent(new Event('input', { bubbles: true }));
      if (now - start < forMs) requestAnimationFrame(move);
      else resolve({ frames: drawn.frames - before, ms: now - start });
    });
  });
}
