import { describe, expect, it } from 'vitest';
import { patience } from '../../src/sources/patience.js';

describe('patience', () => {
  it.each([
    [0, 100],
    [5, 100],
    [10, 200],
    [50, 1000],
    [5000, 1000],
  ])('after a look of %i ms waits for %i ms', (lastedMs, ms) => {
    expect(patience(lastedMs)).toBe(ms);
  });
});
