import { describe, expect, it } from 'vitest';
import {
  clockText,
  countText,
  durationText,
  placeText,
  tickTexts,
  timeTickText,
  valueText,
} from '../../../../src/apps/dashboard/page/format.js';

it.each([
  [0.1 + 0.2, '0.3'],
  [Math.fround(0.1), '0.1'],
  [1_234_567, '1234567'],
  [-0.5, '−0.5'],
  [1.5e-7, '1.5e−7'],
  [12_345_678, '1.2346e7'],
  [0, '0'],
  [NaN, 'NaN'],
  [Infinity, '+∞'],
  [-Infinity, '−∞'],
])('writes %d as %s', (value, text) => {
  expect(valueText(value)).toBe(text);
});

describe('numbers along an axis', () => {
  it.each([
    [
      [0, 0.5, 1],
      ['0', '0.5', '1'],
    ],
    [
      [-1, 0, 1],
      ['−1', '0', '1'],
    ],
    [
      [0.9995, 0.99975, 1],
      ['0.9995', '0.99975', '1'],
    ],
    [
      [0, 50_000, 100_000],
      ['0', '50k', '100k'],
    ],
    [
      [9.5e9, 1e10],
      ['9.5G', '10G'],
    ],
    [
      [0, 2_500_000],
      ['0', '2.5M'],
    ],
    [
      [1e-6, 2e-6],
      ['1e−6', '2e−6'],
    ],
    [
      [0.001, null, 0.01, 1],
      ['0.001', '', '0.01', '1'],
    ],
    [[600], ['600']],
  ])('%j', (ticks, texts) => {
    expect(tickTexts(ticks)).toEqual(texts);
  });
});

it.each([
  [0, '0 s'],
  [0.25, '250 ms'],
  [12.5, '12.5 s'],
  [200, '3m 20s'],
  [7500, '2h 05m'],
  [356_400, '4d 3h'],
  [-90, '−1m 30s'],
])('writes %d seconds as %s', (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});

it('says the day only of another day', () => {
  const noon = new Date(2026, 10, 22, 12, 0, 5).getTime();
  expect(clockText(noon, noon + 3_600_000)).toBe('12:00:05');
  expect(clockText(noon, noon + 86_400_000)).toBe('22 Nov 12:00');
  expect(clockText(NaN, noon)).toBe('–');
});

it('says of a round time what tells it from its neighbours', () => {
  expect(timeTickText(new Date(2026, 10, 22))).toBe('22 Nov');
  expect(timeTickText(new Date(2026, 10, 22, 14, 30))).toBe('14:30');
  expect(timeTickText(new Date(2026, 10, 22, 14, 30, 15))).toBe('14:30:15');
});

it('says where a place is on each axis', () => {
  expect([placeText(1200, 'step'), placeText(90, 'relative')]).toEqual(['step 1,200', 'after 1m 30s']);
  expect(countText(1_234_567)).toBe('1,234,567');
});
