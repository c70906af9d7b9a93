import { expect, it } from 'vitest';
import { drawnOut } from '../../../../src/apps/dashboard/page/selection.js';

const [a, b] = [
  { x: 0.8, y: 0.1 },
  { x: 0.2, y: 0.4 },
];

it('draws out a part of x, of y, or a box, as the pointer went', () => {
  expect(drawnOut(a, b, 200, 4)).toEqual([[0.2, 0.8], null]);
  expect(drawnOut(a, b, 4, 200)).toEqual([null, [0.1, 0.4]]);
  expect(drawnOut(a, b, 200, 100)).toEqual([
    [0.2, 0.8],
    [0.1, 0.4],
  ]);
});
