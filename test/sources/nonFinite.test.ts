import { expect, it } from 'vitest';
import { nonFinite } from '../../src/sources/nonFinite.js';

it.each([
  ['NaN', NaN],
  ['-nan', NaN],
  [' inf ', Infinity],
  ['+Infinity', Infinity],
  ['-INF', -Infinity],
  ['-Infinity', -Infinity],
])('reads %o as %d', (text, value) => {
  expect(nonFinite(text)).toBe(value);
});

it.each(['', 'nano', 'info', 'in f', '--inf', 'infinit', '1', 'null'])('reads nothing into %o', (text) => {
  expect(nonFinite(text)).toBeUndefined();
});
