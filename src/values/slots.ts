import { shown, SmoothingError } from '../errors.js';
import { bad, type Plan } from '../options.js';
import { lerp } from '../recurrence/lerp.js';
import { advance, age, settle, type Rate, type WeightSum } from '../recurrence/weight.js';
import type { Readout } from './smoother.js';

/** An average of numbers: of a stream, of a column of records or batches, of an element of vectors. */
export interface Slot extends WeightSum {
  /** The corrected average; NaN while nothing has come in. */
  y: number;
  /** What came out last, under the readout of that time; NaN while nothing has. */
  last: number;
}

export function emptySlot(): Slot {
  return { y: NaN, weight: 0, rest: 1, step: 0, last: NaN };
}

export function emptySlots(n: number): Slot[] {
  return Array.from({ length: n }, emptySlot);
}

export const SLOT = ['y', 'last', 'weight', 'rest', 'step'] as const;

/** Numbers by name as a snapshot has them: an array of each. */
export function arraysOf<N extends string>(
  names: readonly N[],
  from: readonly Readonly<Record<N, number>>[],
): Record<string, Float64Array> {
  return Object.fromEntries(names.map((name) => [name, Float64Array.from(from, (one) => one[name])]));
}

/** The slot starts at a given value, of the column of that name if there are several. */
export function seedSlot(slot: Slot, value: unknown, name?: string): void {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw bad(name === undefined ? 'start.value' : `start.value.${name}`, 'be finite', value);
  }
  slot.y = value;
  settle(slot);
}

/** Throws if the names of appended columns are not new. */
export function checkAppended(names: readonly string[], taken: readonly string[]): void {
  names.forEach((name, i) => {
    if (typeof name === 'string' && !taken.includes(name) && names.indexOf(name) === i) return;
    throw new SmoothingError('COLUMN_COLLISION', `as must give new names, got ${shown(name)}`);
  });
}

/** The rate of the next step. */
export function rateOf(plan: Plan, { step }: WeightSum): Rate {
  return plan.constant ?? plan.rateAt(step + 1);
}

/** True if a value is a step under this plan, false if it is missing. */
export function counts(x: number, plan: Plan): boolean {
  return x - x === 0 || plan.missing === 'propagate';
}

/** One value that counts: what comes out. */
export function take(slot: Slot, x: number, rate: Rate, plan: Plan, readout: Readout): number {
  slot.y = lerp(slot.y, x, advance(slot, rate, plan));
  return (slot.last = read(slot.y, slot.weight, readout));
}

/** A missing value: what comes out, which is what came in unless the plan carries. */
export function miss<X>(slot: Slot, x: X, plan: Plan, rate?: Rate): X | number {
  if (plan.ages) age(slot, rate ?? rateOf(plan, slot));
  return plan.missing === 'carry' && !Number.isNaN(slot.last) ? slot.last : x;
}

/** What an average reads, NaN while it is "not yet". */
export function read(y: number, weight: number, readout: Readout): number {
  if (weight === 0) return NaN;
  return readout === 'raw' ? weight * y : y;
}

/** Steps of the slot that has taken the most. */
export function mostSteps(slots: readonly WeightSum[]): number {
  return slots.reduce((most, { step }) => Math.max(most, step), 0);
}

/** Every slot's next rate under a schedule, which may throw: asked for before anything moves. */
export function scheduledRates(plan: Plan, slots: readonly WeightSum[]): readonly Rate[] | null {
  return plan.constant === null ? slots.map(({ step }) => plan.rateAt(step + 1)) : null;
}

/** A gap in every slot. */
export function ageSlots(plan: Plan, slots: readonly WeightSum[]): void {
  const rates = scheduledRates(plan, slots);
  slots.forEach((slot, i) => age(slot, rates?.[i] ?? plan.constant!));
}
