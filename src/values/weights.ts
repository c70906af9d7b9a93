import { shown, SmoothingError } from '../errors.js';
import { allFinite, lerpFiniteInto, lerpInto, type FloatVector } from '../kernels/vectors.js';
import type { ModelPlan } from '../modelOptions.js';
import type { SavedArray } from '../types.js';
import { corrupt, savedJson } from '../state/saved.js';
import { missingValue, otherKind, type State } from './smoother.js';
import {
  checkShape,
  checkTensor,
  ownTensor,
  copyTensor,
  isTensor,
  lerpTensor,
  readsAreCheap,
  tensorOf,
  valuesOf,
  type Tensor,
} from './tensorOps.js';
import { floats, isVector } from './vector.js';

/** One weight of a model, as it arrives. */
export type Weight = Tensor | Exclude<SavedArray, BigInt64Array>;
type Rule = 'average' | 'copy' | 'ignore';

/** What is known of one name from the first weights on. */
interface Entry {
  readonly rule: 'average' | 'copy';
  /** dtype of a tensor, class of a typed array. */
  readonly type: string;
  readonly shape: readonly number[];
}

type Given = Readonly<Record<string, Weight>>;

/** A model's shadow: averages and latest values by name. What `check` throws has changed nothing. */
export class Weights {
  /** The live map: the same object for the life of the shadow. */
  readonly shadow: Record<string, Weight> = {};
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #ignored: Set<string>;
  readonly #plan: ModelPlan;
  /** After loading: the rules have yet to be held against what they said before. */
  #loaded = false;

  private constructor(entries: ReadonlyMap<string, Entry>, plan: ModelPlan, ignored = new Set<string>()) {
    this.#entries = entries;
    this.#plan = plan;
    this.#ignored = ignored;
  }

  /** An empty shadow for weights like the first ones. */
  static for(first: Given, plan: ModelPlan): Weights {
    const entries = new Map<string, Entry>();
    const ignored = new Set<string>();
    if (typeof first !== 'object' || first === null) throw otherKind('be weights by name', first);
    for (const [name, weight] of Object.entries(first)) {
      const rule = ruleFor(name, weight, plan);
      if (rule === 'ignore') {
        ignored.add(name);
        continue;
      }
      checkWeight(name, weight);
      entries.set(name, { rule, type: typeOf(weight), shape: shapeOf(weight) });
    }
    if (entries.size === 0) {
      throw new SmoothingError(
        'NAMES_MISMATCH',
        'the weights must have at least one name that the rule does not ignore, got none',
      );
    }
    return new Weights(entries, plan, ignored);
  }

  /** The shadow ← copies of the weights. Averages of integers are floats. */
  copyFrom(weights: Given): void {
    for (const [name, { rule }] of this.#entries) {
      this.shadow[name] = rule === 'copy' ? copyOf(weights[name]!) : floatCopyOf(weights[name]!);
    }
  }

  /** The shadow ← nothing yet: NaN where it averages. */
  clear(weights: Given): void {
    this.copyFrom(weights);
    for (const [name, { rule }] of this.#entries) {
      const one = this.shadow[name]!;
      if (rule === 'copy') continue;
      if (isTensor(one)) {
        this.shadow[name] = tensorOf(new Float32Array(one.size).fill(NaN), one.shape);
        one.dispose();
      } else {
        (one as FloatVector).fill(NaN);
      }
    }
  }

  /** Throws if these are not weights of the names, shapes and types of the first. */
  check(weights: Given): void {
    if (typeof weights !== 'object' || weights === null) throw otherKind('be weights by name', weights);
    for (const [name, weight] of Object.entries(weights)) {
      if (this.#entries.has(name) || this.#ignored.has(name)) continue;
      if (ruleFor(name, weight, this.#plan) !== 'ignore') {
        throw new SmoothingError(
          'NAMES_MISMATCH',
          `the weights must have the names of the first ones, got '${name}' besides`,
        );
      }
      this.#ignored.add(name);
    }
    for (const [name, { rule, type, shape }] of this.#entries) {
      const weight = Object.hasOwn(weights, name) ? weights[name] : undefined;
      if (weight === undefined) {
        throw new SmoothingError(
          'NAMES_MISMATCH',
          `the weights must have the names of the first ones, got none for '${name}'`,
        );
      }
      checkWeight(name, weight);
      if (typeOf(weight) !== type) {
        throw new SmoothingError('DTYPE_MISMATCH', `weight '${name}' must be ${type}, got ${typeOf(weight)}`);
      }
      checkShape(`weight '${name}'`, { shape: shapeOf(weight) }, shape);
      const says = this.#loaded ? ruleFor(name, weight, this.#plan) : rule;
      if (says !== rule) {
        throw new SmoothingError(
          'SNAPSHOT_OPTIONS',
          `the rule for '${name}' must be '${rule}', as in the snapshot, got '${says}'`,
        );
      }
      if (
        rule === 'average' &&
        this.#plan.missing === 'throw' &&
        !allFinite(isTensor(weight) ? valuesOf(weight) : weight)
      ) {
        throw missingValue(`every element of weight '${name}'`, 'one that is not');
      }
    }
    this.#loaded = false;
  }

  /**
   * Averages move by `gain`, copies take the latest value.
   *
   * @returns how many elements were not finite and so left out
   */
  move(weights: Given, gain: number): number {
    let refused = 0;
    for (const [name, { rule }] of this.#entries) {
      const weight = weights[name]!;
      const before = this.shadow[name]!;
      if (rule === 'copy') {
        this.shadow[name] = copyOf(weight);
        if (isTensor(before)) before.dispose();
      } else if (isTensor(before)) {
        refused += this.#moveTensor(name, before, weight as Tensor, gain);
      } else {
        refused += this.#moveVector(before as FloatVector, weight as ArrayLike<number>, gain);
      }
    }
    return refused;
  }

  #moveTensor(name: string, before: Tensor, x: Tensor, gain: number): number {
    let refused = 0;
    let after = readsAreCheap(x) ? null : lerpTensor(before, x, () => gain);
    if (after === null) {
      const y = Float32Array.from(valuesOf(before));
      refused = this.#moveVector(y, valuesOf(x), gain);
      after = tensorOf(y, x.shape);
    }
    this.shadow[name] = after;
    before.dispose();
    return refused;
  }

  #moveVector(y: FloatVector, x: ArrayLike<number>, gain: number): number {
    if (this.#plan.missing !== 'propagate') return lerpFiniteInto(y, x, gain);
    lerpInto(y, x, gain);
    return 0;
  }

  /** The shadow as a map of the receiver's own. */
  copies(): Record<string, Weight> {
    return Object.fromEntries(
      Object.entries(this.shadow).map(([name, one]) => [name, isTensor(one) ? ownTensor(one) : one.slice()]),
    );
  }

  state(): State {
    const entries = [...this.#entries].map(([name, entry]) => {
      const one = this.shadow[name]!;
      return { name, ...entry, dtype: isTensor(one) ? one.dtype : null };
    });
    return {
      scalars: { entries: JSON.stringify(entries) },
      shadows: Object.fromEntries(
        Object.entries(this.shadow).map(([name, one]) => [PREFIX + name, isTensor(one) ? savedValues(one) : one]),
      ),
    };
  }

  static load(saved: State, plan: ModelPlan): Weights {
    const list = savedJson<readonly (Entry & { name: string; dtype: string | null })[]>(saved, 'entries');
    const weights = new Weights(
      new Map(list.map(({ name, rule, type, shape }) => [name, { rule, type, shape }])),
      plan,
    );
    for (const { name, shape, dtype } of list) {
      const values = saved.shadows[PREFIX + name];
      const size = shape.reduce((a, b) => a * b, 1);
      if (!isVector(values) || values.length !== size)
        throw corrupt(`${values?.length ?? 'no'} elements of weight '${name}', where ${size} belong`);
      const own = values.slice() as Exclude<SavedArray, BigInt64Array>;
      weights.shadow[name] = dtype === null ? own : tensorOf(own, shape, dtype);
    }
    weights.#loaded = true;
    return weights;
  }

  dispose(): void {
    for (const one of Object.values(this.shadow)) if (isTensor(one)) one.dispose();
  }
}

const PREFIX = 'weight ';

function ruleFor(name: string, weight: Weight, plan: ModelPlan): Rule {
  if (plan.rule === null) return isFloating(weight) ? 'average' : 'copy';
  const rule = plan.rule(name, weight);
  if (rule === 'average' || rule === 'copy' || rule === 'ignore') return rule;
  throw new SmoothingError(
    'OPTION_VALUE',
    `rule must return 'average', 'copy' or 'ignore', got ${shown(rule)} for '${name}'`,
  );
}

const isFloating = (weight: Weight): boolean =>
  isTensor(weight) ? weight.dtype === 'float32' : weight instanceof Float32Array || weight instanceof Float64Array;

function checkWeight(name: string, weight: unknown): void {
  if (isTensor(weight)) checkTensor(weight, `weight '${name}'`);
  else if (!isVector(weight)) throw otherKind(`be tensors or typed arrays by name; '${name}' must be one`, weight);
}

const typeOf = (weight: Weight): string => (isTensor(weight) ? weight.dtype : weight.constructor.name);
const shapeOf = (weight: Weight): readonly number[] => (isTensor(weight) ? [...weight.shape] : [weight.length]);

function copyOf(weight: Weight): Weight {
  return isTensor(weight) ? copyTensor(weight) : weight.slice();
}

/** What averages of this weight start from: floats of its own. */
function floatCopyOf(weight: Weight): Weight {
  if (isTensor(weight)) return copyTensor(weight, 'float32');
  const y = floats(weight.constructor.name, weight.length);
  y.set(weight);
  return y;
}

function savedValues(tensor: Tensor): SavedArray {
  const { dtype } = tensor;
  const values = dtype === 'float32' ? Float32Array : dtype === 'int32' ? Int32Array : Uint8Array;
  return values.from(valuesOf(tensor));
}
