import type { Observable } from 'rxjs';

/** Where `emaScan` and `modelEma` leave the bias-corrected reading of the observable they return. */
const READOUT = Symbol.for('rx-ema/readout');

type WithReadout<T> = Observable<T> & { [READOUT]?: () => Observable<T> };

/** `raw`, with a corrected twin for `biasCorrected()` to find. */
export function withReadout<T>(raw: Observable<T>, corrected: () => Observable<T>): Observable<T> {
  return Object.assign(raw, { [READOUT]: corrected });
}

/** The corrected twin, or undefined if there is none. */
export function correctedTwin<T>(source: Observable<T>): Observable<T> | undefined {
  return (source as WithReadout<T>)[READOUT]?.();
}
