import { EmaEngine } from './emaEngine.js';
import { bad, type Plan } from './options.js';
import { resume, type Resumers } from './state/resume.js';
import { savedArray, savedCount } from './state/saved.js';
import { loadSnapshot, snapshotOf } from './state/snapshot.js';
import { stateOf } from './state/stateOf.js';
import { Tally } from './state/tally.js';
import type { Key, Smoothed, Snapshot } from './types.js';
import type { Arrivals } from './values/arrivals.js';
import { joinedKey } from './values/keys.js';
import type { Carrier, Parts } from './values/smoother.js';

/** How an engine goes on from a snapshot. */
export interface Resuming {
  /** The options that decide what a state means, as canonical text. */
  readonly text: string;
  /** How each kind of smoother goes on. */
  readonly resumers: Resumers;
  readonly from: Snapshot | undefined;
}

/** @internal What an engine is made of. */
export interface Inner {
  /** null while nothing has come. */
  readonly parts: Parts | null;
  readonly law: Plan['law'];
  readonly tally: Tally | null;
  readonly text: string;
  readonly kind: string;
}

/** An engine without a stream, whose state can be read, saved and gone on from: what `Ema` and `EwmState` share. */
export abstract class ResumableEngine<T> extends EmaEngine<T> {
  /** @internal Told of keys that `idleMs` forgets, once they are gone. */
  forgotten: ((key: Key) => void) | null = null;
  readonly #text: string;
  readonly #tally: Tally | null;

  constructor(plan: Plan, { text, resumers, from }: Resuming, carriers?: readonly Carrier[]) {
    const tally = plan.ages && plan.by !== null ? new Tally() : null;
    super(
      {
        ...plan,
        ...(tally !== null && { tally: (arrived, coming) => tally.count(arrived, coming) }),
        forgotten: (key) => this.forgotten?.(key),
      },
      carriers,
    );
    this.#text = text;
    this.#tally = tally;
    if (from === undefined) return;
    const saved = loadSnapshot(from, text);
    this.kind = String(saved.scalars['kind']);
    this.deliveries = savedCount(saved, 'seen');
    if (this.kind === 'none') return;
    this.smoother = resume<T>(resumers, this.kind, saved, this.plan);
    if (tally !== null) tally.rows = savedArray(saved, 'rows', Float64Array, this.#arrivals!.slots);
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

  /** What the last update that was not missing returned; undefined before the first. */
  get(): Smoothed<T> | undefined {
    return this.smoother?.last();
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
   * The state as plain data of its own: an engine of the same options goes on from it, and `mergeSnapshots` joins it with
   * that of another part of the stream.
   *
   * @throws SmoothingError `DISPOSED`
   */
  snapshot(): Snapshot {
    this.assertLive();
    const state = stateOf(this.smoother?.parts() ?? { scalars: {} }, this.plan.law, this.#tally?.rows);
    return snapshotOf(this.#text, { kind: this.kind, seen: this.seen }, state);
  }

  /** @internal What it is made of, for whoever keeps its keys apart (src/apps/scale/keyedRows.ts). */
  inner(): Inner {
    return {
      parts: this.smoother?.parts() ?? null,
      law: this.plan.law,
      tally: this.#tally,
      text: this.#text,
      kind: this.kind,
    };
  }
}

const isList = (key: Key | readonly Key[]): key is readonly Key[] => Array.isArray(key);
