import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ema, EwmState } from 'rx-ema';
import { Smoother } from '../../../../src/apps/dashboard/page/smooth.js';

const value = fc.oneof(
  { weight: 9, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity) },
);
const smoothing = fc.record({
  decay: fc.constantFrom(0, 0.5, 0.9, 0.99, 0.9999),
  corrected: fc.boolean(),
  band: fc.boolean(),
});

describe('Smoother', () => {
  it("gives the library's own averages and deviations, curve after curve in the same memory", () => {
    const smoother = new Smoother();
    fc.assert(
      fc.property(fc.array(value, { maxLength: 300 }), fc.boolean(), smoothing, (xs, single, how) => {
        const values = single ? Float32Array.from(xs) : Float64Array.from(xs);
        const tolerance = (single ? 2e-7 : 1e-9) * 1e6;
        const { mean, std } = smoother.smooth(values, how);
        const ema = new Ema({ decay: how.decay });
        const spread = new EwmState({ alpha: 1 - how.decay, ignoreNa: true, missing: 'skip' }, { stat: 'std' });
        expect(mean).toHaveLength(values.length);
        expect(std === null).toBe(!how.band);
        for (const [i, x] of values.entries()) {
          const expected = ema.update(x, how.corrected ? 'corrected' : 'raw');
          const deviation = spread.update(x);
          expect(Number.isNaN(mean[i])).toBe(!Number.isFinite(x));
          if (!Number.isFinite(x)) continue;
          expect(Math.abs(mean[i]! - expected)).toBeLessThanOrEqual(tolerance);
          if (std === null) continue;
          expect(Number.isNaN(std[i])).toBe(Number.isNaN(deviation));
          if (!Number.isNaN(deviation)) expect(Math.abs(std[i]! - deviation)).toBeLessThanOrEqual(tolerance);
        }
      }),
    );
  });

  it('leaves a constant curve exactly constant', () => {
    const values = new Float64Array(10_000).fill(0.1);
    expect(new Set(new Smoother().smooth(values, { decay: 0.99, corrected: true, band: false }).mean)).toEqual(
      new Set([0.1]),
    );
  });
});
