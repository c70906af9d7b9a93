import { SmoothingError } from '../errors.js';
import type { Snapshot } from '../types.js';
import type { State } from '../values/smoother.js';
import { isSeries } from './halves.js';
import { mergeBlocks } from './mergeBlocks.js';
import { mergePlanOf } from './mergePlan.js';
import { mergeSeries } from './mergeSeries.js';
import { corrupt, savedCount } from './saved.js';
import { loadSnapshot, snapshotOf } from './snapshot.js';

/**
 * Joins the snapshots of two halves of a stream, smoothed apart under the same options, into the one that a single run over
 * both would have given, to rounding: so a stream can be cut and taken in in parallel. `new Ema(options, merged)` or
 * `new EwmState(options, statistic, merged)` goes on from it. What the halves emitted on their way stays as it was, and with
 * keys `get()` reads nothing before the next value.
 *
 * With A, the product of the decays over the right half's steps: W = A·W_L + W_R, mean = m_L + d·W_R/W with d = m_R − m_L,
 * C = A·C_L + C_R + d²·A·W_L·W_R/W. It is associative: parts fold from either end. Under a decay per step the halves have
 * an order, and with keys a key's steps are its own. Under a decay per millisecond the stamps tell the elapsed time: the
 * older half decays to the newer one, so the order does not matter, and halves may lie between one another (an early
 * sample is not late here).
 *
 * Takes what an `Ema` makes that starts at zero and has a constant decay, or `hold: 'sample'`, raw or corrected, and what an
 * `EwmState` makes under `adjust: true`; numbers, records, batches, vectors and tensors; keys and columns of either half.
 * `seen`, `dropped` and `late` add up. What `get()` reads, and `'carry'` repeats, is what the single run would have read:
 * raw where the right half was read raw. A key that a half forgot (`idleMs`, `reset`) goes on from the other one.
 *
 * @param left - of the first half; not changed
 * @param right - of the second
 * @returns a snapshot of its own
 * @throws SmoothingError `SNAPSHOT_OPTIONS` if the options differ, or have no merge: schedules, other starts than `'zero'`,
 * other `hold`s than `'sample'`, `adjust: false`, a `ModelEma`; `VALUE_KIND`, `SCHEMA_CHANGED`, `SHAPE_MISMATCH`,
 * `DTYPE_MISMATCH` if the halves are of different values; `SNAPSHOT_VERSION`, `SNAPSHOT_CORRUPT`
 * @example
 * ```ts
 * import { EwmState, mergeSnapshots } from 'rx-ema';
 * const variance = (xs: number[]) => {
 *   const state = new EwmState({ span: 5 }, { stat: 'var' });
 *   for (const x of xs) state.update(x);
 *   return state;
 * };
 * const merged = mergeSnapshots(variance([1, 5, 4]).snapshot(), variance([2, 8]).snapshot());
 * const state = new EwmState({ span: 5 }, { stat: 'var' }, merged);
 * console.log(state.get()?.toFixed(9), state.step);
 * // => 9.649289100 5
 * console.log(variance([1, 5, 4, 2, 8]).get()?.toFixed(9));
 * // => 9.649289100
 * ```
 * @see Chan, Golub and LeVeque 1983, "Algorithms for computing the sample variance", for the moments
 */
export function mergeSnapshots(left: Snapshot, right: Snapshot): Snapshot {
  const text = (left as Snapshot | null | undefined)?.plan ?? '';
  const halves = [loadSnapshot(left, text), loadSnapshot(right, text)] as const;
  const plan = mergePlanOf(text);
  const [first, second] = halves.map(kindOf) as [string, string];
  const kind = first === 'none' ? second : first;
  if (second !== 'none' && second !== kind) {
    throw new SmoothingError('VALUE_KIND', `the right half must be of kind '${kind}', got '${second}'`);
  }
  const seen = savedCount(halves[0], 'seen') + savedCount(halves[1], 'seen');
  const merged =
    kind === 'none'
      ? { scalars: {}, shadows: {} }
      : isSeries(kind)
        ? mergeSeries(kind, ...halves, plan)
        : mergeBlocks(...halves, plan);
  return snapshotOf(text, {}, { ...merged, scalars: { ...merged.scalars, kind, seen } });
}

const OTHERS: ReadonlySet<unknown> = new Set(['none', 'vector', 'tensor']);

function kindOf({ scalars }: State): string {
  const { kind } = scalars;
  if (typeof kind === 'string' && (OTHERS.has(kind) || isSeries(kind))) return kind;
  throw corrupt(`a state of kind '${String(kind)}'`);
}
