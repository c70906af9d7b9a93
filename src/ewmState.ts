import { carriersOf } from './ewmEngine.js';
import {
  readStatistic,
  resolveEwm,
  type EwmOptions,
  type EwmStatistic,
  type OfBands,
  type OfPairs,
  type SameKind,
  type Statistic,
} from './ewmOptions.js';
import { ResumableEngine } from './resumableEngine.js';
import { planText } from './state/planText.js';
import { SERIES_RESUMERS, type Resumers } from './state/resume.js';
import { bandResumers, pairResumers } from './state/resumeStatistic.js';
import type { BatchLike, Key, Smoothed, Snapshot } from './types.js';
import type { Bands } from './values/bands.js';

/** Options that decide what a state means. */
const DEFAULTS = {
  stat: null,
  bias: false,
  x: null,
  y: null,
  adjust: true,
  ignoreNa: false,
  minPeriods: 0,
  missing: 'carry',
  columns: null,
  by: null,
  time: null,
  weight: null,
};

/**
 * One of the statistics of `ewm` without a stream: one value in, the statistic out. It is to `ewm` what `Ema` is to
 * `emaScan`.
 *
 * @typeParam T - kind of value: number, record or Arrow record batch
 * @typeParam R - what comes out; follows from the statistic
 */
export interface EwmState<T = number, R = Smoothed<T>> {
  /** Which statistic it keeps. */
  readonly stat: EwmStatistic<T>['stat'];
  /** Values that have come in; gaps are none. The most of any column or key. */
  readonly step: number;
  /** Deliveries, missing ones too: what to `skip` of a source that replays. */
  readonly seen: number;
  /** Keys forgotten by `idleMs`. */
  readonly dropped: number;
  /** Values left out by `late: 'skip'`. */
  readonly late: number;
  /**
   * Takes one value in.
   *
   * @param value - of the kind of the first one; null and undefined are missing values
   * @returns what the operator would emit: new, and the receiver's
   * @throws SmoothingError with nothing changed: `VALUE_KIND`, `SCHEMA_CHANGED`, `COLUMN_TYPE`, `COLUMN_MISSING`,
   * `COLUMN_COLLISION`, `MISSING_VALUE`, `TIME_MISSING`, `TIME_LATE`, `WEIGHT_RANGE`, `KEY_KIND`, `TOO_MANY_KEYS`
   */
  update(value: T): R;
  /** What the last update that was not missing returned; undefined before the first, and while it is "not yet". */
  get(): R | undefined;
  /**
   * Forgets everything: the next value is the first again, of any kind.
   *
   * @param key - forgets only this one of the keys of `by`; of several fields, their values in a list
   * @throws SmoothingError `OPTION_VALUE` if there are no keys
   */
  reset(key?: Key | readonly Key[]): void;
  /**
   * The state as plain data of its own: an `EwmState` of the same options and statistic goes on from it, bit for bit, and
   * `mergeSnapshots` joins it with that of another part of the stream.
   */
  snapshot(): Snapshot;
}

/** Makes an {@link EwmState}: what comes out follows from the statistic. */
export interface EwmStateConstructor {
  new <T = number>(options: EwmOptions<T>, statistic: SameKind, from?: Snapshot): EwmState<T>;
  new <T = number>(
    options: EwmOptions<T>,
    statistic: OfPairs<T>,
    from?: Snapshot,
  ): EwmState<T, T extends BatchLike ? T : number>;
  new <T = number>(
    options: EwmOptions<T>,
    statistic: OfBands,
    from?: Snapshot,
  ): EwmState<T, T extends number ? Bands : T>;
}

/**
 * One of the statistics of `ewm` without a stream, which can be snapshotted, resumed and merged: `new EwmState(options,
 * { stat })`, with the options, formulas and numbers of `ewm`. `ewm(state)` is the operator that goes on from it.
 *
 * @param options - those of `ewm`: exactly one of `alpha`, `span`, `com`, `halfLife` (steps), `halfLifeMs`, `tauMs` (ms),
 * and the rest
 * @param statistic - `stat`: `'mean'`, `'sum'`; `'var'`, `'std'` with `bias`; `'cov'` with `x`, `y` and `bias`, `'corr'`
 * with `x`, `y`; `'bands'` with `width`
 * @param from - a snapshot made under the same options and statistic (`width`, `as`, `maxKeys`, `idleMs` and `late` may
 * differ): goes on from there, bit for bit
 * @throws SmoothingError `DECAY_CHOICE`, `DECAY_RANGE`, `OPTION_UNKNOWN`, `OPTION_VALUE` for the options and the statistic;
 * `SNAPSHOT_VERSION`, `SNAPSHOT_OPTIONS`, `SNAPSHOT_CORRUPT` for the snapshot
 * @example
 * ```ts
 * import { of } from 'rxjs';
 * import { ewm, EwmState } from 'rx-ema';
 * const variance = new EwmState({ alpha: 0.5 }, { stat: 'var' });
 * for (const x of [1, 5, 4]) variance.update(x);
 * console.log(variance.get()?.toFixed(4));
 * // => 2.7143
 * const resumed = new EwmState({ alpha: 0.5 }, { stat: 'var' }, variance.snapshot());
 * of(2).pipe(ewm(resumed)).subscribe((v) => console.log(v === variance.update(2), resumed.step));
 * // => true 4
 * ```
 * @see `ewm` for the formulas; `mergeSnapshots` for halves of a stream
 */
export const EwmState: EwmStateConstructor = class<T> extends ResumableEngine<T> {
  readonly stat: Statistic['stat'];

  constructor(options: EwmOptions<T>, statistic: unknown, from?: Snapshot) {
    const planOf = resolveEwm(options, () => Date.now());
    const resolved = readStatistic(statistic);
    const text = planText({ ...options, ...(statistic as object) }, DEFAULTS);
    super(planOf(resolved), { text, resumers: resumersOf(resolved), from }, carriersOf(resolved));
    this.stat = resolved.stat;
  }
};

function resumersOf({ stat, pair, width }: Statistic): Resumers {
  if (pair !== null) return pairResumers(pair);
  return stat === 'bands' ? bandResumers(width) : SERIES_RESUMERS;
}
