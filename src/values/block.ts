import { allFinite, lerpInto, scaleInto, type FloatVector } from '../kernels/vectors.js';
import type { Plan } from '../options.js';
import { lerp } from '../recurrence/lerp.js';
import { advance, age, emptyWeights, settle, type Rate, type Weights } from '../recurrence/weight.js';
import { missingValue, type Readout, type State } from './smoother.js';

/**
 * What a block of elements (a vector, a tensor) rests on: one W for the whole, and from the first missing element on a W
 * for each, so that every element equals the number stream of its own.
 */
export interface BlockWeights {
  readonly all: Weights;
  each: (Weights & { last: Float64Array }) | null;
}

export function emptyBlock(): BlockWeights {
  return { all: emptyWeights(1), each: null };
}

export function seededBlock(): BlockWeights {
  const block = emptyBlock();
  settle(block.all, 0);
  return block;
}

export function blockStep({ all, each }: BlockWeights): number {
  return each === null ? all.step[0]! : each.step.reduce((a, b) => Math.max(a, b), 0);
}

/** W of the whole, or null where the elements' own differ. 0 is "not yet". */
export function blockWeight({ all, each }: BlockWeights): number | null {
  return each === null ? all.weight[0]! : null;
}

/** True if `x` has to be taken element by element under this plan; throws `MISSING_VALUE` if the plan forbids it. */
export function hasMissing(x: ArrayLike<number>, plan: Plan): boolean {
  if (plan.missing === 'propagate' || allFinite(x)) return false;
  if (plan.missing === 'throw') {
    const at = Array.prototype.findIndex.call(x, (value: number) => value - value !== 0);
    throw missingValue(`element ${at}`, x[at]);
  }
  return true;
}

/** The rate of the next step of the whole block. Throws `SCHEDULE_RANGE` before anything has moved. */
export function blockRate(block: BlockWeights, plan: Plan): Rate {
  return plan.constant ?? plan.rateAt(block.all.step[0]! + 1);
}

/** One step for a block without missing elements. `y` moves in place. */
export function moveWhole(block: BlockWeights, y: FloatVector, x: ArrayLike<number>, plan: Plan): void {
  lerpInto(y, x, advance(block.all, 0, blockRate(block, plan), plan));
}

/** One step, element by element: each by its own weight, a missing one by the policy. `y` moves in place. */
export function moveEach(
  block: BlockWeights,
  y: FloatVector,
  x: ArrayLike<number>,
  plan: Plan,
  readout: Readout,
): void {
  const rates = ratesByStep(block, plan);
  const each = (block.each ??= spread(block.all, y, readout));
  for (let i = 0; i < y.length; i++) {
    const value = x[i]!;
    if (value - value === 0 || plan.missing === 'propagate') {
      y[i] = lerp(y[i]!, value, advance(each, i, rates(each.step[i]! + 1), plan));
      each.last[i] = readElement(each, y, i, readout);
    } else if (plan.ages) {
      age(each, i, rates(each.step[i]! + 1));
    }
  }
}

/** The whole block is missing and counts as an elapsed step. */
export function ageBlock(block: BlockWeights, plan: Plan): void {
  const { all, each } = block;
  if (each === null) {
    age(all, 0, blockRate(block, plan));
  } else {
    const rates = ratesByStep(block, plan);
    for (let i = 0; i < each.weight.length; i++) age(each, i, rates(each.step[i]! + 1));
  }
}

/** out ← what the block reads. */
export function readBlock(block: BlockWeights, y: FloatVector, readout: Readout, out: FloatVector): void {
  const { all, each } = block;
  if (each !== null) {
    for (let i = 0; i < y.length; i++) out[i] = readElement(each, y, i, readout);
  } else if (all.weight[0] === 0) {
    out.fill(NaN);
  } else if (readout === 'raw') {
    scaleInto(out, y, all.weight[0]!);
  } else {
    out.set(y);
  }
}

/** out[i] ← for elements of `x` that are missing: what came in, or under 'carry' what came out last. */
export function showMissing(block: BlockWeights, x: ArrayLike<number>, plan: Plan, out: FloatVector): void {
  for (let i = 0; i < out.length; i++) {
    const value = x[i]!;
    if (value - value === 0) continue;
    const last = block.each!.last[i]!;
    out[i] = plan.missing === 'carry' && !Number.isNaN(last) ? last : value;
  }
}

/** The rates of the steps to come, each asked for once; all of them before anything moves. */
function ratesByStep({ all, each }: BlockWeights, plan: Plan): (step: number) => Rate {
  if (plan.constant !== null) {
    const { constant } = plan;
    return () => constant;
  }
  const steps = new Set(each?.step ?? all.step);
  const rates = new Map([...steps].map((step) => [step + 1, plan.rateAt(step + 1)]));
  return (step) => rates.get(step)!;
}

function spread(all: Weights, y: FloatVector, readout: Readout): NonNullable<BlockWeights['each']> {
  const n = y.length;
  const each = {
    weight: new Float64Array(n).fill(all.weight[0]!),
    rest: new Float64Array(n).fill(all.rest[0]!),
    step: new Float64Array(n).fill(all.step[0]!),
    last: new Float64Array(n),
  };
  for (let i = 0; i < n; i++) each.last[i] = readElement(each, y, i, readout);
  return each;
}

function readElement(each: Weights, y: FloatVector, i: number, readout: Readout): number {
  const weight = each.weight[i]!;
  if (weight === 0) return NaN;
  return readout === 'raw' ? weight * y[i]! : y[i]!;
}

/** The weights as a state has them: an entry each, or one for all. */
export function blockArrays({ all, each }: BlockWeights): State['shadows'] {
  return { ...(each ?? all) };
}
