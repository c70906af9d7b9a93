import { describe, expect, it } from 'vitest';
import { naturalOrder } from '../../src/sources/naturalOrder.js';

describe('naturalOrder', () => {
  it.each([
    ['numbers as integers', ['step-9', 'step-10', 'step-100']],
    ['what is behind a point as an integer, too', ['loss=0.5', 'loss=0.25']],
    ['names that differ in nothing else by their letters', ['01', '1']],
  ])('has %s', (_, names) => {
    expect([...names].reverse().sort(naturalOrder)).toEqual(names);
    expect([...names].sort(naturalOrder)).toEqual(names);
  });

  it('is 0 for the same name alone', () => {
    expect(naturalOrder('a1', 'a1')).toBe(0);
  });
});
