import { asyncScheduler, type Observable, type OperatorFunction } from 'rxjs';
import { EmaEngine } from '../src/emaEngine.js';
import { EwmEngine } from '../src/ewmEngine.js';
import {
  resolveEwm,
  resolveStatistic,
  streamLaw,
  type EwmOptions,
  type PlainEwmOptions,
  type Statistic,
} from '../src/ewmOptions.js';
import type { EwmState } from '../src/ewmState.js';
import type { Column } from '../src/options.js';
import type { BatchLike, Smoothed } from '../src/types.js';
import type { Bands } from '../src/values/bands.js';
import { smoothed, type Engine } from './smoothing.js';

export type { Bands } from '../src/values/bands.js';

/**
 * The statistics of {@link ewm}: each is an operator on numbers, records or Arrow record batches. The weights w are those
 * of `ewm`, W their sum. What comes out is new and the receiver's.
 */
export interface Ewm<T> {
  /**
   * The mean: m = Σ w·x / W. `emaScan` and `biasCorrected` give the same numbers where `adjust` is on, `missing` the same, and `ignoreNa` where they have no `ages`.
   *
   * @returns values of the source's kind
   * @example
   * ```ts
   * import { of } from 'rxjs';
   * import { ewm } from 'rx-ema';
   * of(1, 4, 4).pipe(ewm({ alpha: 0.5 }).mean()).subscribe((m) => console.log(m));
   * // => 1
   * // => 3
   * // => 3.571428571428571
   * ```
   * @see pandas `ewm().mean()`, polars `ewm_mean`, and under `halfLifeMs` with `adjust: false` polars `ewm_mean_by`
   */
  mean(): OperatorFunction<T, Smoothed<T>>;
  /**
   * The sum: s = Σ d^k·x, of weights that decay from 1. It fades over missing values too, unless `ignoreNa`.
   *
   * @returns values of the source's kind
   * @throws SmoothingError `OPTION_VALUE` under `adjust: false`, when it is called
   * @example
   * ```ts
   * import { of } from 'rxjs';
   * import { ewm } from 'rx-ema';
   * of(1, 5, null, 4).pipe(ewm<number | null>({ alpha: 0.5 }).sum()).subscribe((s) => console.log(s));
   * // => 1
   * // => 5.5
   * // => 2.75
   * // => 5.375
   * ```
   * @see pandas `ewm().sum()`
   */
  sum(): OperatorFunction<T, Smoothed<T>>;
  /**
   * The variance: C / W with C = Σ w·(x − m)²; times W² / (W² − Σw²) unless `bias`. Never less than 0, and exactly 0 of a
   * constant.
   *
   * @param options - `bias`: leaves the correction for few effective samples out. @default false
   * @returns values of the source's kind; without `bias` there is none before the second value ("not yet")
   * @throws SmoothingError `OPTION_VALUE`, `OPTION_UNKNOWN`, when it is called
   * @example
   * ```ts
   * import { of } from 'rxjs';
   * import { ewm } from 'rx-ema';
   * of(1, 5).pipe(ewm({ alpha: 0.5 }).var()).subscribe((v) => console.log(v));
   * // => NaN
   * // => 8
   * ```
   * @see pandas `ewm().var(bias)`, polars `ewm_var(bias)`
   */
  var(options?: { bias?: boolean }): OperatorFunction<T, Smoothed<T>>;
  /**
   * The standard deviation: the square root of `var`.
   *
   * @param options - `bias`: as of `var`. @default false
   * @returns values of the source's kind; without `bias` there is none before the second value ("not yet")
   * @throws SmoothingError `OPTION_VALUE`, `OPTION_UNKNOWN`, when it is called
   * @example
   * ```ts
   * import { of } from 'rxjs';
   * import { ewm } from 'rx-ema';
   * of({ loss: 4, epoch: '1' }, { loss: 4, epoch: '2' })
   *   .pipe(ewm({ span: 20 }).std())
   *   .subscribe(({ loss, epoch }) => console.log(loss, epoch));
   * // => NaN 1
   * // => 0 2
   * ```
   * @see pandas `ewm().std(bias)`, polars `ewm_std(bias)`
   */
  std(options?: { bias?: boolean }): OperatorFunction<T, Smoothed<T>>;
  /**
   * The covariance of two fields: Σ w·(x − mean x)·(y − mean y) / W; times W² / (W² − Σw²) unless `bias`. A pair counts
   * if both are there, and is missing else, also where a record has no such field; `columns` has no say in it.
   *
   * @param x - a number field of a record, a floating column of a batch
   * @param y - another one, or the same
   * @param options - `bias`: as of `var`. @default false
   * @returns of a record a number, NaN if it is missing or "not yet"; a batch with a nullable float64 column behind its
   * own, `x_y_cov`, or what `as` makes of that
   * @throws SmoothingError `OPTION_VALUE`, `OPTION_UNKNOWN`, when it is called; as error notifications `COLUMN_MISSING`,
   * `COLUMN_TYPE`, `COLUMN_COLLISION` and what other operators refuse
   * @example
   * ```ts
   * import { of } from 'rxjs';
   * import { ewm } from 'rx-ema';
   * of({ x: 1, y: 2 }, { x: 5, y: 1 })
   *   .pipe(ewm({ alpha: 0.5 }).cov('x', 'y'))
   *   .subscribe((c) => console.log(c));
   * // => NaN
   * // => -2
   * ```
   * @see pandas `df.x.ewm().cov(df.y, bias)`
   */
  cov(x: Column<T>, y: Column<T>, options?: { bias?: boolean }): OperatorFunction<T, T extends BatchLike ? T : number>;
  /**
   * The correlation of two fields, in [−1, 1]: their biased covariance / √(var x · var y). "Not yet" while either is
   * constant. Pairs are those of `cov`.
   *
   * @param x - a number field of a record, a floating column of a batch
   * @param y - another one, or the same
   * @returns of a record a number, NaN if it is missing or "not yet"; a batch with a nullable float64 column behind its
   * own, `x_y_corr`, or what `as` makes of that
   * @throws SmoothingError `OPTION_VALUE`, when it is called; as error notifications `COLUMN_MISSING`, `COLUMN_TYPE`,
   * `COLUMN_COLLISION` and what other operators refuse
   * @example
   * ```ts
   * import { of } from 'rxjs';
   * import { ewm } from 'rx-ema';
   * of({ x: 1, y: 2 }, { x: 5, y: 1 }, { x: 1, y: 2 })
   *   .pipe(ewm({ alpha: 0.5 }).corr('x', 'y'))
   *   .subscribe((r) => console.log(r));
   * // => NaN
   * // => -1
   * // => -1
   * ```
   * @see pandas `df.x.ewm().corr(df.y)`
   */
  corr(x: Column<T>, y: Column<T>): OperatorFunction<T, T extends BatchLike ? T : number>;
  /**
   * A band around the mean: mean ± width · std, of the unbiased std.
   *
   * @param options - `width`: standard deviations to either side, > 0 and finite. @default 2
   * @returns of a number `{ mean, std, upper, lower }`; a record or a batch with `name_mean`, `name_std`, `name_upper`,
   * `name_lower` more for every field or column (`as` gives another `name`). Before the second value there is a mean alone
   * @throws SmoothingError `OPTION_VALUE`, `OPTION_UNKNOWN`, when it is called; `COLUMN_COLLISION` as an error notification
   * @example
   * ```ts
   * import { of } from 'rxjs';
   * import { ewm } from 'rx-ema';
   * of(4, 4, 4)
   *   .pipe(ewm({ span: 20 }).bands({ width: 3 }))
   *   .subscribe(({ mean, upper, lower }) => console.log(lower, mean, upper));
   * // => NaN 4 NaN
   * // => 4 4 4
   * // => 4 4 4
   * ```
   * @see `mean`, `std`
   */
  bands(options?: { width?: number }): OperatorFunction<T, T extends number ? Bands : T>;
}

/** {@link Ewm} for options that name no field: the operators stay generic. */
export interface PlainEwm {
  /** As {@link Ewm.mean}. */
  mean(): <T>(source: Observable<T>) => Observable<Smoothed<T>>;
  /** As {@link Ewm.sum}. */
  sum(): <T>(source: Observable<T>) => Observable<Smoothed<T>>;
  /** As {@link Ewm.var}. */
  var(options?: { bias?: boolean }): <T>(source: Observable<T>) => Observable<Smoothed<T>>;
  /** As {@link Ewm.std}. */
  std(options?: { bias?: boolean }): <T>(source: Observable<T>) => Observable<Smoothed<T>>;
  /** As {@link Ewm.cov}. */
  cov(
    x: string,
    y: string,
    options?: { bias?: boolean },
  ): <T>(source: Observable<T>) => Observable<T extends BatchLike ? T : number>;
  /** As {@link Ewm.corr}. */
  corr(x: string, y: string): <T>(source: Observable<T>) => Observable<T extends BatchLike ? T : number>;
  /** As {@link Ewm.bands}. */
  bands(options?: { width?: number }): <T>(source: Observable<T>) => Observable<T extends number ? Bands : T>;
}

/**
 * The exponentially weighted statistics of pandas, with its names (in camelCase), defaults and numbers, as operators on
 * numbers, records of numbers and Arrow record batches.
 *
 * The sample k steps back weighs w = d^k; under `adjust: false` it weighs (1 − d)·d^k, and the first one the rest. Under
 * `halfLifeMs` or `tauMs` d^k is what is left after so many ms; with `adjust: false` a value then stands for the time since
 * the stamp before it, and values of one stamp count as their mean. A `weight` multiplies w.
 *
 * Missing values (null, undefined, NaN, ±Infinity, an absent key, an Arrow null) come out as what came out last, as in
 * pandas; `missing: 'skip'` is polars' way. They count as elapsed steps unless `ignoreNa`. "Not yet" (`minPeriods`, one
 * sample's variance) is NaN, null in a nullable column.
 *
 * | here | pandas | polars |
 * |---|---|---|
 * | `alpha`, `span`, `com`, `halfLife` | `alpha`, `span`, `com`, `halflife` | `alpha`, `span`, `com`, `half_life` |
 * | `halfLifeMs`, `time` | `halflife`, `times` | `half_life`, `by` |
 * | `adjust`, `ignoreNa`, `minPeriods` | `adjust`, `ignore_na`, `min_periods` | `adjust`, `ignore_nulls`, `min_samples` |
 * | `by` | `groupby` | `over` |
 *
 * @param options - exactly one of `alpha` in (0, 1], `span` >= 1, `com` >= 0, `halfLife` > 0 (steps) or `halfLifeMs`,
 * `tauMs` > 0 (ms, with `time` or `clock`, and `late`); `adjust` (default true), `ignoreNa` (false; steps only),
 * `minPeriods` (an integer >= 0, default 0), `missing` (`'carry'`), and `columns`, `as`, `weight`, `by`, `maxKeys`, `idleMs`
 * as in `emaScan`. No schedules, `hold` or `start`: those are `emaScan`'s. Where they name fields or columns, say of what:
 * `ewm<Row>({ by: 'k' })`. Or an `EwmState` to go on from: one live subscription at a time (`STATE_IN_USE`)
 * @returns the statistics; of an `EwmState` the operator itself. Each subscription to what they make has a state of its own,
 * but for a given `EwmState`
 * @throws SmoothingError `DECAY_CHOICE`, `DECAY_RANGE`, `OPTION_UNKNOWN`, `OPTION_VALUE`, when it is called; the codes of
 * `Ema.update` come as error notifications
 * @example
 * ```ts
 * import { of } from 'rxjs';
 * import { ewm } from 'rx-ema';
 * const price$ = of(1, 5, 4);
 * price$.pipe(ewm({ alpha: 0.5 }).mean()).subscribe((m) => console.log(m.toFixed(4)));
 * // => 1.0000
 * // => 3.6667
 * // => 3.8571
 * price$.pipe(ewm({ alpha: 0.5, adjust: false, minPeriods: 2 }).mean()).subscribe((m) => console.log(m));
 * // => NaN
 * // => 3
 * // => 3.5
 * ```
 * @see pandas `DataFrame.ewm`, polars `Expr.ewm_mean`; `emaScan` for vectors, tensors and schedules; `EwmState` for snapshots
 */
export function ewm<T, R>(state: EwmState<T, R>): OperatorFunction<T, R>;
export function ewm(options: PlainEwmOptions): PlainEwm;
export function ewm<T>(options: EwmOptions<T>): Ewm<T>;
export function ewm<T, R>(options: EwmOptions<T> | EwmState<T, R>): Ewm<T> | OperatorFunction<T, R> {
  return options instanceof EmaEngine && 'stat' in options
    ? resumed<T, R>(options)
    : statisticsOf(options as EwmOptions<T>);
}

function resumed<T, R>(engine: EmaEngine<T>): OperatorFunction<T, R> {
  const open = () => ({ engine: engine as unknown as Engine<T, R>, leave: engine.acquire() });
  return (source) => smoothed(source, open, 'corrected');
}

function statisticsOf<T>(options: EwmOptions<T>): Ewm<T> {
  const planOf = resolveEwm(options, () => asyncScheduler.now(), streamLaw);
  const operator = <R>(statistic: Statistic): OperatorFunction<T, R> => {
    const plan = planOf(statistic);
    const open = () => {
      const engine = new EwmEngine<T>(plan, statistic);
      return { engine: engine as unknown as Engine<T, R>, end: (failed: boolean) => engine.end(failed) };
    };
    return (source) => smoothed(source, open, 'corrected');
  };
  return {
    mean: () => operator(resolveStatistic('mean')),
    sum: () => operator(resolveStatistic('sum')),
    var: (own) => operator(resolveStatistic('var', own)),
    std: (own) => operator(resolveStatistic('std', own)),
    cov: (x, y, own) => operator(resolveStatistic('cov', own, x, y)),
    corr: (x, y) => operator(resolveStatistic('corr', undefined, x, y)),
    bands: (own) => operator(resolveStatistic('bands', own)),
  };
}
