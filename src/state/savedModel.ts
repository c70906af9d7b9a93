import { SmoothingError } from '../errors.js';
import type { Snapshot } from '../types.js';
import type { SafetensorsWeights } from './encodeSafetensors.js';
import { lazyMap } from './lazyMap.js';
import { packed } from './packed.js';

/*
 * A ModelEma as a safetensors file: its averages under their own names, so that anything loads them as weights; in the
 * metadata what the file holds and, as JSON, all of the state that is no tensor. `heldIn` reads it.
 */

/** Metadata under names that begin so are the package's. */
export const OURS = 'rx-ema';
/** 'weights' or 'shadow'. */
export const HOLDS = 'rx-ema.holds';
export const STATE = 'rx-ema.state';
/** Before the name of an average, for what rounding has added to it. */
export const LOW_TENSOR = 'rx-ema.low/';
/** Before the name of a weight of the model whose averages these are. */
export const MODEL_TENSOR = 'model/';

/** The state of a ModelEma, one array at a time. */
export interface SavedModel extends Pick<Snapshot, 'plan' | 'scalars'> {
  /** What the averages rest on. */
  readonly counters: Readonly<Record<string, Float64Array>>;
  readonly shadow: SafetensorsWeights;
  /** What rounding has added to an average of two terms. */
  readonly low: (name: string) => Float32Array | null;
}

/** What `safetensorsChunks` takes. */
export interface SavedFile {
  readonly weights: SafetensorsWeights;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A file of a state, and of the model's own weights. Without low terms it is no state to go on from. */
export function savedFile(saved: SavedModel, model: SafetensorsWeights, withLow: boolean): SavedFile {
  const { plan, scalars, counters, shadow, low } = saved;
  const weights = new Map<string, () => SafetensorsWeights[string]>();
  const add = (name: string, read: () => SafetensorsWeights[string]): void => {
    if (weights.has(name)) {
      throw new SmoothingError('NAMES_MISMATCH', `a tensor's name in the file must be its own, got two of '${name}'`);
    }
    weights.set(name, read);
  };
  const names = Object.keys(shadow);
  for (const name of names) add(name, () => shadow[name]!);
  for (const name of names) if (withLow && low(name) !== null) add(LOW_TENSOR + name, () => low(name)!);
  for (const name of Object.keys(model)) add(MODEL_TENSOR + name, () => model[name]!);
  const state = {
    version: 1,
    plan,
    scalars: Object.fromEntries(Object.entries(scalars).map(([name, value]) => [name, packed(value)])),
    counters: Object.fromEntries(Object.entries(counters).map(([name, [value]]) => [name, packed(value!)])),
  };
  return { weights: lazyMap(weights), metadata: { [HOLDS]: 'shadow', [STATE]: JSON.stringify(state) } };
}
