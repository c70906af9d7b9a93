import { shown, SmoothingError } from '../errors.js';
import { isLayersModel } from '../values/tensorOps.js';
import type { Variable } from './contents.js';

/** What `refreshNorm` needs of a tfjs layers model, from any copy of tfjs. */
export interface LayersModel {
  readonly layers: readonly object[];
  apply(inputs: unknown, options: { readonly training: boolean }): unknown;
}

/** A layer that keeps moving statistics of its batches. */
export interface NormLayer {
  readonly movingMean: { read(): Variable };
  readonly movingVariance: { read(): Variable };
  /** The weight that the statistics' past keeps. */
  momentum: number;
  gamma?: unknown;
  beta?: unknown;
  call(inputs: unknown, options: unknown): unknown;
}

/** Throws if it is anything but a layers model. */
export function checkLayersModel(model: object): asserts model is LayersModel {
  if (isLayersModel(model)) return;
  throw new SmoothingError('VALUE_KIND', `the model must be a tfjs layers model, got ${shown(model)}`);
}

/** Every layer with moving statistics in a model, in the models inside it and inside wrappers, each once. */
export function normLayersOf(model: LayersModel): NormLayer[] {
  const found = new Set<object>([model]);
  for (const one of found) {
    const { layers = [], layer } = one as { readonly layers?: readonly object[]; readonly layer?: object };
    for (const inner of layer === undefined ? layers : [...layers, layer]) found.add(inner);
  }
  return [...found].filter(isNormLayer);
}

function isNormLayer(layer: object): layer is NormLayer {
  const { movingMean, movingVariance, momentum } = layer as Partial<NormLayer>;
  return movingMean !== undefined && movingVariance !== undefined && typeof momentum === 'number';
}

/** Reads as the gamma or beta of a layer that has none. */
const NONE = { read: () => null };

/**
 * Makes a layer's statistics the plain mean over its calls in training mode: call k moves them with gain 1/k.
 *
 * @param nextCall - counts the call that begins
 * @returns makes the layer what it was
 */
export function averageCalls(layer: NormLayer, nextCall: () => number): () => void {
  const call = layer.call.bind(layer);
  const patch: Partial<NormLayer> = {
    momentum: layer.momentum,
    gamma: layer.gamma ?? NONE, // tfjs 4.22 reads both in training mode, also where `scale` or `center` is false
    beta: layer.beta ?? NONE,
    call(inputs, options) {
      layer.momentum = 1 - 1 / nextCall();
      return call(inputs, options);
    },
  };
  const own = Object.keys(patch).map((name) => [name, Object.getOwnPropertyDescriptor(layer, name)] as const);
  Object.assign(layer, patch);
  return () => {
    for (const [name, before] of own) {
      if (before === undefined) Reflect.deleteProperty(layer, name);
      else Object.defineProperty(layer, name, before);
    }
  };
}
