import { expect, it } from 'vitest';
import { numberCell, rangeCell, textCell } from '../../../../src/apps/cli/state/cells.js';

it.each([
  ['plain "text" \\ é', 'plain "text" \\ é'],
  ['a\nb\t\u001b[31m\u009b', 'a\\nb\\t\\u001b[31m\\u009b'],
  ['x'.repeat(41), `${'x'.repeat(39)}…`],
  ['', ''],
])('a text stays on its line, and does nothing to a terminal: %j', (text, cell) => {
  expect(textCell(text)).toBe(cell);
});

it.each([
  [1 / 3, '0.3333333'],
  [1e21, '1e+21'],
  [-0.1, '-0.1'],
  [NaN, '-'],
  [Infinity, 'Infinity'],
])('a number has seven digits at most: %d', (x, cell) => {
  expect(numberCell(x)).toBe(cell);
});

it('numbers that differ are shown by the least and the greatest', () => {
  expect([rangeCell([2, 0.5, 1]), rangeCell([1, 1 + 1e-9])]).toEqual(['0.5 – 2', '1']);
});
