import { expect, it } from 'vitest';
import { stampText } from '../../../../src/apps/cli/state/stampText.js';
import type { StampUnit } from '../../../../src/state/stampUnit.js';

it.each<[StampUnit, bigint, string]>([
  ['SECOND', 1_700_000_000n, '2023-11-14T22:13:20.000Z'],
  ['MILLISECOND', 1_700_000_000_123n, '2023-11-14T22:13:20.123Z'],
  ['MICROSECOND', 1_700_000_000_123_456n, '2023-11-14T22:13:20.123456Z'],
  ['NANOSECOND', 1_700_000_000_123_456_789n, '2023-11-14T22:13:20.123456789Z'],
  ['NANOSECOND', -1n, '1969-12-31T23:59:59.999999999Z'],
  ['MICROSECOND', -1_000_000n, '1969-12-31T23:59:59.000000Z'],
])('a stamp in %ss of 64 bits is shown to its last digit: %d', (unit, units, text) => {
  const [high, low] = [units >> 32n, units & 0xffff_ffffn];
  expect(stampText(Number(high), Number(low), unit)).toBe(text);
});

it('ms in one word, as those of records are, are shown; what is no date as a number; what has not come as null', () => {
  expect(stampText(0, 1_700_000_000_123.5, 'MILLISECOND')).toBe('2023-11-14T22:13:20.123Z');
  expect(stampText(0, -1, 'MILLISECOND')).toBe('1969-12-31T23:59:59.999Z');
  expect(stampText(0, 1e17, 'MILLISECOND')).toBe('100000000000000000 ms');
  expect(stampText(NaN, NaN, 'NANOSECOND')).toBeNull();
});
