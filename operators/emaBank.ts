import type { Observable, OperatorFunction } from 'rxjs';
import { BankEngine } from '../src/bankEngine.js';
import { resolveBank, type BankOptions, type PlainBankOptions } from '../src/bankOptions.js';
import type { BatchLike } from '../src/types.js';
import { smoothed, type Engine } from './smoothing.js';

/** What `emaBank` makes of a value. */
export type Banked<T> = T extends BatchLike ? T : Float64Array;

/**
 * Smooths numbers, or the columns of Arrow record batches, at several horizons in one pass: for each value, its
 * bias-corrected average at every decay.
 *
 * With d_i a horizon's decay: `W_i ← d_i·W_i + (1 − d_i); y_i ← y_i + ((1 − d_i)/W_i)·(x − y_i)`. The same numbers as an
 * {@link emaScan} with {@link biasCorrected} for each horizon, to the last bit of numbers and within a few units of it of
 * columns. `emaScan` gives one average, of the kind of the value; here of a number an array comes out, and a batch gets a
 * column for each of its floating columns and each horizon, of the column's type.
 *
 * ```text
 * source                   --4------8--------|
 * emaBank(d = 0, d = 0.5)  --[4,4]--[8,6.67]-|
 * ```
 *
 * Missing values (null, undefined, NaN, ±Infinity, an Arrow null) are no step at any horizon, and no row shows an average
 * that its value has not moved: a missing number comes out as an array of NaN, as does what stands for a batch, and in a
 * column a missing row is in every average what it is there.
 *
 * @param options - exactly one of `decays`, each in [0, 1), and `halfLives`, each > 0 steps; at least one. Of batches also
 * `columns`, by default every floating one, and `as`, by default `${column}_ema_${horizon}` with the number that was given
 * @returns an operator that emits a `Float64Array` for each number, with the averages in the order given; for each batch,
 * a batch with all horizons of the first column behind its own, then those of the second. What comes out is new and the
 * receiver's
 * @throws SmoothingError `DECAY_CHOICE`, `DECAY_RANGE`, `OPTION_UNKNOWN`, `OPTION_VALUE` (no list, or an empty one), when
 * the pipe is built; as error notifications `VALUE_KIND`, for what is neither, or not what the first value was, and of
 * batches `COLUMN_MISSING`, `COLUMN_TYPE`, `COLUMN_COLLISION` (a name that is there already, or a horizon given twice),
 * `SCHEMA_CHANGED`
 * @example
 * ```ts
 * import { tableFromArrays, type RecordBatch } from 'apache-arrow';
 * import { from, of } from 'rxjs';
 * import { emaBank } from 'rx-ema';
 * const loss$ = of(4, 8, 8);
 * loss$.pipe(emaBank({ decays: [0, 0.5] })).subscribe(([fast, slow]) => console.log(fast, slow!.toFixed(4)));
 * // => 4 4.0000
 * // => 8 6.6667
 * // => 8 7.4286
 * const table = tableFromArrays({ price: Float64Array.of(4, 8) });
 * from(table.batches as RecordBatch[])
 *   .pipe(emaBank({ halfLives: [1, 20] }))
 *   .subscribe((batch) => batch.toArray().forEach((row) => console.log(String(row))));
 * // => {"price": 4, "price_ema_1": 4, "price_ema_20": 4}
 * // => {"price": 8, "price_ema_1": 6.666666666666666, "price_ema_20": 6.034653890437829}
 * ```
 * @see `emaScan` for one horizon, and for records, vectors, tensors, keys and time; Kingma and Ba 2015, section 3
 */
export function emaBank(
  options: PlainBankOptions,
): <T extends number | null | undefined | BatchLike>(source: Observable<T>) => Observable<Banked<T>>;
export function emaBank<T extends number | null | undefined | BatchLike>(
  options: BankOptions<T>,
): OperatorFunction<T, Banked<T>>;
export function emaBank<T extends number | null | undefined | BatchLike>(
  options: BankOptions<T>,
): OperatorFunction<T, Banked<T>> {
  const plan = resolveBank(options);
  const open = () => ({ engine: new BankEngine(plan) as Engine<T, unknown> });
  return (source) => smoothed(source, open, 'corrected') as Observable<Banked<T>>;
}
