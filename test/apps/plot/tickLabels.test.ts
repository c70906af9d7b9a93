import { describe, expect, it } from 'vitest';
import { shortNumber, tickLabels } from '../../../src/apps/plot/tickLabels.js';

describe('labels along an axis', () => {
  it.each<[string, number[], string[]]>([
    ['plain numbers', [0, 0.1, 0.2, 0.1 + 0.2], ['0', '0.1', '0.2', '0.3']],
    ['one unit for all', [0, 5000, 10_000], ['0', '5k', '10k']],
    ['thousands that are not many', [0, 2000, 8000], ['0', '2000', '8000']],
    ['millions', [500_000, 1_000_000, 1_500_000], ['0.5M', '1M', '1.5M']],
    ['small numbers', [0, 2e-6, 1.2e-5], ['0', '2e−6', '1.2e−5']],
    ['large numbers', [1e21, 2e21], ['1e21', '2e21']],
    ['numbers below zero', [-0.5, 0], ['−0.5', '0']],
  ])('are %s', (_name, values, labels) => {
    const write = tickLabels(Math.max(...values.map(Math.abs)));
    expect(values.map((value) => write(value))).toEqual(labels);
  });
});

describe('a number on its own', () => {
  it('has four digits', () => {
    expect([0, 1 / 3, -2, 12_345.6, 1e6, 0.00012345].map((value) => shortNumber(value))).toEqual(
      ['0', '0.3333', '−2', '12350', '1e6', '1.234e−4'], // 0.00012345 is below its decimal
    );
  });
});
