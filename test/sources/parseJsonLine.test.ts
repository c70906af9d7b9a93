import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJsonLine } from '../../src/sources/parseJsonLine.js';

describe('parseJsonLine', () => {
  it('reads NaN and the infinities as numbers, anywhere', () => {
    expect(parseJsonLine('{"a": NaN, "b": [Infinity, {"c": -Infinity}], "d": null, "e": true, "f": 1}')).toEqual({
      a: NaN,
      b: [Infinity, { c: -Infinity }],
      d: null,
      e: true,
      f: 1,
    });
    expect(parseJsonLine('NaN')).toBeNaN();
  });

  it('never replaces them in strings and names', () => {
    const line = String.raw`{"NaN": NaN, "a": "NaN, -Infinity", "b\"NaN": "\\", "c": "\"Infinity\\", "NaN\\\"": Infinity}`;
    expect(parseJsonLine(line)).toEqual({
      NaN,
      a: 'NaN, -Infinity',
      'b"NaN': '\\',
      c: '"Infinity\\',
      'NaN\\"': Infinity,
    });
  });

  it('sets no prototype', () => {
    const record = parseJsonLine('{"__proto__": {"x": NaN}, "y": NaN}') as object;
    expect(Object.getPrototypeOf(record)).toBe(Object.prototype);
    expect(Object.keys(record)).toEqual(['__proto__', 'y']);
  });

  it.each([
    '-NaN',
    '+Infinity',
    '1Infinity',
    'NaN1',
    '1.Infinity',
    'xNaN',
    '{"a": NaN',
    '{NaN: 1}',
    'nan',
    'Infinity.5',
  ])('refuses %s', (line) => {
    expect(() => parseJsonLine(line)).toThrow(SyntaxError);
  });

  it('reads a string of megabytes', () => {
    const text = 'x\\"NaN'.repeat(1_000_000);
    const record = parseJsonLine(`{"a": "${text}", "b": NaN}`) as { a: string; b: number };
    expect(record.a.length).toBe(6_000_000 - 1_000_000);
    expect(record.b).toBeNaN();
  });

  it('reads strings of millions of escapes', () => {
    const text = 'x\n'.repeat(5e6);
    expect(parseJsonLine(`{"text": ${JSON.stringify(text)}, "loss": NaN}`)).toEqual({ text, loss: NaN });
  });

  it('gives back whatever Python would write', () => {
    const number = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity));
    const text = fc.oneof(fc.string(), fc.constantFrom('NaN', '"NaN', '\\', 'a\\"Infinity'));
    const value = fc.letrec<{ any: unknown }>((tie) => ({
      any: fc.oneof(
        { depthSize: 'small' },
        number,
        text,
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('any')),
        fc.dictionary(text, tie('any')),
      ),
    })).any;
    fc.assert(
      fc.property(value, (one) => {
        expect(parseJsonLine(written(one))).toEqual(parsedOf(one));
      }),
    );
  });
});

/** As Python's json.dumps writes it. */
function written(value: unknown): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0.0' : String(value);
  if (Array.isArray(value)) return `[${value.map((one) => written(one)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, one]) => `${JSON.stringify(key)}: ${written(one)}`)
    .join(', ')}}`;
}

/** Without fast-check's null prototypes. */
function parsedOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => parsedOf(one));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, parsedOf(one)]));
}
