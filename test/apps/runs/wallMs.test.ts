import { describe, expect, it } from 'vitest';
import { wallMs } from '../../../src/apps/runs/wallMs.js';

const MS = Date.UTC(2026, 10, 22, 19, 42, 44, 731);

describe('wallMs', () => {
  it.each([
    ['seconds', MS / 1000, MS],
    ['milliseconds', MS, MS],
    ['microseconds', MS * 1000, MS],
    ['nanoseconds', BigInt(MS) * 1_000_000n, MS],
    ['a date', new Date(MS), MS],
    ['ISO 8601', '2026-11-22T19:42:44.731Z', MS],
    ['ISO 8601 of a zone', '2026-11-22T20:42:44.731+01:00', MS],
    ['what Python prints', '2026-11-22 19:42:44.731000+00:00', MS],
    ['a day', '2026-11-22', Date.UTC(2026, 10, 22)],
  ])('reads %s', (_, value, ms) => {
    expect(wallMs(value)).toBeCloseTo(ms, 3);
  });

  it('takes text without a zone for local time', () => {
    expect(wallMs('2026-11-22 19:42:44.731000')).toBe(new Date(2026, 10, 22, 19, 42, 44, 731).getTime());
  });

  it.each([12.5, 0, 86_400, 'soon', '', null, undefined, NaN, true])('says nothing of when for %s', (value) => {
    expect(wallMs(value)).toBeNaN();
  });
});
