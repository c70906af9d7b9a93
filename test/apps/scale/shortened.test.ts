import { describe, expect, it } from 'vitest';
import { shortened } from '../../../src/apps/scale/shortened.js';

describe('a reason', () => {
  it('is shown as it is, unless it is longer than 500 characters', () => {
    expect(shortened('x'.repeat(500))).toBe('x'.repeat(500));
    expect(shortened('x'.repeat(1e6))).toBe(`${'x'.repeat(500)}…`);
  });
});
