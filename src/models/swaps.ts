import { SmoothingError } from '../errors.js';

/** Models, variables and shadows that take part in a swap now. */
const active = new WeakSet();

export function enterSwap(parts: readonly object[]): void {
  assertNoSwap(parts, 'a model and its shadow must be in one swap at a time');
  for (const part of parts) active.add(part);
}

export function leaveSwap(parts: readonly object[]): void {
  for (const part of parts) active.delete(part);
}

export function assertNoSwap(parts: Iterable<object>, must: string): void {
  for (const part of parts) {
    if (active.has(part)) throw new SmoothingError('SWAP_ACTIVE', `${must}, got one inside withEmaWeights`);
  }
}
