import type { OperatorFunction } from 'rxjs';
import { BankEngine } from '../src/bankEngine.js';
import { resolveBank, type BankOptions } from '../src/bankOptions.js';
import { smoothed } from './smoothing.js';

/**
 * Smooths numbers at several horizons in one pass: for each value, its bias-corrected average at every decay.
 *
 * With d_i a horizon's decay: `W_i ← d_i·W_i + (1 − d_i); y_i ← y_i + ((1 − d_i)/W_i)·(x − y_i)`. The same numbers as an
 * {@link emaScan} with {@link biasCorrected} for each horizon, which keep the kind of the value; here an array comes out.
 *
 * ```text
 * source                   --4------8--------|
 * emaBank(d = 0, d = 0.5)  --[4,4]--[8,6.67]-|
 * ```
 *
 * Missing values (null, undefined, NaN, ±Infinity) are no step at any horizon and come out as an array of NaN, so that
 * rows stay aligned and no row shows an average that its value has not moved.
 *
 * @param options - exactly one of `decays`, each in [0, 1), and `halfLives`, each > 0 steps; at least one
 * @returns an operator that emits a `Float64Array` for each value, with the averages in the order given; each array is new
 * and the receiver's
 * @throws SmoothingError `DECAY_CHOICE`, `DECAY_RANGE`, `OPTION_UNKNOWN`, `OPTION_VALUE` (no list, or an empty one), when
 * the pipe is built; `VALUE_KIND`, for what is no number, comes as an error notification
 * @example
 * ```ts
 * import { of } from 'rxjs';
 * import { emaBank } from 'rx-ema';
 * const loss$ = of(4, 8, 8);
 * loss$.pipe(emaBank({ decays: [0, 0.5] })).subscribe(([fast, slow]) => console.log(fast, slow!.toFixed(4)));
 * // => 4 4.0000
 * // => 8 6.6667
 * // => 8 7.4286
 * ```
 * @see `emaScan` for one horizon, and for everything that is no plain number; Kingma and Ba 2015, section 3
 */
export function emaBank<T extends number | null | undefined>(options: BankOptions): OperatorFunction<T, Float64Array> {
  const rates = resolveBank(options);
  return (source) => smoothed(source, () => ({ engine: new BankEngine(rates) }), 'corrected');
}
