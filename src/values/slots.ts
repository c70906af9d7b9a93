import { shown, SmoothingError } from '../errors.js';
import type { FloatVector } from '../kernels/vectors.js';
import type { Plan } from '../options.js';
import { lerp } from '../recurrence/lerp.js';
import { advance, age, emptyWeights, settle, type Rate, type Weights } from '../recurrence/weight.js';
import type { Readout } from './smoother.js';

/** n scalar averages side by side, one slot each: the columns of records and batches, the elements of vectors. */
export interface Slots extends Weights {
  /** The corrected average; NaN while nothing has come in. */
  y: FloatVector;
  /** What came out last, under the readout of that time; NaN while nothing has. */
  last: Float64Array;
}

export const SLOT_ARRAYS = ['y', 'weight', 'rest', 'step', 'last'] as const;

export function emptySlots(n: number): Slots {
  return { y: new Float64Array(n).fill(NaN), ...emptyWeights(n), last: new Float64Array(n).fill(NaN) };
}

/** A copy with room for n slots, the further ones empty. */
export function copySlots(from: Slots, n: number): Slots {
  const to = emptySlots(n);
  for (const name of SLOT_ARRAYS) to[name].set(from[name]);
  return to;
}

/** Slot `i` starts at a given value, of the column of that name if there are several. */
export function seedSlot(slots: Slots, i: number, value: unknown, name?: string): void {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    const where = name === undefined ? 'be' : `have, for '${name}',`;
    throw new SmoothingError('OPTION_VALUE', `start.value must ${where} a finite number, got ${shown(value)}`);
  }
  slots.y[i] = value;
  settle(slots, i);
}

/** Throws if the names of appended columns are not new. */
export function checkAppended(names: readonly string[], taken: readonly string[]): void {
  names.forEach((name, i) => {
    if (typeof name === 'string' && !taken.includes(name) && names.indexOf(name) === i) return;
    throw new SmoothingError('COLUMN_COLLISION', `as must give new names, got ${shown(name)}`);
  });
}

/** The rate that slot `i` moves by next. */
export function rateOf(plan: Plan, slots: Weights, i: number): Rate {
  return plan.constant ?? plan.rateAt(slots.step[i]! + 1);
}

/** True if a value is a step under this plan, false if it is missing. */
export function counts(x: number, plan: Plan): boolean {
  return x - x === 0 || plan.missing === 'propagate';
}

/** One value that counts, through slot `i`: what comes out. */
export function take(slots: Slots, i: number, x: number, rate: Rate, plan: Plan, readout: Readout): number {
  slots.y[i] = lerp(slots.y[i]!, x, advance(slots, i, rate, plan));
  return (slots.last[i] = readSlot(slots, i, readout));
}

/** A missing value of slot `i`: what comes out, which is what came in unless the plan carries. */
export function miss<X>(slots: Slots, i: number, x: X, plan: Plan, rate?: Rate): X | number {
  if (plan.ages) age(slots, i, rate ?? rateOf(plan, slots, i));
  const last = slots.last[i]!;
  return plan.missing === 'carry' && !Number.isNaN(last) ? last : x;
}

/** What slot `i` reads, NaN while it is "not yet". */
export function readSlot(slots: Slots, i: number, readout: Readout): number {
  const weight = slots.weight[i]!;
  if (weight === 0) return NaN;
  return readout === 'raw' ? weight * slots.y[i]! : slots.y[i]!;
}

/** Steps of the slot that has taken the most. */
export function mostSteps({ step }: Weights): number {
  return step.reduce((a, b) => Math.max(a, b), 0);
}

/** Every slot's next rate under a schedule, which may throw: asked for before anything moves. */
export function scheduledRates(plan: Plan, slots: Weights): readonly Rate[] | null {
  return plan.constant === null ? Array.from(slots.step, (step) => plan.rateAt(step + 1)) : null;
}

/** A gap in every slot. */
export function ageSlots(plan: Plan, slots: Weights): void {
  const rates = scheduledRates(plan, slots);
  for (let i = 0; i < slots.step.length; i++) age(slots, i, rates?.[i] ?? plan.constant!);
}
