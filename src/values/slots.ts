import type { Plan } from '../options.js';
import { emptyWeights, settle, type Weights } from '../recurrence/weight.js';
import type { Readout } from './smoother.js';

/** n scalar averages side by side: what numbers, records and batches share, a slot per column. */
export interface Slots extends Weights {
  /** The corrected average; NaN while nothing has come in. */
  y: Float64Array;
  /** What came out last, under the readout of that time; NaN while nothing has. */
  last: Float64Array;
}

export function emptySlots(n: number): Slots {
  return { y: new Float64Array(n).fill(NaN), ...emptyWeights(n), last: new Float64Array(n).fill(NaN) };
}

export const SLOT_ARRAYS = ['y', 'weight', 'rest', 'step', 'last'] as const;

/** A copy with room for n slots, the further ones empty. */
export function copySlots(from: Slots, n: number): Slots {
  const to = emptySlots(n);
  for (const name of SLOT_ARRAYS) to[name].set(from[name]);
  return to;
}

/** Slot `i` starts at a given value. */
export function seedSlot(slots: Slots, i: number, value: number): void {
  slots.y[i] = value;
  settle(slots, i);
}

/** What slot `i` reads, NaN while it is "not yet". */
export function readSlot(slots: Slots, i: number, readout: Readout): number {
  const weight = slots.weight[i]!;
  if (weight === 0) return NaN;
  return readout === 'raw' ? weight * slots.y[i]! : slots.y[i]!;
}

/** The rate that slot `i` moves by next. */
export function rateOf(plan: Plan, slots: Weights, i: number): NonNullable<Plan['constant']> {
  return plan.constant ?? plan.rateAt(slots.step[i]! + 1);
}
