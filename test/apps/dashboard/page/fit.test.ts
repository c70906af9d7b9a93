import { describe, expect, it } from 'vitest';
import { numberTicks } from '../../../../src/apps/dashboard/page/ticks.js';
import type { DrawnChart, Line } from '../../../../src/apps/dashboard/page/contract.js';
import { drawable, fitX, fitY } from '../../../../src/apps/dashboard/page/fit.js';

const line = (...y: number[]): Line => ({ x: Float64Array.from(y, (_, i) => i), y: Float64Array.from(y) });
const chart = (raw: Line, smooth: Line, band: readonly [Line, Line] | null = null): DrawnChart => ({
  chart: 'loss',
  extent: [0, 9],
  curves: [{ curve: 0, raw, smooth, band, gaps: line(), leftOut: 0 }],
});

describe('the horizontal axis', () => {
  it('shows all there is, and has room around a single place', () => {
    expect(fitX([3, 9], false)).toEqual([3, 9]);
    expect(fitX([3, 3], false)).toEqual([2, 4]);
    expect(fitX([4, 4], true)).toEqual([2, 8]);
    expect(fitX(null, false)).toEqual([0, 1]);
  });
});

describe('the vertical axis', () => {
  it('reaches over raw values, averages and bands, with a little room', () => {
    const [low, high] = fitY(chart(line(1, 5), line(2, 3), [line(0, 2), line(3, 10)]), [0, 9], false);
    expect([low, high]).toEqual([expect.closeTo(-0.4), expect.closeTo(10.4)]);
  });

  it('reaches over what is seen only', () => {
    const [low, high] = fitY(chart(line(100, 1, 2, 100), line()), [1, 2], false);
    expect([low, high]).toEqual([expect.closeTo(0.96), expect.closeTo(2.04)]);
  });

  it('has room around a constant, and shows something where nothing is', () => {
    expect(fitY(chart(line(2, 2), line()), [0, 9], false)).toEqual([1.8, 2.2]);
    expect(fitY(chart(line(0, 0), line()), [0, 9], false)).toEqual([-0.5, 0.5]);
    expect(fitY(chart(line(), line()), [0, 9], false)).toEqual([0, 1]);
  });

  it('takes what is above 0 where it is logarithmic', () => {
    const [low, high] = fitY(chart(line(-5, 0, 1, 10_000), line()), [0, 9], true);
    expect(low).toBeGreaterThan(0.5);
    expect(low).toBeLessThan(1);
    expect(high).toBeGreaterThan(10_000);
    expect(fitY(chart(line(-5), line()), [0, 9], true)).toEqual([1, 10]);
  });
});

describe('a range', () => {
  it.each([
    ['as long as numbers go', [-1.7e308, 1.7e308], false],
    ['up to where they end', [1, Infinity], true],
    ['so short that they have no digits left', [0, 5e-322], false],
    ['so short that they have no digits left, logarithmic', [5e-324, 5e-322], true],
    ['too short for what it is far from', [1e17, 1e17], false],
    ['that underflowed', [0, 1e-320], true],
  ] as const)('%s can be drawn, with ticks along it', (_, range, log) => {
    const [from, to] = drawable(range, log);
    expect(to - from).toBeGreaterThan(0);
    expect(to - from).toBeLessThan(Infinity);
    const ticks = numberTicks([from, to], 5, log).map(({ at }) => at);
    expect(ticks.length).toBeGreaterThan(1);
    expect(ticks.every((at) => at >= from && at <= to)).toBe(true);
  });

  it('that can be drawn is left as it is', () => {
    expect(drawable([3, 3.5], false)).toEqual([3, 3.5]);
    expect(drawable([1e-9, 3], true)).toEqual([1e-9, 3]);
  });
});
