import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeNumber } from '../../src/apps/writeNumber.js';

const out = new Uint8Array(32);

function written(value: number): string {
  return Buffer.from(out.subarray(0, writeNumber(value, out, 0))).toString('latin1');
}

const RUNS = { numRuns: 50_000 };

/** As `String` has it; -0 is written as 0 by both. */
function holds(values: fc.Arbitrary<number>): void {
  fc.assert(
    fc.property(values, (value) => {
      expect(written(value)).toBe(String(value));
    }),
    RUNS,
  );
}

describe('writeNumber', () => {
  it('writes any double as String does', () => {
    holds(fc.double());
  });

  it('writes doubles of sizes that are measured, of all digits', () => {
    const parts = fc.tuple(fc.double({ min: 1, max: 10, noNaN: true }), fc.integer({ min: -8, max: 17 }), fc.boolean());
    holds(parts.map(([x, e, isNegative]) => (isNegative ? -x : x) * 10 ** e));
  });

  it('writes numbers of few digits, and their neighbours, in as few as they have', () => {
    const parts = fc.tuple(fc.nat(10 ** 6), fc.integer({ min: -10, max: 14 }), fc.integer({ min: -3, max: 3 }));
    holds(parts.map(([digits, e, ulps]) => Number(`${digits}e${e}`) * (1 + ulps * 2 ** -52)));
  });

  it('writes powers of two and of ten, and their neighbours', () => {
    const parts = fc.tuple(fc.constantFrom(2, 10), fc.integer({ min: -30, max: 60 }), fc.integer({ min: -3, max: 3 }));
    holds(parts.map(([base, e, ulps]) => base ** e * (1 + ulps * 2 ** -53)));
  });

  it('writes integers, beyond 2^53 too', () => {
    holds(fc.bigInt(0n, 2n ** 70n).map(Number));
  });

  it.each([0, -0, 1, -1, 0.1, 1e21, 1e-7, 123456789012345680, 5e-324, NaN, Infinity, 0.000001, 999999999999999.9])(
    'writes %s',
    (value) => {
      expect(written(value)).toBe(String(value));
    },
  );
});
