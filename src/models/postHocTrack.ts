import { gammaFromSigmaRel } from '../decay/powerProfile.js';
import { shown, SmoothingError } from '../errors.js';
import type { FloatVector } from '../kernels/vectors.js';
import { corrupt, savedArray, savedJson } from '../state/saved.js';
import type { SavedArray, Snapshot } from '../types.js';
import { LOW, WEIGHT, type SavedEntry } from '../values/weights.js';
import type { Profile } from './postHocFit.js';

/** One snapshot of a power-function average. Its arrays are asked for one at a time. */
export interface Track extends Profile {
  readonly entries: ReadonlyMap<string, SavedEntry>;
  /** Throws if the other is not of the same names, rules and shapes. */
  assertLike(other: Track): void;
  /** An average, and what rounding has added to it. */
  average(name: string): { readonly values: FloatVector; readonly low: FloatVector | null };
  /** The latest value of a weight that is not averaged. */
  latest(name: string): SavedArray;
}

/** @throws SmoothingError `SNAPSHOT_OPTIONS`, `SNAPSHOT_CORRUPT`, `OPTION_VALUE` for one without updates */
export function track(snapshot: Snapshot): Track {
  const { gamma, stepsPerUpdate } = planOf(snapshot);
  const [updates] = savedArray(snapshot, 'step', Float64Array, 1) as unknown as [number];
  if (!(updates >= 1)) {
    throw new SmoothingError('OPTION_VALUE', `snapshots must have seen at least one update, got one with ${updates}`);
  }
  const entries = new Map(savedJson<readonly SavedEntry[]>(snapshot, 'entries').map((one) => [one.name, one]));
  const arrayOf = (prefix: string, name: string): SavedArray => {
    const array = snapshot.shadows[prefix + name];
    if (array === undefined) throw corrupt(`nothing for ${prefix}'${name}'`);
    return array;
  };
  return {
    gamma,
    step: updates * stepsPerUpdate,
    entries,
    assertLike(other) {
      for (const [name, { rule, shape }] of [...entries, ...other.entries]) {
        const [ours, theirs] = [entries.get(name), other.entries.get(name)];
        if (ours?.rule !== rule || theirs?.rule !== rule) {
          throw new SmoothingError(
            'NAMES_MISMATCH',
            `snapshots must have the same names and rules, got '${name}' in some`,
          );
        }
        if (String(ours.shape) !== String(theirs.shape)) {
          throw new SmoothingError(
            'SHAPE_MISMATCH',
            `'${name}' must have one shape, got ${shown(shape)} and ${shown(theirs.shape)}`,
          );
        }
      }
    },
    average: (name) => ({
      values: arrayOf(WEIGHT, name) as FloatVector,
      low: LOW + name in snapshot.shadows ? (arrayOf(LOW, name) as FloatVector) : null,
    }),
    latest: (name) => arrayOf(WEIGHT, name),
  };
}

/** The exponent, and how many training steps an update stands for. */
function planOf(snapshot: Snapshot): { gamma: number; stepsPerUpdate: number } {
  let decay: unknown;
  try {
    const plan = JSON.parse(snapshot.plan) as { decay?: unknown; stepsPerUpdate?: number };
    decay = plan.decay;
    const [, parameters] = /^powerDecay\((.*)\)$/.exec(String(decay)) ?? [];
    const { gamma, sigmaRel, ...bounds } = JSON.parse(parameters!) as Record<string, number>;
    const free = bounds['min'] === 0 && bounds['max'] === 1 && bounds['startAfter'] === 0;
    if (free) return { gamma: gamma ?? gammaFromSigmaRel(sigmaRel!), stepsPerUpdate: plan.stepsPerUpdate! };
  } catch {
    // no plan of such: said below
  }
  throw new SmoothingError(
    'SNAPSHOT_OPTIONS',
    `snapshots must be of ModelEmas whose decay is a powerDecay without bounds, got ${shown(decay)}`,
  );
}
