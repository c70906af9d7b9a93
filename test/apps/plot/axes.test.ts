import { describe, expect, it } from 'vitest';
import { xAxis, yAxis } from '../../../src/apps/plot/axes.js';
import type { Series } from '../../../src/apps/plot/series.js';
import { figureFrom, seriesOf } from './support/figures.js';

const labelsOf = (axis: ReturnType<typeof xAxis>): string[] => axis.ticks(4).map(({ label }) => label);

const heightsOf = (values: number[], logY = false) =>
  yAxis(figureFrom([seriesOf('run', 'loss', values)]).panels[0]!, logY, [100, 0]);

describe('the axis of moments', () => {
  it.each([
    [1, ['02:03:04.000', '02:03:04.200', '02:03:04.400', '02:03:04.600', '02:03:04.800', '02:03:05.000']],
    [60, ['02:03:15', '02:03:30', '02:03:45', '02:04:00']],
    [7200, ['02:30', '03:00', '03:30', '04:00']],
    [4 * 86_400, ['Jan 03', 'Jan 04', 'Jan 05', 'Jan 06']],
    [2 * 86_400, ['12:00', 'Jan 03', '12:00', 'Jan 04']],
    [30 * 86_400, ['Jan 04', 'Jan 11', 'Jan 18', 'Jan 25', 'Feb 01']],
    [1000 * 86_400, ['Jan 2027', 'Jan 2028']],
  ])('tells apart what lies within %i s', (seconds, labels) => {
    const at = Date.UTC(2026, 0, 2, 2, 3, 4);
    const series: Series = { ...seriesOf('run', 'loss', [1, 2]), atMs: Float64Array.of(at, at + 1000 * seconds) };
    expect(labelsOf(xAxis(figureFrom([series], { x: 'wall' }), [0, 400]))).toEqual(labels);
  });
});

describe('the axis of numbers', () => {
  it('is shared by all panels across', () => {
    const figure = figureFrom([seriesOf('a', 'loss', [1, 2, 3]), seriesOf('b', 'lr', [1, 2, 3, 4, 5])]);
    expect(xAxis(figure, [0, 100]).domain).toEqual([1, 5]);
  });

  it('has room for all that is drawn, and for what never changes', () => {
    expect(heightsOf([0, 100, NaN, Infinity]).domain).toEqual([-4, 104]);
    expect(heightsOf([5, 5]).domain).toEqual([4.5, 5.5]);
    expect(heightsOf([0, 0]).domain).toEqual([-1, 1]);
    expect(heightsOf([NaN]).domain).toEqual([-0.04, 1.04]);
    const [low, high] = heightsOf([-5, 0, 1, 100], true).domain;
    expect(low).toBeGreaterThan(0);
    expect(high / low).toBeGreaterThan(10);
  });

  it('labels the powers of ten where a logarithmic axis has many lines, all where it has few', () => {
    expect(labelsOf(heightsOf([1, 1e4], true)).filter((label) => label !== '')).toEqual([
      '1',
      '10',
      '100',
      '1000',
      '10000',
    ]);
    expect(labelsOf(heightsOf([1, 3], true))).toEqual(expect.arrayContaining(['1', '2', '3']));
  });
});
