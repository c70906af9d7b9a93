import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePoints, encodePoints, type Part, type Points } from '../../../src/apps/dashboard/protocol.js';

const numbers = (length: number) => {
  const just = { minLength: length, maxLength: length };
  return fc.oneof(fc.uint32Array(just), fc.float32Array(just), fc.float64Array(just));
};
const part: fc.Arbitrary<Part> = fc.nat(9).chain((length) =>
  fc.record({
    curve: fc.nat(),
    run: fc.string({ unit: 'grapheme' }),
    tag: fc.string({ unit: 'grapheme' }),
    cuts: fc.nat(),
    from: fc.nat(),
    firstMs: fc.option(fc.integer()),
    steps: numbers(length),
    times: numbers(length),
    values: numbers(length),
  }),
);
const points: fc.Arbitrary<Points> = fc.record({
  session: fc.string(),
  sequence: fc.nat(),
  more: fc.boolean(),
  parts: fc.array(part),
});

describe('points as bytes', () => {
  it('come back as they were, to the bit, whatever the names', () => {
    fc.assert(
      fc.property(points, (all) => {
        expect(decodePoints(encodePoints(all).buffer as ArrayBuffer)).toEqual(all);
      }),
    );
  });

  it('are columns that a reader views where they are', () => {
    const some = { curve: 0, run: 'r', tag: 't', cuts: 0, from: 0, firstMs: null };
    const columns = { steps: Uint32Array.of(1), times: Float32Array.of(0.5), values: Float64Array.of(0.1) };
    const bytes = encodePoints({ session: 's', sequence: 1, more: false, parts: [{ ...some, ...columns }] });
    const [read] = decodePoints(bytes.buffer as ArrayBuffer).parts;
    expect(read!.values.buffer).toBe(bytes.buffer);
    expect(read).toEqual({ ...some, ...columns });
  });
});
