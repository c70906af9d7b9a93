import { describe, expect, it } from 'vitest';
import { Ema } from 'rx-ema';
import { Curve } from '../../../../src/apps/dashboard/curve.js';
import type { ChartRequest } from '../../../../src/apps/dashboard/page/contract.js';
import { Drawing } from '../../../../src/apps/dashboard/page/draw.js';
import type { Held } from '../../../../src/apps/dashboard/page/feed.js';

const START_MS = Date.UTC(2026, 0, 1);

/** A curve of these values at steps 0, 10, 20, …, a second apart. */
function held(values: readonly number[], run = 'a'): Held {
  const curve = new Curve(run, 'loss', null);
  for (const [i, value] of values.entries()) curve.push(i * 10, START_MS + i * 1000, value);
  return { curve, cuts: 0 };
}

const asked = (over: Partial<ChartRequest> = {}): ChartRequest => ({
  chart: 'loss',
  curves: [0],
  axis: 'step',
  range: null,
  pixels: 100,
  logX: false,
  logY: false,
  smoothing: { decay: 0.9, corrected: true, band: false },
  ...over,
});

describe('Drawing', () => {
  it('smooths every point and thins what comes out: a spike between two pixels is in both lines', () => {
    const values = Array.from({ length: 50_000 }, (_, i) => (i === 33_333 ? 1000 : 0.5));
    const [curve] = new Drawing().chart(asked(), new Map([[0, held(values)]])).curves;
    expect(Math.max(...curve!.raw.y)).toBe(1000);
    expect(curve!.raw.y.length).toBeLessThanOrEqual(400);
    const ema = new Ema({ decay: 0.9 });
    const highest = Math.max(...values.map((x) => ema.update(x)));
    expect(Math.max(...curve!.smooth.y)).toBeCloseTo(highest, 3);
  });

  it.each([
    ['step', [0, 20], [0, 10, 20]],
    ['relative', [0, 2], [0, 1, 2]],
    ['wall', [START_MS / 1000, START_MS / 1000 + 2], [START_MS / 1000, START_MS / 1000 + 1, START_MS / 1000 + 2]],
  ] as const)('has points where they belong by %s', (axis, extent, x) => {
    const chart = new Drawing().chart(asked({ axis }), new Map([[0, held([3, 1, 2])]]));
    expect(chart.extent).toEqual(extent);
    expect([...chart.curves[0]!.raw.x]).toEqual(x);
    expect([...chart.curves[0]!.raw.y]).toEqual([3, 1, 2]);
  });

  it.each(['relative', 'wall'] as const)(
    'leaves a curve out that says no time, and shows the others, by %s',
    (axis) => {
      const silent = new Curve('b', 'loss', null);
      for (let i = 0; i < 3; i++) silent.push(i, NaN, i);
      const curves = new Map([
        [0, held([3, 1, 2])],
        [1, { curve: silent, cuts: 0 }],
      ]);
      const drawing = new Drawing();
      const both = drawing.chart(asked({ axis, curves: [1, 0] }), curves);
      expect(both).toEqual(new Drawing().chart(asked({ axis }), curves));
      expect(both.curves[0]!.raw.x).toHaveLength(3);
      expect(drawing.hover(asked({ axis, curves: [1, 0] }), both.extent![0], curves).map(({ curve }) => curve)).toEqual(
        [0],
      );
    },
  );

  it('has points that say no time where the one before them stands', () => {
    const curve = new Curve('a', 'loss', null);
    for (const [i, s] of [NaN, 1, NaN, 3, 2, NaN].entries()) curve.push(i, START_MS + s * 1000, i);
    const chart = new Drawing().chart(asked({ axis: 'relative' }), new Map([[0, { curve, cuts: 0 }]]));
    expect(chart.extent).toEqual([0, 2]);
    expect([...chart.curves[0]!.raw.x]).toEqual([0, 0, 2, 2]);
    expect([...chart.curves[0]!.raw.y]).toEqual([0, 2, 3, 5]);
  });

  it('counts time from the first point of the run, not of the metric', () => {
    const late = new Curve('a', 'acc', null);
    for (let i = 0; i < 3; i++) late.push(i, START_MS + 60_000 + i * 1000, i);
    const curves = new Map([
      [0, held([3, 1, 2])],
      [1, { curve: late, cuts: 0 }],
    ]);
    expect(new Drawing().chart(asked({ axis: 'relative', curves: [1] }), curves).extent).toEqual([60, 62]);
  });

  it('tells where values are not finite, and draws the lines past them', () => {
    const [curve] = new Drawing().chart(asked(), new Map([[0, held([1, NaN, 1, -Infinity, 1])]])).curves;
    expect([...curve!.gaps.x]).toEqual([10, 30]);
    expect([...curve!.gaps.y]).toEqual([NaN, -Infinity]);
    expect([...curve!.raw.x]).toEqual([0, 20, 40]);
    expect([...curve!.smooth.y]).toEqual([1, 1, 1]);
  });

  it('draws a band of two standard deviations', () => {
    const values = Array.from({ length: 50 }, (_, i) => Math.sin(i));
    const smoothing = { decay: 0.9, corrected: true, band: true };
    const request = asked({ smoothing });
    const drawing = new Drawing();
    const [curve] = drawing.chart(request, new Map([[0, held(values)]])).curves;
    const [last] = drawing.hover(request, 490, new Map([[0, held(values)]]));
    expect(curve!.band![0].y.at(-1)).toBeCloseTo(last!.smooth - 2 * last!.std, 6);
    expect(curve!.band![1].y.at(-1)).toBeCloseTo(last!.smooth + 2 * last!.std, 6);
    expect(curve!.band![0].y).toHaveLength(49); // one point has no deviation
  });

  it('draws anew what was cut and measured again to the same length', () => {
    const drawing = new Drawing();
    drawing.chart(asked(), new Map([[0, held([1, 2, 3])]]));
    const again = drawing.chart(asked(), new Map([[0, { ...held([1, 2, 5]), cuts: 1 }]]));
    expect([...again.curves[0]!.raw.y]).toEqual([1, 2, 5]);
  });

  it('has under a place the point nearest to it, smoothed as Ema does', () => {
    const values = [3, 1, 2, 7];
    const ema = new Ema({ decay: 0.9 });
    const smooth = values.map((x) => ema.update(x));
    const hover = (x: number) => new Drawing().hover(asked(), x, new Map([[0, held(values)]]))[0]!;
    expect(hover(-100).raw).toBe(3);
    expect(hover(14)).toMatchObject({ curve: 0, step: 10, atMs: START_MS + 1000, raw: 1, std: NaN });
    expect(hover(14).smooth).toBeCloseTo(smooth[1]!, 6);
    expect(hover(16).step).toBe(20);
    expect(hover(1e9).smooth).toBeCloseTo(smooth[3]!, 6);
  });

  it('draws on where a clock was set back', () => {
    const curve = new Curve('a', 'loss', null);
    for (const [i, ms] of [0, 2000, 1000, 3000].entries()) curve.push(i, START_MS + ms, i);
    const chart = new Drawing().chart(asked({ axis: 'relative' }), new Map([[0, { curve, cuts: 0 }]]));
    expect([...chart.curves[0]!.raw.x]).toEqual([0, 2, 2, 3]);
  });

  it('has nothing to draw by time of a run that did not say it, and all by step', () => {
    const curve = new Curve('a', 'loss', null);
    curve.push(1, NaN, 5);
    const curves = new Map([[0, { curve, cuts: 0 }]]);
    expect(new Drawing().chart(asked({ axis: 'wall' }), curves).extent).toBeNull();
    expect(new Drawing().hover(asked({ axis: 'wall' }), 3, curves)).toEqual([]);
    expect(new Drawing().chart(asked(), curves).extent).toEqual([1, 1]);
  });
});
