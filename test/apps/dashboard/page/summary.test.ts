import { expect, it } from 'vitest';
import { summaryOf } from '../../../../src/apps/dashboard/page/summary.js';

const one = (curve: number, last: number) => ({
  curve,
  raw: { x: Float64Array.of(0, 5), y: Float64Array.of(1, last) },
  smooth: { x: Float64Array.of(0, 5), y: Float64Array.of(1, last / 2) },
  band: null,
  gaps: { x: new Float64Array(0), y: new Float64Array(0) },
  leftOut: 0,
});

it('says a chart in words: where it goes, and what it came to', () => {
  const styles = new Map([
    [0, { name: 'a', color: '', dash: [] }],
    [1, { name: 'b', color: '', dash: [] }],
  ]);
  const chart = { chart: 'loss', extent: [0, 5] as const, curves: [one(0, 0.5), one(1, 8)] };
  expect(summaryOf('loss', { chart, axis: 'step', styles, plain: false })).toBe(
    'loss, step 0 to step 5. Last values: a 0.5 (smoothed 0.25); b 8 (smoothed 4)',
  );
  expect(summaryOf('loss', { chart: null, axis: 'step', styles, plain: false })).toBe('loss: no points');
});
