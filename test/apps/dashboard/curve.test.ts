import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Curve } from '../../../src/apps/dashboard/curve.js';

describe('a curve', () => {
  it('holds steps, times in ms after its first, and values', () => {
    const curve = new Curve('run', 'loss', null);
    curve.push(1, 1_700_000_000_000.4, 0.5);
    curve.push(2, 1_700_000_000_250.6, NaN);
    expect([curve.length, curve.firstMs]).toEqual([2, 1_700_000_000_000]);
    expect([curve.steps, curve.times, curve.values.view()].map((one) => [...one])).toEqual([
      [1, 2],
      [0, 251],
      [0.5, NaN],
    ]);
  });

  it('takes times that nobody said, that begin later and that go back', () => {
    const curve = new Curve('run', 'loss', null);
    for (const atMs of [NaN, 5000, 4000, NaN, 5000 + 2 ** 33]) curve.push(1, atMs, 0);
    expect(curve.firstMs).toBe(5000);
    expect([...curve.times]).toEqual([NaN, 0, -1000, NaN, 2 ** 33]);
  });

  it('knows how many points come before a step', () => {
    const steps = fc.array(fc.integer({ min: -9, max: 9 })).map((all) => all.sort((a, b) => a - b));
    fc.assert(
      fc.property(steps, fc.integer({ min: -10, max: 10 }), (all, step) => {
        const curve = new Curve('run', 'loss', null);
        for (const one of all) curve.push(one, 0, 0);
        expect(curve.before(step)).toBe(all.filter((one) => one < step).length);
      }),
    );
  });

  it('is cut in all its columns', () => {
    const curve = new Curve('run', 'loss', null);
    for (const step of [1, 2, 3]) curve.push(step, step, step);
    curve.cut(1);
    expect([curve.steps, curve.times, curve.values.view()].map((one) => [...one])).toEqual([[1], [0], [1]]);
  });
});
