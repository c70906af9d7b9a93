import * as fc from 'fast-check';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { BYTES, key, Malformed, VARINT, Wire } from '../../src/sources/wire.js';

const written = (write: (writer: protobuf.Writer) => unknown): Uint8Array => {
  const writer = protobuf.Writer.create();
  write(writer);
  return writer.finish();
};
const at = (bytes: Uint8Array) => ({ wire: new Wire(bytes), end: bytes.length });

describe('Wire', () => {
  it('reads integers as protobufjs writes them, beyond 2^53 as the nearest double', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        const { wire, end } = at(written((writer) => writer.int64(String(value))));
        expect(wire.integer(end)).toBe(Number(value));
        expect(wire.at).toBe(end);
      }),
    );
    for (const value of [0, 127, 128, 2 ** 31, 2 ** 53 - 1, -1, -(2 ** 53) + 1, -(2 ** 31)]) {
      const { wire, end } = at(written((writer) => writer.int64(value)));
      expect(wire.integer(end)).toBe(value);
    }
  });

  it('ignores what an integer has beyond 64 bits, as protobuf does', () => {
    const { wire, end } = at(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f));
    expect(wire.integer(end)).toBe(-1);
  });

  it('reads floats and doubles bit by bit', () => {
    fc.assert(
      fc.property(fc.double(), fc.float(), (double, float) => {
        const { wire, end } = at(written((writer) => writer.double(double).float(float)));
        expect(wire.double(end)).toBe(double);
        expect(wire.float(end)).toBe(float);
      }),
    );
  });

  it('passes over unknown fields of every type, groups in groups too', () => {
    const bytes = written((writer) => {
      writer.uint32(key(100, 0)).int64('-5').uint32(key(101, 1)).double(1).uint32(key(102, 2)).string('text');
      writer.uint32(key(103, 5)).float(1);
      writer.uint32(key(104, 3)).uint32(key(1, 3)).uint32(key(2, 0)).uint32(7).uint32(key(1, 4)).uint32(key(104, 4));
      writer.uint32(key(1, VARINT)).uint32(42);
    });
    const { wire, end } = at(bytes);
    for (let field = wire.next(end); field !== key(1, VARINT); field = wire.next(end)) wire.skip(field, end);
    expect(wire.varint(end)).toBe(42);
    expect(wire.next(end)).toBe(0);
  });

  it.each([
    ['an integer without an end', [0x08, 0x80]],
    ['an integer of eleven bytes', [0x08, ...Array.from({ length: 10 }, () => 0x80), 0x01]],
    ['a double of seven bytes', [0x09, 1, 2, 3, 4, 5, 6, 7]],
    ['a text beyond the end', [0x12, 5, 65]],
    ['a length of 2^63', [0x12, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]],
    ['field 0', [0x00, 1]],
    ['a key of more than 32 bits', [0x88, 0x80, 0x80, 0x80, 0x80, 0x01, 1]],
    ['way 6', [0x0e]],
    ['way 7', [0x0f]],
    ['a group without an end', [0x0b, 0x10, 1]],
    ['the end of another group', [0x0b, 0x14]],
    ['the end of no group', [0x0c]],
  ])('refuses %s', (_, bytes) => {
    const { wire, end } = at(Uint8Array.from(bytes));
    expect(() => {
      for (let field = wire.next(end); field !== 0; field = wire.next(end)) wire.skip(field, end);
    }).toThrow(Malformed);
  });

  it('reads no further than the end that it is given', () => {
    const bytes = Uint8Array.of(2, 65, 66, 67);
    expect(new Wire(bytes).text(3)).toBe('AB');
    expect(() => new Wire(bytes).text(2)).toThrow(Malformed);
    expect(key(2, BYTES)).toBe(18);
  });
});
