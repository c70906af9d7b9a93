import * as fc from 'fast-check';
import { float64 } from 'rx-ema/kafka';
import { expect, it } from 'vitest';
import { holds } from '../../../holds.js';
import { refusal } from '../../../refusal.js';

it.each([
  ['little-endian', undefined, false],
  ['little-endian, where it is said', { bigEndian: false }, false],
  ['big-endian, where it is said', { bigEndian: true }, true],
])('a double goes in and out bit for bit, %s', (_, options, isBig) => {
  const codec = float64(options);
  holds(
    fc.property(fc.oneof(fc.double(), fc.constantFrom(NaN, -0, Infinity, -Infinity)), (x) => {
      const bytes = Buffer.alloc(8);
      new DataView(bytes.buffer, bytes.byteOffset).setFloat64(0, x, !isBig);
      expect(codec.decode(bytes)).toBe(x);
      expect(Buffer.from(codec.encode(x, bytes))).toEqual(bytes);
    }),
  );
});

it('what comes out is memory of its own', () => {
  const codec = float64();
  const value = Buffer.alloc(8);
  const [one, two] = [codec.encode(1, value), codec.encode(2, value)];
  expect([one, two].map((bytes) => codec.decode(Buffer.from(bytes)))).toEqual([1, 2]);
});

it.each([0, 4, 7, 9, 16])('%d bytes are refused', (length) => {
  expect(refusal(() => float64().decode(Buffer.alloc(length)))).toEqual({
    code: 'VALUE_KIND',
    message: `the value of a message must be a double of 8 bytes, got ${length} bytes`,
  });
});

it('what is no number is refused on its way out', () => {
  const codec = float64();
  expect(refusal(() => codec.encode({ mean: 1 } as never, Buffer.alloc(8)))).toEqual({
    code: 'VALUE_KIND',
    message: 'what comes out must be a number, got { mean }',
  });
});

it('options that there are not are refused', () => {
  expect(refusal(() => float64({ bigendian: true } as never)).code).toBe('OPTION_UNKNOWN');
  expect(refusal(() => float64({ bigEndian: 1 } as never)).code).toBe('OPTION_VALUE');
});
