import { describe, expect, it } from 'vitest';
import { axisTicks, numberTicks } from '../../../../src/apps/dashboard/page/ticks.js';

const texts = (ticks: readonly { text: string }[]): string[] => ticks.map(({ text }) => text);

describe('ticks', () => {
  it('stand at round numbers', () => {
    expect(texts(numberTicks([0.03, 0.97], 5, false))).toEqual(['0.2', '0.4', '0.6', '0.8']);
  });

  it('stand at powers of ten where a logarithmic axis has many', () => {
    const shown = texts(numberTicks([1e-3, 1e3], 5, true)).filter(Boolean);
    expect(shown).toContain('1');
    expect(shown.length).toBeLessThan(9);
  });

  it('are there where a logarithmic axis has less than a power of ten', () => {
    expect(texts(numberTicks([0.31, 0.39], 4, true)).filter(Boolean).length).toBeGreaterThan(2);
  });

  it('stand at whole steps', () => {
    expect(axisTicks([0, 2], 8, 'step', false).every(({ at }) => Number.isInteger(at))).toBe(true);
  });

  it('stand between whole steps where no two of these are seen, as where a step is an epoch', () => {
    expect(texts(axisTicks([0, 0.9], 4, 'step', false))).toEqual(['0', '0.2', '0.4', '0.6', '0.8']);
  });

  it('stand at round times', () => {
    expect(texts(axisTicks([0, 3600], 5, 'relative', false))).toEqual(
      expect.arrayContaining(['0 s', '15m 00s', '30m 00s']),
    );
    const noon = new Date(2026, 10, 22, 12).getTime() / 1000;
    expect(texts(axisTicks([noon, noon + 7200], 3, 'wall', false))).toContain('13:00');
  });
});
