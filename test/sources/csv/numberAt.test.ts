import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellNumber } from '../../../src/sources/csv/cellNumber.js';
import { numberAt } from '../../../src/sources/csv/numberAt.js';

function read(text: string): number {
  const bytes = new TextEncoder().encode(`;${text};`);
  return numberAt(bytes, 1, bytes.length - 1);
}

function cell(text: string): number | null | undefined {
  const bytes = new TextEncoder().encode(text);
  return cellNumber(bytes, 0, bytes.length);
}

const RUNS = { numRuns: 20_000 };
const digits = (most: number) => fc.stringMatching(new RegExp(`^[0-9]{1,${most}}$`));

describe('numberAt', () => {
  it('reads every double that is written in its shortest form as that very double', () => {
    const double = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(double, (x) => {
        expect(read(String(x))).toBe(x === 0 ? 0 : x);
      }),
      RUNS,
    );
  });

  it('is as exact as Number for any digits, with a point and an exponent anywhere', () => {
    const exponent = fc.oneof(
      fc.constant(''),
      fc.integer({ min: -330, max: 310 }).map((e) => `e${e}`),
    );
    const sign = fc.constantFrom('', '-', '+');
    const parts = fc.tuple(sign, fc.constantFrom('0', '1', '9'), digits(20), digits(20), exponent);
    fc.assert(
      fc.property(parts, ([sign, lead, whole, fraction, e]) => {
        const text = `${sign}${lead === '0' ? '0' : lead + whole}.${fraction}${e}`;
        expect(read(text), text).toBe(Number(text));
      }),
      RUNS,
    );
  });

  it('rounds what lies in the middle between two doubles, and a digit beside it, as Number does', () => {
    const middle = fc.tuple(
      fc.bigInt(2n ** 52n, 2n ** 53n - 1n),
      fc.integer({ min: 0, max: 18 }),
      fc.constantFrom(-1n, 0n, 1n),
    );
    fc.assert(
      fc.property(middle, ([integer, places, beside]) => {
        const text = String((integer * 2n + 1n) * 5n * 100n + beside).padStart(places + 2, '0');
        const number = `${text.slice(0, -places - 1).replace(/^0+(?=\d)/, '')}.${text.slice(-places - 1)}`;
        expect(read(number), number).toBe(Number(number));
      }),
      RUNS,
    );
  });

  it.each(['1', '-1', '+1', '.5', '5.', '-0', '1e5', '1E+5', '1e-05', ' 1.5', '2.5\t', '0.5', '0', '1e400', '-1e-400'])(
    'takes %j for a number',
    (text) => {
      expect(read(text)).toBe(Number(text));
    },
  );

  it.each([
    '',
    '-',
    '.',
    '1,5',
    '1_000',
    '0x10',
    '1e',
    'e5',
    '1e5.5',
    '1 2',
    '007',
    '-00.5',
    'abc',
    '1a',
    '--1',
    'NaN',
  ])('takes %j for none', (text) => {
    expect(read(text)).toBeNaN();
  });
});

describe('cellNumber', () => {
  it.each(['nan', 'NaN', 'NAN', '-nan', ' nan '])('takes %j for NaN, as pandas and numpy write it', (text) => {
    expect(cell(text)).toBeNaN();
  });

  it.each(['inf', 'Infinity', '+inf', 'INF'])('takes %j for infinity', (text) => {
    expect([cell(text), cell(`-${text.replace('+', '')}`)]).toEqual([Infinity, -Infinity]);
  });

  it.each(['', ' ', '""', 'NA', 'N/A', 'n/a', 'null', 'NULL', 'None', '<NA>'])('takes %j for no value', (text) => {
    expect(cell(text)).toBeNull();
  });

  it.each(['abc', 'nano', '007', 'naN.', 'information', '2024-01-01'])('takes %j for text', (text) => {
    expect(cell(text)).toBeUndefined();
  });

  it('reads a number in quotes', () => {
    expect(cell('"1.5"')).toBe(1.5);
  });
});
