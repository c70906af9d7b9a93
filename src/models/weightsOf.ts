import { shown, SmoothingError } from '../errors.js';
import type { TensorLike, WeightMap } from '../types.js';
import { noteFrozen } from '../values/frozen.js';
import { isTensor } from '../values/tensorOps.js';
import { isVector } from '../values/vector.js';
import type { LiveWeight, Variable } from './contents.js';

/** A tfjs variable, or a weight of a layers model: there `read()` gives the variable. */
interface Named {
  readonly name: string;
  readonly originalName?: string;
  read?(): unknown;
}

/**
 * The weights of a model by name, live: the variables or arrays themselves, which change as training goes on.
 *
 * Map with it right where the step is done, `step$.pipe(map(() => weightsOf(model)), modelEma(…))`: an `observeOn` or
 * `buffer` between the two would average later weights.
 *
 * @param model - a tfjs layers model; a list of tfjs variables, or of a layers model's weights (`model.trainableWeights`);
 * or a plain object of variables or typed arrays by name
 * @returns a new map; nothing is allocated on the backend, and the weights stay the model's. Those of lists and layers
 * models go by the name they were made under (`dense/kernel`, `tf.variable(…, 'w')`) where that is unique among them, which
 * a new process repeats; which of them a layers model trains, the rules `'keras'` and `'torch'` know from then on
 * @throws SmoothingError `VALUE_KIND` for anything else, a graph model too, `NAMES_MISMATCH` if two weights have one name
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { weightsOf } from 'rx-ema';
 * const model = tf.sequential({ layers: [tf.layers.dense({ name: 'out', units: 2, inputShape: [3] })] });
 * console.log(Object.entries(weightsOf(model)).map(([name, w]) => `${name} [${w.shape}]`).join(', '));
 * // => out/kernel [3,2], out/bias [2]
 * ```
 * @see `modelEma` to average them, `withEmaWeights` to evaluate with the average
 */
export function weightsOf<W extends TensorLike | Float32Array | Float64Array>(
  model: Readonly<Record<string, W>>,
): WeightMap<W extends TensorLike ? TensorLike : W>;
export function weightsOf(model: object): WeightMap<TensorLike>;
export function weightsOf(model: object): WeightMap {
  return liveWeights(model) as WeightMap;
}

/** The same as what can be written to. */
export function liveWeights(model: object): Record<string, LiveWeight> {
  const map: Record<string, LiveWeight> = {};
  for (const [name, weight] of namedIn(model)) {
    if (!isVariable(weight) && !isVector(weight)) throw noModel(`${shown(weight)} for '${name}'`);
    if (Object.hasOwn(map, name))
      throw new SmoothingError('NAMES_MISMATCH', `the model must have one weight a name, got two of '${name}'`);
    map[name] = weight as LiveWeight;
  }
  if (Object.keys(map).length === 0) throw noModel(`${shown(model)} without weights`);
  return map;
}

function namedIn(model: object): [string, unknown][] {
  if (typeof model !== 'object' || model === null) throw noModel(shown(model));
  const { weights, trainableWeights, executeAsync } = model as Readonly<Record<string, unknown>>;
  if (typeof executeAsync === 'function') throw noModel('a graph model, whose weights are constants');
  if (Array.isArray(model)) return namedInList(model as (Named | undefined)[]);
  if (!Array.isArray(weights)) return Object.entries(model);
  if (Array.isArray(trainableWeights)) {
    const trained = new Set<unknown>(trainableWeights);
    for (const weight of weights as Named[]) noteFrozen(weight.read!() as object, !trained.has(weight));
  }
  return namedInList(weights as Named[]);
}

function namedInList(list: readonly (Named | undefined)[]): [string, unknown][] {
  const originals = list.map((weight) => weight?.originalName ?? weight?.name);
  const unique = new Set(originals).size === originals.length;
  return list.map((weight, i) => [String(unique ? originals[i] : weight?.name), weight?.read?.() ?? weight]);
}

const noModel = (got: string): SmoothingError =>
  new SmoothingError(
    'VALUE_KIND',
    `the model must be a built tfjs layers model, a list of variables, or variables or typed arrays by name, got ${got}`,
  );

function isVariable(value: unknown): value is Variable {
  return isTensor(value) && typeof (value as Partial<Variable>).assign === 'function';
}
