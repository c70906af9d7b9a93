import { shown, SmoothingError } from '../errors.js';
import type { TensorLike, WeightMap } from '../types.js';
import { noteFrozen } from '../values/frozen.js';
import { isTensor } from '../values/tensorOps.js';

/** A weight of a tfjs layers model: `read()` gives its live variable. */
interface LayerVariable {
  readonly name: string;
  readonly originalName: string;
  read(): TensorLike;
}

/** A tfjs variable. */
export interface VariableLike extends TensorLike {
  assign(value: TensorLike): void;
}

/**
 * The weights of a model by name, live: the variables themselves, which change as training goes on.
 *
 * Map with it right where the step is done, `step$.pipe(map(() => weightsOf(model)), modelEma(…))`: an `observeOn` or
 * `buffer` between the two would average later weights.
 *
 * @param model - a tfjs layers model (`model.weights`), or a plain object of variables by name
 * @returns a new map; nothing is allocated on the backend, and the variables stay the model's. A layers model's weights
 * go by the name they were made under (`dense/kernel`) where that is unique in the model, which a new process repeats; which
 * of them it trains, the rules `'keras'` and `'torch'` know from then on
 * @throws SmoothingError `VALUE_KIND` for anything else, `NAMES_MISMATCH` if two weights have one name
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
export function weightsOf(model: object): WeightMap<TensorLike> {
  return variablesOf(model);
}

/** The same as variables. */
export function variablesOf(model: object): Record<string, VariableLike> {
  const { weights, trainableWeights } = model as { weights?: unknown; trainableWeights?: unknown };
  const named = Array.isArray(weights)
    ? layerVariables(weights as LayerVariable[], trainableWeights as LayerVariable[] | undefined)
    : Object.entries(model);
  const map: Record<string, VariableLike> = {};
  for (const [name, variable] of named) {
    if (!isVariable(variable)) {
      throw new SmoothingError(
        'VALUE_KIND',
        `the model must be a tfjs layers model or variables by name, got ${shown(variable)} for '${name}'`,
      );
    }
    if (Object.hasOwn(map, name))
      throw new SmoothingError('NAMES_MISMATCH', `the model must have one weight a name, got two of '${name}'`);
    map[name] = variable;
  }
  if (named.length === 0) {
    throw new SmoothingError(
      'VALUE_KIND',
      `the model must be a built tfjs layers model or variables by name, got ${shown(model)} without weights`,
    );
  }
  return map;
}

/** @param trained - those that the model trains, if it says so */
function layerVariables(weights: readonly LayerVariable[], trained?: readonly LayerVariable[]): [string, unknown][] {
  if (trained !== undefined) {
    const isTrained = new Set(trained);
    for (const weight of weights) noteFrozen(weight.read(), !isTrained.has(weight));
  }
  const originals = weights.map((weight) => weight.originalName);
  const unique = new Set(originals).size === originals.length;
  return weights.map((weight) => [unique ? weight.originalName : weight.name, weight.read()]);
}

function isVariable(value: unknown): value is VariableLike {
  return isTensor(value) && typeof (value as unknown as Partial<VariableLike>).assign === 'function';
}
