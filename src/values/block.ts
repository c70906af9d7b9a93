import { allFinite, lerpInto, scaleInto, type FloatVector } from '../kernels/vectors.js';
import type { Plan } from '../options.js';
import { advance, age, emptyWeights, settle, type Rate, type Weights } from '../recurrence/weight.js';
import { missingValue, type Readout, type State } from './smoother.js';
import { ageSlots, counts, miss, mostSteps, rateOf, readSlot, scheduledRates, take, type Slots } from './slots.js';

/**
 * What a block of elements (a vector, a tensor) rests on: one W for the whole, and from the first missing element on a
 * slot for each, so that every element equals the number stream of its own.
 */
export interface Block {
  /** The shadow, which moves in place. */
  readonly y: FloatVector;
  readonly all: Weights;
  each: Slots | null;
}

/** @param y - the seed, or NaN where there is none */
export function newBlock(y: FloatVector, seeded: boolean): Block {
  const all = emptyWeights(1);
  if (seeded) settle(all, 0);
  return { y, all, each: null };
}

export function blockStep({ all, each }: Block): number {
  return mostSteps(each ?? all);
}

/** W of the whole, or null where the elements' own differ. 0 is "not yet". */
export function blockWeight({ all, each }: Block): number | null {
  return each === null ? all.weight[0]! : null;
}

/** The rate of the next step of the whole block. */
export function blockRate({ all }: Block, plan: Plan): Rate {
  return rateOf(plan, all, 0);
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
  lerpInto(block.y, x, advance(block.all, 0, blockRate(block, plan), plan));
}

/** One step, element by element; `out` ← what comes out, if it is wanted. */
export function moveEach(
  block: Block,
  x: ArrayLike<number>,
  plan: Plan,
  readout: Readout,
  out: FloatVector | undefined,
): void {
  const rates = scheduledRates(plan, block.each ?? block.all);
  const spread = block.each === null;
  const each = (block.each ??= slotsOf(block));
  for (let i = 0; i < x.length; i++) {
    const rate = rates?.[spread ? 0 : i] ?? plan.constant!;
    const value = x[i]!;
    const read = counts(value, plan) ? take(each, i, value, rate, plan, readout) : miss(each, i, value, plan, rate);
    if (out !== undefined) out[i] = read;
  }
}

/** The whole block is missing and counts as an elapsed step. */
export function ageBlock(block: Block, plan: Plan): void {
  if (block.each === null) age(block.all, 0, blockRate(block, plan));
  else ageSlots(plan, block.each);
}

/** out ← what the block reads. */
export function readBlock({ y, all, each }: Block, readout: Readout, out: FloatVector): void {
  if (each !== null) {
    for (let i = 0; i < y.length; i++) out[i] = readSlot(each, i, readout);
  } else if (all.weight[0] === 0) {
    out.fill(NaN);
  } else if (readout === 'raw') {
    scaleInto(out, y, all.weight[0]!);
  } else {
    out.set(y);
  }
}

/** A slot for each element, all of them where the whole block is. */
function slotsOf({ y, all }: Block): Slots {
  const filled = (value: number): Float64Array => new Float64Array(y.length).fill(value);
  return {
    y,
    weight: filled(all.weight[0]!),
    rest: filled(all.rest[0]!),
    step: filled(all.step[0]!),
    last: filled(NaN),
  };
}

/** The arrays of a state: an entry of each element, or one for all. */
export function blockArrays({ y, all, each }: Block): State['shadows'] {
  return { y, ...(each ?? all) };
}
