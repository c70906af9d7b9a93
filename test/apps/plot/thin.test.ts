import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { thin } from '../../../src/apps/plot/thin.js';

const PIXELS = 10;

/** How far along the axis, in columns: as the definition has it, without edges. */
function placeOf(x: number, x0: number, x1: number, log: boolean): number {
  if (x < x0) return -1;
  if (x > x1) return PIXELS;
  return PIXELS * (log ? Math.log(x / x0) / Math.log(x1 / x0) : (x - x0) / (x1 - x0));
}

const value = fc.oneof(
  { weight: 8, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity) },
);
const curve = fc
  .array(fc.tuple(fc.double({ min: -5, max: 120, noNaN: true }), value), { maxLength: 300 })
  .map((points) => points.sort(([a], [b]) => a - b));

describe('thin', () => {
  it.each([false, true])('keeps first, last, lowest and highest of every column, in order (log: %s)', (log) => {
    fc.assert(
      fc.property(curve, (points) => {
        const x = Float64Array.from(points, ([at]) => at);
        const y = Float64Array.from(points, ([, v]) => v);
        const drawable = [...y.keys()].filter((i) => Number.isFinite(y[i]!) && (!log || x[i]! > 0));
        const places = new Map(drawable.map((i) => [i, placeOf(x[i]!, 1, 101, log)]));
        // rounding may put a point that lies on an edge on either side of it
        fc.pre([...places.values()].every((at) => at % 1 === 0 || Math.abs(at - Math.round(at)) > 1e-9));
        const columns = new Map<number, number[]>();
        for (const [i, at] of places) {
          const column = at === PIXELS && x[i] === 101 ? PIXELS - 1 : Math.floor(at);
          columns.set(column, [...(columns.get(column) ?? []), i]);
        }

        const kept = [...thin(x, y, 0, x.length, 1, 101, PIXELS, log)];
        expect(kept).toEqual([...new Set(kept)].sort((a, b) => a - b));
        for (const indices of columns.values()) {
          const heights = indices.map((i) => y[i]!);
          const own = kept.filter((i) => indices.includes(i));
          expect(own.length).toBeLessThanOrEqual(4);
          expect(own[0]).toBe(indices[0]);
          expect(own.at(-1)).toBe(indices.at(-1));
          expect(Math.min(...own.map((i) => y[i]!))).toBe(Math.min(...heights));
          expect(Math.max(...own.map((i) => y[i]!))).toBe(Math.max(...heights));
        }
        expect(kept.every((i) => drawable.includes(i))).toBe(true);
      }),
    );
  });

  it('keeps a spike among a million points, in four points a pixel', () => {
    const x = Uint32Array.from({ length: 1_000_000 }, (_, i) => i);
    const y = Float32Array.from(x, (i) => Math.sin(i / 1e5));
    y[654_321] = 50;
    const kept = thin(x, y, 0, x.length, 0, x.length - 1, 900, false);
    expect(kept).toContain(654_321);
    expect(kept.length).toBeGreaterThan(900);
    expect(kept.length).toBeLessThanOrEqual(3600);
  });

  it('looks at the range that it is given alone', () => {
    const x = Float64Array.of(0, 1, 2, 3, 4);
    expect([...thin(x, Float64Array.of(9, 1, 2, 1, 9), 1, 4, 0, 4, 1, false)]).toEqual([1, 2, 3]);
    expect([...thin(x, x, 2, 2, 0, 4, 1, false)]).toEqual([]);
  });

  it('leaves out what has no place: values that are not finite, and x <= 0 under log', () => {
    const x = Float64Array.of(-1, 0, 1, 10, 100, NaN);
    const y = Float64Array.of(1, 2, 3, NaN, 4, 5);
    expect([...thin(x, y, 0, 6, 1, 100, 50, true)]).toEqual([2, 4]);
    expect([...thin(x, y, 0, 6, -1, 100, 500, false)]).toEqual([0, 1, 2, 4]);
    expect([...thin(x, y.fill(Infinity), 0, 6, -1, 100, 500, false)]).toEqual([]);
  });

  it('takes many points at the right end of the axis as one column', () => {
    const x = Float64Array.of(0, 7, 7, 7, 7, 7, 7);
    expect([...thin(x, Float64Array.of(0, 1, 3, 2, 5, -1, 4), 0, 7, 0, 7, 10, false)]).toEqual([0, 1, 4, 5, 6]);
  });

  it('draws an axis that is one point long', () => {
    expect([...thin(Uint32Array.of(5), Float32Array.of(1), 0, 1, 5, 5, 100, false)]).toEqual([0]);
    expect([...thin(Float64Array.of(5, 5, 5), Float32Array.of(1, 7, 2), 0, 3, 5, 5, 100, true)]).toEqual([0, 1, 2]);
  });
});
