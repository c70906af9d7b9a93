import { expect, it } from 'vitest';
import { countMarks, marksIn } from '../../../../src/apps/dashboard/page/marks.js';

const gaps = {
  x: Float64Array.of(-5, 1, 1.01, 1.02, 1.03, 50),
  y: Float64Array.of(NaN, NaN, NaN, Infinity, -Infinity, NaN),
};

it('marks each kind once a pixel, and nothing out of sight', () => {
  expect(marksIn(gaps, (x) => x * 10, 100)).toEqual([
    { kind: 'nan', at: 10 },
    { kind: 'high', at: 10 },
    { kind: 'low', at: 10 },
  ]);
});

it('counts all of them', () => {
  expect(countMarks([gaps, gaps])).toEqual({ nan: 8, high: 2, low: 2 });
});
