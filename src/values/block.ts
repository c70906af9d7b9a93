import { grown, MISSING, type Run } from '../kernels/law.js';
import { LAST, Y } from '../kernels/steps.js';
import { allFinite, lerpInto, scaleInto, type FloatVector } from '../kernels/vectors.js';
import { bad, type Plan } from '../options.js';
import { advance, age, noWeight, settle, STEP, W, type Rate } from '../recurrence/weight.js';
import { counts, mostSteps, newRun, transact } from './slots.js';
import { missingValue, otherKind, type Readout } from './smoother.js';

/**
 * What a block of elements (a vector, a tensor) rests on: one W for the whole, and from the first missing element on a
 * slot for each, so that every element equals the number stream of its own.
 */
export interface Block {
  /** The shadow, which moves in place. */
  readonly y: FloatVector;
  readonly all: Float64Array;
  /** Their y are the shadow's. */
  each: Float64Array | null;
}

/** @param y - the seed, or NaN where there is none */
export function newBlock(y: FloatVector, seeded: boolean, plan: Plan): Block {
  if (plan.perMs !== null || plan.by !== null || plan.weight !== null) {
    throw otherKind(
      'be a number, a record or a RecordBatch where there are keys, weights or a decay per millisecond',
      y,
    );
  }
  const all = noWeight();
  if (seeded) {
    if (!allFinite(y)) throw bad('start.value', 'be finite', NaN);
    settle(all);
  }
  return { y, all, each: null };
}

export function blockStep({ all, each }: Block, { law }: Plan): number {
  return each === null ? all[STEP]! : mostSteps(law, [each]);
}

/** W of the whole, or null where the elements' own differ. 0 is "not yet". */
export function blockWeight({ all, each }: Block): number | null {
  return each === null ? all[W]! : null;
}

/** The rate of the next step of the whole block. */
export function blockRate({ all }: Block, plan: Plan): Rate {
  return plan.constant ?? plan.rateAt(all[STEP]! + 1);
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
  const run = elementsOf(x.length);
  for (let i = 0; i < x.length; i++) {
    run.x[i] = x[i]!;
    run.there![i] = counts(x[i]!, plan) ? 1 : 0;
  }
  scanEach(block, run, plan, readout);
  if (out === undefined) return;
  for (let i = 0; i < x.length; i++) {
    out[i] = run.gone[i] === 0 ? run.out[i]! : run.gone[i] === MISSING ? x[i]! : NaN;
  }
}

/** The elements of a block as rows, each of a slot of its own. */
function elementsOf(n: number): Run {
  return { ...newRun(n), slots: Int32Array.from({ length: n }, (_, i) => i) };
}

function scanEach(block: Block, run: Run, plan: Plan, readout: Readout): void {
  const { y, all } = block;
  const { law } = plan;
  const stride = law.fields.length;
  const each = block.each ?? grown(law, y.length);
  for (let i = 0; i < y.length; i++) {
    if (block.each === null) each.set(all, i * stride);
    each[i * stride + Y] = y[i]!; // in float32 where the shadow is
  }
  transact(plan, [each], ([table]) => law.scan(table!, run, readout === 'raw'));
  block.each = each;
  for (let i = 0; i < y.length; i++) y[i] = each[i * stride + Y]!;
}

/** The whole block is missing and counts as an elapsed step. */
export function ageBlock(block: Block, plan: Plan): void {
  if (block.each !== null) scanEach(block, elementsOf(block.y.length), plan, 'corrected');
  else age(block.all, 0, blockRate(block, plan));
}

/** What came out last, of each element. */
export function lastOfEach({ y, each }: Block, { law }: Plan, out: FloatVector): void {
  for (let i = 0; i < y.length; i++) out[i] = each![i * law.fields.length + LAST]!;
}

/** out ← what the block reads. */
export function readBlock({ y, all, each }: Block, readout: Readout, { law }: Plan, out: FloatVector): void {
  if (each !== null) {
    for (let i = 0; i < y.length; i++) {
      const w = each[i * law.fields.length + W]!;
      out[i] = w === 0 ? NaN : readout === 'raw' ? w * y[i]! : y[i]!;
    }
  } else if (all[W] === 0) {
    out.fill(NaN);
  } else if (readout === 'raw') {
    scaleInto(out, y, all[W]!);
  } else {
    out.set(y);
  }
}
