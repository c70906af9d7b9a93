import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultIn } from '../../src/sources/faultIn.js';

describe('faultIn', () => {
  it.each([
    ['{"a": 1', 8, 'the end of the line'],
    ['  ', 3, 'the end of the line'],
    ['{"a": 1,}', 9, "'}'"],
    ['{"a" 1}', 6, "'1'"],
    ['{a: 1}', 2, "'a'"],
    ["{'a': 1}", 2, "'''"],
    ['{"a": nan}', 7, "'nan'"],
    ['{"a": 01}', 8, "'1'"],
    ['{"a": "x}', 7, `'"'`],
    ['{"a": [1, 2}', 12, "'}'"],
    ['{"a": 1} {"b": 2}', 10, "'{'"],
    ['step,loss', 1, "'step'"],
    ['[1 2]', 4, "'2'"],
    [',', 1, "','"],
    ['1,2', 2, "','"],
    [']', 1, "']'"],
    ['{"a":}', 6, "'}'"],
    ['{"a": "\\x"}', 7, `'"'`],
    ['😀', 1, "'😀'"],
  ])('finds in %s column %i', (line, column, got) => {
    expect(() => JSON.parse(line) as unknown).toThrow(SyntaxError);
    expect(faultIn(line)).toEqual({ column, got });
  });

  it('finds a fault behind a string of millions of escapes', () => {
    expect(faultIn(`{"a":${JSON.stringify('x\n'.repeat(5e6))},b}`)).toEqual({ column: 15_000_009, got: "'b'" });
  });

  it('finds a fault in front of the end of what the engine could still read', () => {
    const pieces = fc.array(fc.constantFrom('{', '}', '[', ']', ',', ':', ' ', '"a"', '"', '1', '-', 'true', '.', 'e'));
    fc.assert(
      fc.property(pieces, (parts) => {
        const line = parts.join('');
        let refused = false;
        try {
          JSON.parse(line);
        } catch {
          refused = true;
        }
        fc.pre(refused);
        const { column, got } = faultIn(line);
        expect(column).toBeLessThanOrEqual(line.length + 1);
        expect(got === 'the end of the line').toBe(column === line.length + 1);
      }),
      { numRuns: 2000 },
    );
  });
});
