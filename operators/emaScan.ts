import { asyncScheduler, type Observable, type OperatorFunction } from 'rxjs';
import type { Ema } from '../src/ema.js';
import { EmaEngine } from '../src/emaEngine.js';
import { resolveEma, type EmaOptions, type PlainOptions } from '../src/options.js';
import type { Smoothed } from '../src/types.js';
import { withReadout } from './readout.js';
import { smoothed, type Session } from './smoothing.js';

/**
 * Smooths a stream with an exponential moving average: numbers, records of numbers, typed arrays, tfjs tensors or Arrow
 * record batches, each emitted as the same kind of value.
 *
 * v_t = d·v_{t−1} + (1 − d)·x_t with v_0 = 0. Starting at zero biases the first values towards it; put
 * {@link biasCorrected} directly behind to divide that out. Under `halfLifeMs` or `tauMs` the past keeps u = 2^(−Δt/halfLifeMs)
 * or e^(−Δt/tauMs) over Δt ms, `hold` says what a value stands for, and there is no bias.
 *
 * ```text
 * source          --4---4---4--|
 * emaScan(d=0.5)  --2---3--3.5-|
 * ```
 *
 * Missing values (null, undefined, NaN, ±Infinity, an absent key, an Arrow null) are no step and come out as they came
 * in, unless `missing` says otherwise. Options are checked when the pipe is built; a value that cannot be smoothed is an
 * error notification. Each subscription has a state of its own, but for a given `Ema`.
 *
 * @param options - exactly one of `decay` in [0, 1), `alpha` in (0, 1], `span` >= 1, `com` >= 0, `halfLife` > 0, `tau` > 0
 * (steps; `decay` and `alpha` also as a schedule), with `start` and `ages`; or of `halfLifeMs` > 0, `tauMs` > 0 (ms), with
 * `time`, `clock`, `hold` and `late`; and `missing`, `columns`, `as`, `by`, `maxKeys`, `idleMs`, `weight`, `emit`; or an `Ema`
 * to go on from: one live subscription at a time (`STATE_IN_USE`), and its tensors stay its own
 * @returns values of the source's kind. Numbers, records and batches are new; vectors are copies unless `emit: 'live'`; a
 * tensor is lent until the next delivery has returned unless `emit: 'copy'`, and the last one is the receiver's
 * @throws SmoothingError `DECAY_CHOICE`, `DECAY_RANGE`, `OPTION_UNKNOWN`, `OPTION_VALUE`, when the pipe is built; the
 * codes of `Ema.update` and `STATE_IN_USE` come as error notifications
 * @example
 * ```ts
 * import { of } from 'rxjs';
 * import { biasCorrected, emaScan } from 'rx-ema';
 * const loss$ = of(4, 4, 4);
 * loss$.pipe(emaScan({ decay: 0.5 })).subscribe((v) => console.log(v));
 * // => 2
 * // => 3
 * // => 3.5
 * loss$.pipe(emaScan({ decay: 0.5 }), biasCorrected()).subscribe((v) => console.log(v));
 * // => 4
 * // => 4
 * // => 4
 * of({ at: 0, x: 1 }, { at: 2000, x: 5 })
 *   .pipe(emaScan({ halfLifeMs: 2000, time: 'at', hold: 'next' }))
 *   .subscribe(({ x }) => console.log(x));
 * // => 1
 * // => 3
 * ```
 * @see `modelEma` for weights by name; `Ema` for the same without a stream; `ewm` for pandas' defaults and its other
 * statistics: pandas `ewm(ignore_na=True).mean()` for the pair, `times` and polars `ewm_mean_by` for decays per millisecond
 */
export function emaScan(options: PlainOptions): <T>(source: Observable<T>) => Observable<Smoothed<T>>;
export function emaScan<T>(options: EmaOptions<T> | Ema<T>): OperatorFunction<T, Smoothed<T>>;
export function emaScan<T>(options: EmaOptions<T> | Ema<T>): OperatorFunction<T, Smoothed<T>> {
  const open = options instanceof EmaEngine ? () => resumed(options) : opener(options);
  return (source) => withReadout(smoothed(source, open, 'raw'), () => smoothed(source, open, 'corrected'));
}

function opener<T>(options: EmaOptions<T>): () => Session<T, Smoothed<T>> {
  const plan = resolveEma(options, () => asyncScheduler.now());
  return () => {
    const engine = new EmaEngine<T>(plan);
    return { engine, end: (failed) => engine.end(failed) };
  };
}

function resumed<T>(engine: EmaEngine<T>): Session<T, Smoothed<T>> {
  return { engine, leave: engine.acquire() };
}
