import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { lerp } from '../../src/recurrence/lerp.js';
import { holds } from '../holds.js';

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const gain = fc.double({ min: 0, max: 1, noNaN: true });

it('leaves a value that equals the average exactly as it is', () => {
  holds(fc.property(finite, gain, (c, g) => lerp(c, c, g) === c));
});

it('with a gain of 1 is the value, whatever the average was', () => {
  holds(fc.property(fc.double(), finite, (y, x) => Object.is(lerp(y, x, 1), x)));
});

it('stays between the two, to a rounding', () => {
  holds(
    fc.property(finite, finite, gain, (y, x, g) => {
      const slack = Number.EPSILON * Math.max(Math.abs(x), Math.abs(y));
      const v = lerp(y, x, g);
      return v >= Math.min(x, y) - slack && v <= Math.max(x, y) + slack;
    }),
  );
});

it('crosses a gap wider than the largest double', () => {
  expect(lerp(-1e308, 1.7e308, 0.5)).toBeCloseTo(0.35e308, -294);
  expect(lerp(1.7e308, -1.7e308, 0.25)).toBe(0.75 * 1.7e308 + 0.25 * -1.7e308);
});

it('keeps subnormals', () => {
  expect(lerp(5e-324, 15e-324, 0.5)).toBe(10e-324);
});

it.each([
  [Infinity, 1, 0.5, NaN],
  [1, Infinity, 0.5, Infinity],
  [1, -Infinity, 0.5, -Infinity],
  [1, NaN, 0.5, NaN],
  [NaN, 1, 0.5, NaN],
])('lets infinities and NaN go on as IEEE has it: from %d to %d', (y, x, g, want) => {
  expect(lerp(y, x, g)).toBe(want);
});
