import { SmoothingError } from '../errors.js';
import { grown } from '../kernels/law.js';
import { LAST, Y } from '../kernels/steps.js';
import { W, WEIGHT } from '../recurrence/weight.js';
import { otherKind, type State } from '../values/smoother.js';
import { floats, VECTORS } from '../values/vector.js';
import type { MergePlan } from './mergePlan.js';
import { corrupt, savedArray, savedCount, savedTable } from './saved.js';
import { arraysOf } from './stateOf.js';

/** A half of a stream of vectors or tensors. */
interface Half {
  /** A slot for each element, and one behind them for the whole. */
  readonly slots: Float64Array;
  /** False if the elements differ in what they rest on. */
  readonly whole: boolean;
  readonly readout: 'raw' | 'corrected';
}

/** Vectors, or tensors, of two halves as one: each element as a number stream of its own. */
export function mergeBlocks(left: State, right: State, plan: MergePlan): State {
  const like = isNone(left) ? right : left;
  if (!isNone(left) && !isNone(right)) checkAlike(left, right);
  const length = savedCount(like, 'length');
  const [first, second] = [halfOf(left, length, plan), halfOf(right, length, plan)];
  const { readout } = isNone(right) ? first : second;
  const rows = savedCount(right, 'seen');
  const { fields } = plan.law;
  const size = fields.length;
  const { slots } = first;
  for (let at = 0; at < slots.length; at += size) {
    plan.merge(slots.subarray(at, at + size), second.slots.subarray(at, at + size), rows, readout);
  }
  const [each, all] = [slots.subarray(0, length * size), slots.slice(length * size)];
  const whole = first.whole && second.whole;
  const weights = whole ? arraysOf(WEIGHT, [all.subarray(0, WEIGHT.length)]) : arraysOf(fields, [each]);
  const y = floats(typeOf(like), length).map((_, i) => each[i * size + Y]!);
  return { scalars: { ...like.scalars, readout }, shadows: { ...weights, y } };
}

const isNone = ({ scalars }: State): boolean => scalars['kind'] === 'none';

function typeOf({ scalars }: State): string {
  const { type } = scalars;
  if (VECTORS.has(type)) return String(type);
  throw corrupt(`a vector of '${String(type)}'`);
}

function checkAlike(one: State, other: State): void {
  const [left, right] = [one.scalars, other.scalars];
  if (typeOf(one) !== typeOf(other)) throw otherKind(`be a ${typeOf(one)} in both halves`, right['type']);
  if (left['dtype'] !== right['dtype']) throw differ('DTYPE_MISMATCH', 'dtype', left['dtype'], right['dtype']);
  const [must, got] = [one, other].map((half) => half.scalars['shape'] ?? `[${savedCount(half, 'length')}]`);
  if (must !== got) throw differ('SHAPE_MISMATCH', 'shape', must, got);
}

function differ(code: 'DTYPE_MISMATCH' | 'SHAPE_MISMATCH', what: string, must: unknown, got: unknown): SmoothingError {
  return new SmoothingError(code, `the ${what} must be ${String(must)} in both halves, got ${String(got)}`);
}

function halfOf(saved: State, length: number, { law }: MergePlan): Half {
  const size = law.fields.length;
  const slots = grown(law, length + 1);
  if (isNone(saved)) return { slots, whole: true, readout: 'corrected' };
  const type = typeOf(saved);
  const { readout } = saved.scalars;
  if (readout !== 'raw' && readout !== 'corrected') throw corrupt(`a readout of '${String(readout)}'`);
  const y =
    type === 'Float32Array'
      ? savedArray(saved, 'y', Float32Array, length)
      : savedArray(saved, 'y', Float64Array, length);
  const whole = !('last' in saved.shadows);
  if (whole) {
    const all = savedTable(saved, WEIGHT, 1);
    for (let at = 0; at < slots.length; at += size) slots.set(all, at);
  } else {
    slots.set(savedTable({ ...saved, shadows: { ...saved.shadows, y: Float64Array.from(y) } }, law.fields, length));
  }
  for (let i = 0; i < length; i++) {
    const at = i * size;
    slots[at + Y] = y[i]!;
    if (whole && slots[at + W] !== 0) slots[at + LAST] = readout === 'raw' ? slots[at + W]! * y[i]! : y[i]!;
  }
  return { slots, whole, readout };
}
