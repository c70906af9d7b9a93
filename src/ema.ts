import { SmoothingError } from './errors.js';
import { bad, resolveEma, type EmaOptions } from './options.js';
import { ResumableEngine } from './resumableEngine.js';
import { planText } from './state/planText.js';
import { RESUMERS } from './state/resume.js';
import type { Smoothed, Snapshot } from './types.js';
import { stampOf, WORD } from './values/arrivals.js';

/** Options that decide what a state means. */
const DEFAULTS = {
  start: 'zero',
  missing: 'skip',
  ages: false,
  hold: 'sample',
  columns: null,
  by: null,
  time: null,
  weight: null,
};

/**
 * The exponential moving average without a stream: one value in, one value out. The same engine that `emaScan` runs.
 *
 * State is the corrected average y and the weight W it rests on; a value x arrives with decay d:
 * `W ← d·W + (1 − d); y ← y + ((1 − d)/W)·(x − y)`. Corrected is y, raw is W·y, which is the definition's
 * v_t = d·v_{t−1} + (1 − d)·x_t with v_0 = 0. Under `halfLifeMs` or `tauMs` both are y, which moves by the formula of `hold`.
 * With `by` there is a y and a W for each key.
 *
 * Takes numbers, records of numbers, typed arrays, tfjs tensors or Arrow record batches: the first value decides, and a
 * later one of another kind is an error that leaves the state as it was.
 *
 * @typeParam T - kind of value
 * @example
 * ```ts
 * import { Ema } from 'rx-ema';
 * const ema = new Ema({ alpha: 0.5 });
 * for (const x of [1, 5, 4, 2]) ema.update(x);
 * console.log(ema.get()?.toFixed(6));
 * // => 2.866667
 * console.log(JSON.stringify(new Ema<{ loss: number }>({ decay: 0.9 }).update({ loss: 2 })));
 * // => {"loss":2}
 * ```
 * @see Kingma and Ba 2015, section 3, for the correction; `emaScan` for streams
 */
export class Ema<T = number> extends ResumableEngine<T> {
  /**
   * @param options - how fast to forget (exactly one of `decay`, `alpha`, `span`, `com`, `halfLife`, `tau`, in steps, and
   * `halfLifeMs`, `tauMs`, in ms) and the rest, as of `emaScan`
   * @param from - a snapshot made under the same options: goes on from there, bit for bit
   * @throws SmoothingError `DECAY_CHOICE`, `DECAY_RANGE`, `OPTION_UNKNOWN`, `OPTION_VALUE` for the options;
   * `SNAPSHOT_VERSION`, `SNAPSHOT_OPTIONS`, `SNAPSHOT_CORRUPT` for the snapshot
   */
  constructor(options: EmaOptions<T>, from?: Snapshot) {
    super(resolveEma(options), { text: planText(options, DEFAULTS), resumers: RESUMERS, from });
  }

  /**
   * What the last update that was not missing returned; undefined before the first.
   *
   * @param at - a later moment, in ms or as a Date, to read at: numbers and records under a decay per millisecond, without
   * keys. A mean does not move while nothing comes, but under `hold: 'last'` the newest value goes on counting:
   * u·y + (1 − u)·x. The state stays as it was
   * @returns a number or a record with the averages, and with what else the newest record had, unless this goes on from a
   * snapshot, which keeps the averages alone; without `at` and of other kinds, what the update returned
   * @throws SmoothingError `OPTION_VALUE` where there is no reading at a moment, `TIME_LATE` if it is before the newest stamp
   * @example
   * ```ts
   * import { Ema } from 'rx-ema';
   * const ema = new Ema<{ at: number; watts: number }>({ halfLifeMs: 1000, time: 'at', hold: 'last' });
   * ema.update({ at: 0, watts: 10 });
   * ema.update({ at: 1000, watts: 20 });
   * console.log(ema.get()?.watts, ema.get(2000)?.watts, ema.get(3000)?.watts);
   * // => 10 15 17.5
   * ```
   */
  override get(at?: number | Date): Smoothed<T> | undefined {
    const last = super.get();
    if (at === undefined) return last;
    const { law, by } = this.plan;
    const ms = stampOf(at);
    if (law.later === undefined || by !== null || this.kind === 'batch') {
      throw bad('at', 'come with numbers or records, a decay per millisecond and no keys', at);
    }
    if (last === undefined) return undefined;
    const { series, scalars } = this.smoother!.parts();
    const { tables, arrivals } = series!;
    const read = tables.map((table) => law.later!(table, 0, elapsedUntil(ms, arrivals!.stamps)));
    if (typeof last === 'number') return read[0] as Smoothed<T>;
    const names = (scalars['columns'] as readonly string[]).map((name) => this.plan.as?.(name) ?? name);
    return { ...last, ...Object.fromEntries(names.map((name, i) => [name, read[i]])) };
  }
}

/** ms from the newest stamp of the only slot to a later moment. */
function elapsedUntil(at: number, [high, low]: Float64Array): number {
  const ms = at - (high! * WORD + low!);
  if (ms >= 0) return ms;
  throw new SmoothingError('TIME_LATE', `at must not be before the newest stamp, got ${-ms} ms before it`);
}
