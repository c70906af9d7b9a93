import { allFinite, lerpInto, scaleInto, type FloatVector } from '../kernels/vectors.js';
import { bad, type Plan } from '../options.js';
import { advance, noWeight, settle, type Rate, WEIGHT, type WeightSum } from '../recurrence/weight.js';
import { missingValue, type Readout, type State } from './smoother.js';
import {
  ageSlots,
  arraysOf,
  counts,
  emptySlot,
  miss,
  mostSteps,
  rateOf,
  read,
  scheduledRates,
  SLOT,
  take,
  type Slot,
} from './slots.js';

/**
 * What a block of elements (a vector, a tensor) rests on: one W for the whole, and from the first missing element on a
 * slot for each, so that every element equals the number stream of its own.
 */
export interface Block {
  /** The shadow, which moves in place. */
  readonly y: FloatVector;
  readonly all: WeightSum;
  /** Their y are the shadow's. */
  each: readonly Slot[] | null;
}

/** @param y - the seed, or NaN where there is none */
export function newBlock(y: FloatVector, seeded: boolean): Block {
  const all = noWeight();
  if (seeded) {
    if (!allFinite(y)) throw bad('start.value', 'be finite', NaN);
    settle(all);
  }
  return { y, all, each: null };
}

export function blockStep({ all, each }: Block): number {
  return mostSteps(each ?? [all]);
}

/** W of the whole, or null where the elements' own differ. 0 is "not yet". */
export function blockWeight({ all, each }: Block): number | null {
  return each === null ? all.weight : null;
}

/** The rate of the next step of the whole block. */
export function blockRate({ all }: Block, plan: Plan): Rate {
  return rateOf(plan, all);
}

/** True if `x` has to be taken element by element under this plan; throws `MISSING_VALUE` if the plan forbids it. */
export function hasMissing(x: ArrayLike<number>, plan: Plan): boolean {
  if (plan.missing === 'propagate' || allFinite(x)) return false;
  if (plan.missing === 'throw') {
    const at = Array.from(x).findIndex((value) => !Number.isFinite(value));
    throw missingValue(`element ${at}`, x[at]);
  }
  return true;
}

/** One step for a block without missing elements. */
export function moveWhole(block: Block, x: ArrayLike<number>, plan: Plan): void {
  lerpInto(block.y, x, advance(block.all, blockRate(block, plan), plan));
}

/** One step, element by element; `out` ← what comes out, if it is wanted. */
export function moveEach(
  block: Block,
  x: ArrayLike<number>,
  plan: Plan,
  readout: Readout,
  out: FloatVector | undefined,
): void {
  const { y, all } = block;
  const rates = scheduledRates(plan, block.each ?? [all]);
  const spread = block.each === null;
  const each = (block.each ??= Array.from(y, (mean) => Object.assign(emptySlot(), all, { y: mean })));
  for (let i = 0; i < x.length; i++) {
    const slot = each[i]!;
    const value = x[i]!;
    const rate = rates?.[spread ? 0 : i] ?? plan.constant!;
    const came = counts(value, plan) ? take(slot, value, rate, plan, readout) : miss(slot, value, plan, rate);
    y[i] = slot.y;
    slot.y = y[i]!; // in float32 where the shadow is
    if (out !== undefined) out[i] = came;
  }
}

/** The whole block is missing and counts as an elapsed step. */
export function ageBlock({ all, each }: Block, plan: Plan): void {
  ageSlots(plan, each ?? [all]);
}

/** out ← what the block reads. */
export function readBlock({ y, all, each }: Block, readout: Readout, out: FloatVector): void {
  if (each !== null) {
    for (let i = 0; i < y.length; i++) out[i] = read(y[i]!, each[i]!.weight, readout);
  } else if (all.weight === 0) {
    out.fill(NaN);
  } else if (readout === 'raw') {
    scaleInto(out, y, all.weight);
  } else {
    out.set(y);
  }
}

/** The arrays of a state: an entry of each element, or one for all. */
export function blockArrays({ y, all, each }: Block): State['shadows'] {
  return { ...(each === null ? arraysOf(WEIGHT, [all]) : arraysOf(SLOT, each)), y };
}
