import { SmoothingError } from '../errors.js';

/** Models, weights and shadows that take part in a swap now, and in which. */
const active = new WeakMap<object, object>();

export function enterSwap(parts: readonly object[]): void {
  assertNoSwap(parts, 'a model and its shadow must be in one swap at a time');
  for (const part of parts) active.set(part, parts);
}

export function leaveSwap(parts: readonly object[]): void {
  for (const part of parts) active.delete(part);
}

/** The swap that one of these takes part in now. */
export function swapOf(parts: readonly object[]): object | undefined {
  const part = parts.find((one) => active.has(one));
  return part === undefined ? undefined : active.get(part);
}

export function assertNoSwap(parts: Iterable<object>, must: string): void {
  for (const part of parts) {
    if (active.has(part)) throw new SmoothingError('SWAP_ACTIVE', `${must}, got one inside withEmaWeights`);
  }
}
