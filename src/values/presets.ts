import type { BigIntVector, SavedArray } from '../types.js';
import { isFrozen } from './frozen.js';
import { isTensor } from './tensorOps.js';
import { isVector } from './vector.js';
import type { Rule, Weight } from './weight.js';

/**
 * Rules by the name of the library whose averages they reproduce.
 *
 * | name | averages | the rest | as |
 * |---|---|---|---|
 * | `yolov5` | floats | stays what it was: `'ignore'` | yolov5, ultralytics `ModelEMA` |
 * | `timm` | floats | `'copy'` | timm `ModelEmaV3`; what is done without a rule |
 * | `keras` | what is trainable | stays what it is: `'ignore'` | Keras optimizers with `use_ema` |
 * | `torch` | parameters | buffers: `'copy'` | torch `AveragedModel` with `use_buffers=False` |
 *
 * What is trainable, and so no buffer, is floating, and a tfjs variable says it by itself (`weightsOf` adds what a layers model
 * says of its layers). Of typed arrays and plain tensors the name tells: the statistics of PyTorch's and tfjs's batch norm are
 * not.
 */
export const PRESETS: Readonly<Record<Preset, (name: string, weight: unknown) => Rule>> = {
  yolov5: preset((_name, weight) => isFloating(weight), 'ignore'),
  timm: preset((_name, weight) => isFloating(weight), 'copy'),
  keras: preset(isTrainable, 'ignore'),
  torch: preset(isTrainable, 'copy'),
};

export type Preset = 'yolov5' | 'timm' | 'keras' | 'torch';

function preset(averaged: (name: string, weight: Weight) => boolean, rest: Rule) {
  return (name: string, weight: unknown): Rule => {
    if (!isTensor(weight) && !isArray(weight)) return 'copy'; // which refuses it, where 'ignore' would not
    return averaged(name, weight) ? 'average' : rest;
  };
}

/** True for a typed array that a shadow can hold. */
export const isArray = (weight: unknown): weight is SavedArray => isVector(weight) || isBigInts(weight);

export const isBigInts = (weight: unknown): weight is BigIntVector =>
  ArrayBuffer.isView(weight) && /^Big(Int|Uint)64Array$/.test(weight.constructor.name);

/** True for what is averaged where nothing is said. */
export function isFloating(weight: Weight): boolean {
  if (isTensor(weight)) return weight.dtype === 'float32';
  return /^Float(32|64)Array$/.test(weight[Symbol.toStringTag]); // of another realm, too
}

/** The last part of a buffer's name: behind a dot in PyTorch, behind a slash in tfjs, which numbers what is there twice. */
const BUFFER = /(^|\.)(running_mean|running_var|num_batches_tracked)$|(^|\/)moving_(mean|variance)(_\d+)?$/;

function isTrainable(name: string, weight: Weight): boolean {
  if (!isFloating(weight)) return false;
  const { trainable } = weight as { trainable?: unknown };
  return typeof trainable === 'boolean' ? trainable && !isFrozen(weight) : !BUFFER.test(name);
}
