import { EmaEngine } from './emaEngine.js';
import { bad, resolveEma, type EmaOptions } from './options.js';
import { planText } from './state/planText.js';
import { resume } from './state/resume.js';
import { savedCount } from './state/saved.js';
import { loadSnapshot, snapshotOf } from './state/snapshot.js';
import { stateOf } from './state/stateOf.js';
import type { Key, Smoothed, Snapshot } from './types.js';
import { stampOf, type Arrivals } from './values/arrivals.js';
import { joinedKey } from './values/keys.js';

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
export class Ema<T = number> extends EmaEngine<T> {
  readonly #text: string;

  /**
   * @param options - how fast to forget (exactly one of `decay`, `alpha`, `span`, `com`, `halfLife`, `tau`, in steps, and
   * `halfLifeMs`, `tauMs`, in ms) and the rest, as of `emaScan`
   * @param from - a snapshot made under the same options: goes on from there, bit for bit
   * @throws SmoothingError `DECAY_CHOICE`, `DECAY_RANGE`, `OPTION_UNKNOWN`, `OPTION_VALUE` for the options;
   * `SNAPSHOT_VERSION`, `SNAPSHOT_OPTIONS`, `SNAPSHOT_CORRUPT` for the snapshot
   */
  constructor(options: EmaOptions<T>, from?: Snapshot) {
    super(resolveEma(options));
    this.#text = planText(options, DEFAULTS);
    if (from === undefined) return;
    const saved = loadSnapshot(from, this.#text);
    this.kind = String(saved.scalars['kind']);
    this.deliveries = savedCount(saved, 'seen');
    if (this.kind !== 'none') this.smoother = resume(this.kind, saved, this.plan);
  }

  /** Steps taken: values that were not missing (and, with `ages`, gaps). The most of any column or element. */
  get step(): number {
    return this.smoother?.step() ?? 0;
  }

  /** Deliveries, missing ones too: what to `skip` of a source that replays. */
  get seen(): number {
    return this.deliveries;
  }

  /** Keys forgotten by `idleMs`; those of `reset(key)` not among them. */
  get dropped(): number {
    return this.#arrivals?.dropped ?? 0;
  }

  /** Values, or rows of batches, left out by `late: 'skip'`. */
  get late(): number {
    return this.#arrivals?.late ?? 0;
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
  get(at?: number | Date): Smoothed<T> | undefined {
    const last = this.smoother?.last();
    if (at === undefined) return last;
    const { law, by } = this.plan;
    const ms = stampOf(at);
    if (law.later === undefined || by !== null || this.kind === 'batch') {
      throw bad('at', 'come with numbers or records, a decay per millisecond and no keys', at);
    }
    if (last === undefined) return undefined;
    const { series, scalars } = this.smoother!.parts();
    const read = series!.tables.map((table) => law.later!(table, 0, series!.arrivals!.until(ms)));
    if (typeof last === 'number') return read[0] as Smoothed<T>;
    const names = (scalars['columns'] as readonly string[]).map((name) => this.plan.as?.(name) ?? name);
    return { ...last, ...Object.fromEntries(names.map((name, i) => [name, read[i]])) };
  }

  get #arrivals(): Arrivals | null {
    return this.smoother?.parts().series?.arrivals ?? null;
  }

  /**
   * Forgets everything: the next value is the first again, of any kind.
   *
   * @param key - forgets only this one of the keys of `by`; of several fields, their values in a list. A key that is not
   * there is fine
   * @throws SmoothingError `OPTION_VALUE` if there is no `by`, `KEY_KIND` for what can't be a key
   * @example
   * ```ts
   * import { Ema } from 'rx-ema';
   * const ema = new Ema<{ k: string; x: number }>({ alpha: 0.5, by: 'k', start: 'first' });
   * for (const k of ['a', 'b']) ema.update({ k, x: 2 });
   * ema.reset('a');
   * console.log(ema.update({ k: 'a', x: 4 }).x, ema.update({ k: 'b', x: 4 }).x);
   * // => 4 3
   * ```
   */
  reset(key?: Key | readonly Key[]): void {
    if (key !== undefined) {
      if (this.plan.by === null) throw bad('key', 'come with by', key);
      this.#arrivals?.forget(joinedKey(isList(key) ? key : [key]));
      return;
    }
    this.smoother?.dispose?.(false);
    this.smoother = null;
    this.kind = 'none';
    this.deliveries = 0;
  }

  /**
   * The state as plain data of its own; `new Ema(options, snapshot)` goes on from it.
   *
   * @throws SmoothingError `DISPOSED`
   */
  snapshot(): Snapshot {
    this.assertLive();
    const state = stateOf(this.smoother?.parts() ?? { scalars: {} }, this.plan.law);
    return snapshotOf(this.#text, { kind: this.kind, seen: this.seen }, state);
  }
}

const isList = (key: Key | readonly Key[]): key is readonly Key[] => Array.isArray(key);
