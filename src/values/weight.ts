import { shown, SmoothingError } from '../errors.js';
import { allFinite } from '../kernels/vectors.js';
import type { ModelPlan } from '../modelOptions.js';
import type { BigIntVector, SavedArray } from '../types.js';
import { isArray, isBigInts, isFloating } from './presets.js';
import { shapeOf, sizeOf } from './shapes.js';
import { missingValue, otherKind } from './smoother.js';
import { checkShape, checkTensor, isLayersModel, isTensor, valuesOf, type Tensor } from './tensorOps.js';

/** One weight of a model, as it arrives. */
export type Weight = Tensor | SavedArray;
/** Numbers that can be averaged, as a snapshot holds them. */
export type SavedFloats = Exclude<SavedArray, BigIntVector>;
export type Rule = 'average' | 'copy' | 'ignore';

/** What is known of one name from the first weights on. */
export interface Entry {
  readonly rule: 'average' | 'copy';
  /** dtype of a tensor, class of a typed array. */
  readonly type: string;
  readonly shape: readonly number[];
}

/** What to do with a weight, asked when it comes for the first time. */
export function ruleFor(name: string, weight: Weight, plan: ModelPlan): Rule {
  if (plan.rule === null) return isFloating(weight) ? 'average' : 'copy';
  const rule = plan.rule(name, weight);
  if (rule === 'average' || rule === 'copy' || rule === 'ignore') return rule;
  throw new SmoothingError(
    'OPTION_VALUE',
    `rule must return 'average', 'copy' or 'ignore', got ${shown(rule)} for '${name}'`,
  );
}

/** Throws for what has no weights by name: what is iterable (arrays, maps, typed arrays), tensors, models. */
export function checkMap(weights: unknown, what = 'the value'): void {
  if (isLayersModel(weights))
    throw new SmoothingError('VALUE_KIND', `${what} must be weights by name, got a model: give weightsOf(model)`);
  if (typeof weights === 'object' && weights !== null && !(Symbol.iterator in weights) && !isTensor(weights)) return;
  const got = Array.isArray(weights) ? 'an array' : shown(weights);
  throw new SmoothingError('VALUE_KIND', `${what} must be weights by name, got ${got}`);
}

/** Throws for what is no weight, or none that can be averaged where that is the rule. */
export function checkWeight(name: string, weight: unknown, rule: Rule): void {
  if (isTensor(weight)) checkTensor(weight, `weight '${name}'`);
  else if (!isArray(weight)) throw otherKind(`be tensors or typed arrays by name; '${name}' must be one`, weight);
  else if (rule === 'average' && isBigInts(weight))
    throw otherKind(`be floats or integers of at most 32 bits where the rule averages, as for '${name}'`, weight);
  else checkShapeOf(name, weight, shapeOf(weight)); // as many elements as it says itself
}

/** Throws under `missing: 'throw'` if an element of what is averaged is not finite. */
export function checkFinite(name: string, weight: Weight, rule: Rule, { missing }: ModelPlan): void {
  if (rule !== 'average' || missing !== 'throw') return;
  const values = isTensor(weight) ? valuesOf(weight) : (weight as SavedFloats);
  if (allFinite(values)) return;
  const at = Array.prototype.findIndex.call(values, (value) => !Number.isFinite(value));
  throw missingValue(`element ${at} of weight '${name}'`, values[at]);
}

/** dtype of a tensor, class of a typed array. */
export const typeOf = (weight: Weight): string => (isTensor(weight) ? weight.dtype : weight.constructor.name);

/** Throws if a weight is of another type or shape than the first. */
export function checkLike(name: string, weight: Weight, { type, shape }: Entry): void {
  if (typeOf(weight) !== type) {
    throw new SmoothingError('DTYPE_MISMATCH', `weight '${name}' must be ${type}, got ${typeOf(weight)}`);
  }
  checkShapeOf(name, weight, shape);
}

/** An array that says no shape fits by its length, which has to be right in any case. */
function checkShapeOf(name: string, weight: Weight, shape: readonly number[]): void {
  const what = `weight '${name}'`;
  const own = shapeOf(weight);
  if (isTensor(weight) || (own.length !== 1 && shape.length !== 1)) checkShape(what, { shape: own }, shape);
  if (!isTensor(weight)) checkShape(what, { shape: [weight.length] }, [sizeOf(shape)]);
}
