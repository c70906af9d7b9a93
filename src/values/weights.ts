import { SmoothingError } from '../errors.js';
import type { Average, Beginning, Movable } from '../averages/average.js';
import { averagesOf, type Wanted } from '../averages/averageOf.js';
import type { ModelPlan } from '../modelOptions.js';
import type { SavedArray } from '../types.js';
import { corrupt, savedJson } from '../state/saved.js';
import { otherNames } from './otherNames.js';
import { shaped, shapeOf, sizeOf } from './shapes.js';
import type { State } from './smoother.js';
import { arrayTypeOf, isTensor, ownTensor, tensorOf, valuesOf, type Tensor } from './tensorOps.js';
import { isBigInts } from './presets.js';
import { isVector, VECTORS } from './vector.js';
import {
  checkFinite,
  checkLike,
  checkMap,
  checkWeight,
  ruleFor,
  typeOf,
  type Entry,
  type SavedFloats,
  type Weight,
} from './weight.js';

/** Getters may read the weights from files, so one is asked for at a time: twice an update, to check it and to move. */
type Given = Readonly<Record<string, Weight>>;
type Inspect = (weight: Weight) => void;

/** A model's shadow: averages and latest values by name. What `check` throws has changed nothing. */
export class Weights {
  /** The live map: the same object for the life of the shadow. */
  readonly shadow: Record<string, Weight> = {};
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #ignored: Set<string>;
  readonly #averages = new Map<string, Average>();
  readonly #plan: ModelPlan;
  /** After loading: the rules have yet to be held against what they said before. */
  #loaded = false;

  private constructor(entries: ReadonlyMap<string, Entry>, plan: ModelPlan, ignored = new Set<string>()) {
    this.#entries = entries;
    this.#plan = plan;
    this.#ignored = ignored;
  }

  /**
   * An empty shadow for weights like the first ones, which are checked here.
   *
   * @param inspect - sees each weight that is not ignored, and may throw
   */
  static for(first: Given, plan: ModelPlan, inspect: Inspect): Weights {
    const entries = new Map<string, Entry>();
    const ignored = new Set<string>();
    checkMap(first);
    for (const name of Object.keys(first)) {
      const weight = first[name]!;
      const rule = ruleFor(name, weight, plan);
      if (rule === 'ignore') {
        ignored.add(name);
        continue;
      }
      checkWeight(name, weight, rule);
      checkFinite(name, weight, rule, plan);
      inspect(weight);
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
    this.#begin(weights, (name) => ({ values: weights[name] as Movable, low: null }));
  }

  /** The shadow ← nothing yet: NaN where it averages. */
  clear(weights: Given): void {
    this.#begin(weights, () => ({ values: null, low: null }));
  }

  #begin(like: Given, beginning: (name: string) => Beginning): void {
    this.#fill(beginning, (name) => copyOf(like[name]!));
  }

  /** The shadow ← averages that begin as they should, and copies, in the order of the names. */
  #fill(beginning: (name: string) => Beginning, copied: (name: string) => Weight): void {
    const averaged = [...this.#entries].filter(([, { rule }]) => rule === 'average');
    const wanted = averaged.map(([name, { type, shape }]): Wanted => {
      return { shape, array: VECTORS.has(type) ? type : null, begin: () => beginning(name) };
    });
    const averages = averagesOf(wanted, this.#plan).values();
    try {
      for (const [name, { rule, shape }] of this.#entries) {
        // `__proto__` is a name like any other
        Object.defineProperty(this.shadow, name, { value: null, configurable: true, enumerable: true, writable: true });
        if (rule === 'average') this.#show(name, averages.next().value!);
        else this.shadow[name] = copied(name);
        shaped(this.shadow[name]!, shape);
      }
    } catch (error) {
      for (const rest of averages) rest.dispose();
      this.dispose();
      throw error;
    }
  }

  #show(name: string, average: Average): void {
    this.#averages.set(name, average);
    this.shadow[name] = average.shown;
  }

  /**
   * Throws if these are not weights of the names, shapes and types of the first.
   *
   * @param inspect - sees each weight that is not ignored, and may throw
   */
  check(weights: Given, inspect: Inspect): void {
    checkMap(weights);
    this.#checkNames(weights);
    for (const [name, entry] of this.#entries) {
      const { rule } = entry;
      const weight = weights[name]!;
      checkWeight(name, weight, rule);
      checkLike(name, weight, entry);
      const says = this.#loaded ? ruleFor(name, weight, this.#plan) : rule;
      if (says !== rule) {
        throw new SmoothingError(
          'SNAPSHOT_OPTIONS',
          `the rule for '${name}' must be '${rule}', as in the snapshot, got '${says}'`,
        );
      }
      checkFinite(name, weight, rule, this.#plan);
      inspect(weight);
    }
    this.#loaded = false;
  }

  #checkNames(weights: Given): void {
    const gone = [...this.#entries.keys()].filter((name) => !Object.hasOwn(weights, name));
    const come = Object.keys(weights).filter((name) => {
      if (this.#entries.has(name) || this.#ignored.has(name)) return false;
      if (ruleFor(name, weights[name]!, this.#plan) !== 'ignore') return true;
      this.#ignored.add(name);
      return false;
    });
    if (gone.length > 0 || come.length > 0) throw otherNames(gone, come);
  }

  /**
   * Averages move by `gain`, copies take the latest value.
   *
   * @returns how many elements were not finite and so left out, as far as it is known at once
   */
  move(weights: Given, gain: number): number {
    let refused = 0;
    for (const [name, entry] of this.#entries) {
      const weight = weights[name]!;
      checkLike(name, weight, entry); // again: a getter may give another one, and averages move in memory as it is
      if (entry.rule === 'copy') {
        const before = this.shadow[name]!;
        this.shadow[name] = shaped(copyOf(weight), entry.shape);
        if (isTensor(before)) before.dispose();
        continue;
      }
      let average = this.#averages.get(name)!;
      if (!average.stands) {
        refused += average.refusedMeanwhile?.() ?? 0;
        average = this.#anew(average);
      }
      refused += average.move(weight as Movable, gain);
      this.#show(name, average);
    }
    return refused;
  }

  /** The average of a tensor on the backend that is active now, or beside whoever shares its data. */
  #anew(average: Average): Average {
    const begin = (): Beginning => ({ values: average.values(), low: average.low() });
    const [next] = averagesOf([{ shape: shapeOf(average.shown), array: null, begin }], this.#plan);
    average.dispose();
    return next!;
  }

  /** What was left out and not known at once, since it was last asked for. */
  refusedMeanwhile(): number {
    return [...this.#averages.values()].reduce((sum, average) => sum + (average.refusedMeanwhile?.() ?? 0), 0);
  }

  /** The shadow as a map of the receiver's own. */
  copies(): Record<string, Weight> {
    return Object.fromEntries(
      [...this.#entries].map(([name, { shape }]) => {
        return [name, shaped(this.#averages.get(name)?.copy() ?? copyOf(this.shadow[name]!), shape)];
      }),
    );
  }

  /** What `load` has to know before it sees an array, as JSON. */
  entries(): string {
    const all = [...this.#entries].map(([name, entry]): SavedEntry => {
      const one = this.shadow[name]!;
      return { name, ...entry, dtype: isTensor(one) ? one.dtype : null };
    });
    return JSON.stringify(all);
  }

  /** The arrays of the state, one at a time, each to be read at once. */
  *arrays(): Generator<[string, SavedArray]> {
    for (const [name, one] of Object.entries(this.shadow)) {
      const average = this.#averages.get(name);
      yield [WEIGHT + name, average?.values() ?? (isTensor(one) ? savedValues(one) : one)];
      const low = average?.low() ?? null;
      if (low !== null) yield [LOW + name, low];
    }
  }

  /** What rounding has added to an average, where it has two terms. To be read at once. */
  low(name: string): Float32Array | null {
    return this.#averages.get(name)?.low() ?? null;
  }

  /** @param saved - its arrays are asked for one at a time, and copied */
  static load(saved: State, plan: ModelPlan): Weights {
    const list = savedJson<readonly SavedEntry[]>(saved, 'entries');
    const entries = list.map(({ name, rule, type, shape }): [string, Entry] => [name, { rule, type, shape }]);
    const weights = new Weights(new Map(entries), plan);
    const dtypes = new Map(list.map(({ name, dtype }) => [name, dtype]));
    const savedOf = (prefix: string, name: string): SavedArray =>
      savedWeight(saved, prefix, name, weights.#entries.get(name)!);
    weights.#fill(
      (name) => {
        const values = savedOf(WEIGHT, name) as SavedFloats;
        const twoTerm = plan.compensated && values instanceof Float32Array;
        return { values, low: twoTerm ? (savedOf(LOW, name) as SavedFloats) : null };
      },
      (name) => {
        const values = savedOf(WEIGHT, name).slice();
        const dtype = dtypes.get(name)!;
        return dtype === null ? values : tensorOf(values as SavedFloats, weights.#entries.get(name)!.shape, dtype);
      },
    );
    weights.#loaded = true;
    return weights;
  }

  /** @param lent - the map is somebody else's from now on */
  dispose(lent = false): void {
    for (const [name, one] of Object.entries(this.shadow)) {
      const average = this.#averages.get(name);
      if (average !== undefined) average.dispose(lent);
      else if (!lent && isTensor(one)) one.dispose();
    }
  }
}

/** What `entries` says of a weight. */
export type SavedEntry = Entry & { readonly name: string; readonly dtype: string | null };

/** Before a weight's name, for its values and for what rounding has added to them. */
export const WEIGHT = 'weight ';
export const LOW = 'low ';

function savedWeight(saved: State, prefix: string, name: string, { rule, type, shape }: Entry): SavedArray {
  const values = saved.shadows[prefix + name];
  const size = sizeOf(shape);
  const fits = isVector(values) || (rule === 'copy' && isBigInts(values) && typeOf(values) === type);
  if (fits && values.length === size) return values;
  throw corrupt(`${values?.length ?? 'no'} elements of ${prefix}'${name}', where ${size} belong`);
}

/** Without reading what a GPU would have to be waited for. */
function copyOf(weight: Weight): Weight {
  return isTensor(weight) ? ownTensor(weight) : weight.slice();
}

const savedValues = (tensor: Tensor): SavedArray => arrayTypeOf(tensor.dtype).from(valuesOf(tensor));
