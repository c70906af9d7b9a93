import type { Observable } from 'rxjs';
import { SmoothingError } from '../src/errors.js';
import { correctedTwin } from './readout.js';

/**
 * Divides the bias of the zero start out of the `emaScan` or `modelEma` directly before it: v_t / W_t, where W_t is the
 * sum of the weights in v_t (1 − d^t for a constant decay, and right for schedules and gaps too).
 *
 * ```text
 * source                            --4---4---4--|
 * emaScan(d=0.5)                    --2---3--3.5-|
 * emaScan(d=0.5), biasCorrected()   --4---4---4--|
 * ```
 *
 * It swaps the reading of the same state, so it costs nothing and a constant comes out exactly constant. An average that
 * starts at a value (`start`) or goes by the clock (`halfLifeMs`) has no bias: there it changes nothing. Behind `modelEma` it makes the shadow start empty
 * instead of as a copy of the first weights.
 *
 * It belongs directly behind its operator: `tap`, `share`, `retry` come after the pair. Subscribing to the raw and to the
 * corrected stream subscribes to the source twice: `share()` the source.
 *
 * @returns an operator that emits what the source would, corrected; ownership as in `emaScan`
 * @throws SmoothingError `MISPLACED` when the pipe is built, if anything else stands before it
 * @example
 * ```ts
 * import { from } from 'rxjs';
 * import { biasCorrected, emaScan } from 'rx-ema';
 * const logs$ = from([{ loss: 1, acc: 0.5 }, { loss: 3, acc: 0.5 }]);
 * logs$.pipe(emaScan({ decay: 0.5 }), biasCorrected()).subscribe((row) => console.log(JSON.stringify(row)));
 * // => {"loss":1,"acc":0.5}
 * // => {"loss":2.333333333333333,"acc":0.5}
 * ```
 * @see Kingma and Ba 2015, section 3
 */
export function biasCorrected(): <T>(source: Observable<T>) => Observable<T> {
  return (source) => {
    const corrected = correctedTwin(source);
    if (corrected === undefined) {
      throw new SmoothingError(
        'MISPLACED',
        'biasCorrected() must stand directly behind emaScan or modelEma, got another observable before it: ' +
          'put tap, share, retry and the like after the pair',
      );
    }
    return corrected;
  };
}
