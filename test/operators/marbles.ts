import { expect } from 'vitest';

/**
 * What `new TestScheduler(…)` asks to compare by: the same frames and kinds of notification, and numbers in them within
 * `rtol · |expected|`.
 */
export function closeTo({ rtol }: { rtol: number }): (actual: unknown, expected: unknown) => void {
  const equal = (a: unknown, b: unknown): boolean => {
    if (typeof a === 'number' && typeof b === 'number') return Object.is(a, b) || Math.abs(a - b) <= rtol * Math.abs(b);
    if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b);
    if (a instanceof Error || b instanceof Error) return a === b;
    const [keys, others] = [Object.keys(a), Object.keys(b)];
    return keys.length === others.length && keys.every((key) => equal(a[key as never], b[key as never]));
  };
  return (actual, expected) => {
    if (!equal(actual, expected)) expect(actual).toEqual(expected); // shows both
    expect(equal(actual, expected)).toBe(true);
  };
}

/** Compares exactly. */
export const exactly = closeTo({ rtol: 0 });
