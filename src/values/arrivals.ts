import { shown, SmoothingError } from '../errors.js';
import type { Plan, Selector } from '../options.js';
import type { Key } from '../types.js';
import { joinedKey, Keys, keysText } from './keys.js';
import { missingValue, type State } from './smoother.js';

/** What rows come with besides their numbers; what the plan has no use for is null. */
export interface Coming {
  readonly rows: number;
  /** Fills in the slot of each row; `find` gives a key's, a new one if it is new. */
  readonly slots: ((slots: Int32Array, find: (key: Key) => number) => void) | null;
  /** Stamps: high and low words of so many units, `unit` ms each. */
  readonly stamps: {
    readonly high: (row: number) => number;
    readonly low: (row: number) => number;
    readonly toMs: (units: number) => number;
  } | null;
  readonly weights: Float64Array | null;
}

/** Where rows go, when, with what weight: for runs. */
export interface Arrived {
  readonly slots: Int32Array | null;
  readonly elapsed: Float64Array | null;
  readonly weights: Float64Array | null;
  /** 1 where a row is left out: it came too late, or without its weight. */
  readonly left: Uint8Array | null;
}

const WORD = 2 ** 32;

/** Who has which slot, and when each was last heard of. */
export class Arrivals {
  readonly #plan: Plan;
  readonly keys: Keys | null;
  /** Keys forgotten by `idleMs`. */
  dropped = 0;
  /** Rows left out by `late`. */
  late = 0;
  /** Two words by slot; NaN where nothing has come. */
  #stamps: Float64Array;
  /** Words of the newest stamp, and of the one at which idle keys were last looked for. */
  readonly #newest = Float64Array.of(NaN, NaN);
  readonly #swept = Float64Array.of(NaN, NaN);
  /** Takes back what rows have changed that may yet fail. */
  #undo: (() => void)[] = [];
  /** Slots that have a new owner since they were last asked for. */
  #fresh: number[] = [];

  /** Slots whose keys have begun again elsewhere. */
  #left: number[] = [];
  #lateRows = 0;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.keys = plan.by === null ? null : new Keys(plan.maxKeys);
    this.#stamps = new Float64Array(this.keys === null ? 2 : 0).fill(NaN);
  }

  get slots(): number {
    return this.keys?.slots ?? 1;
  }

  /** Slots that have to be made fresh before rows go there. */
  takeFresh(): readonly number[] {
    const fresh = this.#fresh;
    this.#fresh = [];
    return fresh;
  }

  /** Stamps of rows that come now, if anyone asks what time it is. */
  clock(rows: number): Coming['stamps'] {
    if (this.#plan.perMs === null && this.#plan.idleMs === Infinity) return null;
    const ms = rows === 0 ? 0 : this.#plan.now();
    return { high: () => 0, low: () => ms, toMs: (units) => units };
  }

  /** Rows arrive, until `commit` or `undo`. What throws has changed nothing. */
  arrive(coming: Coming): Arrived {
    try {
      const left = this.#weigh(coming);
      const slots = this.#assign(coming);
      const told = this.#tell(coming, slots, left);
      return { slots, ...told, weights: coming.weights };
    } catch (error) {
      this.undo();
      throw error;
    }
  }

  undo(): void {
    while (this.#undo.length > 0) this.#undo.pop()!();
    this.#fresh = [];
    this.#left = [];
    this.#lateRows = 0;
  }

  /** The rows are in. */
  commit({ rows, stamps }: Coming): void {
    this.#undo = [];
    for (const slot of this.#left) this.keys!.free(slot);
    this.dropped += this.#left.length;
    this.#left = [];
    this.late += this.#lateRows;
    this.#lateRows = 0;
    if (stamps !== null && this.#plan.idleMs < Infinity) this.#sweep({ rows, ...stamps });
  }

  /** Rows without a weight are missing. */
  #weigh({ rows, weights }: Coming): Uint8Array | null {
    const at = weights?.findIndex(Number.isNaN) ?? -1;
    if (at < 0) return null;
    if (this.#plan.missing === 'throw') throw missingValue(`the weight of row ${at}`, null);
    return Uint8Array.from({ length: rows }, (_, row) => (Number.isNaN(weights![row]) ? 1 : 0));
  }

  #assign({ rows, slots: fill }: Coming): Int32Array | null {
    if (fill === null) return null;
    const slots = new Int32Array(rows);
    fill(slots, (key) => this.keys!.find(key) ?? this.#enrol(key));
    return slots;
  }

  #enrol(key: Key): number {
    const keys = this.keys!;
    const slot = keys.add(key);
    this.#undo.push(() => keys.delete(key));
    this.#fresh.push(slot);
    if (2 * slot >= this.#stamps.length) {
      const stamps = new Float64Array(Math.max(8, 2 * this.#stamps.length));
      stamps.set(this.#stamps);
      this.#stamps = stamps;
    }
    this.#stamps.fill(NaN, 2 * slot, 2 * slot + 2);
    return slot;
  }

  /** Each row's stamp becomes its key's newest. */
  #tell(
    { rows, stamps }: Coming,
    slots: Int32Array | null,
    left: Uint8Array | null,
  ): Pick<Arrived, 'elapsed' | 'left'> {
    if (stamps === null) return { elapsed: null, left };
    const { idleMs } = this.#plan;
    const elapsed = new Float64Array(rows);
    const before = slots === null ? this.#stamps.slice() : new Float64Array(2 * rows);
    let row = 0;
    this.#undo.push(() => {
      if (slots === null) this.#stamps.set(before);
      else while (row-- > 0) this.#stamps.set(before.subarray(2 * row, 2 * row + 2), 2 * slots[row]!);
    });
    /** The new slots of keys that come back after having been forgotten. */
    const again = new Map<number, number>();
    const latest = (slot: number): number => (again.has(slot) ? latest(again.get(slot)!) : slot);
    for (; row < rows; row++) {
      const slot = slots === null ? 0 : (slots[row] = latest(slots[row]!));
      const at = 2 * slot;
      const high = stamps.high(row);
      const low = stamps.low(row);
      const known = this.#stamps;
      const units = (high - known[at]!) * WORD + (low - known[at + 1]!);
      if (slots !== null) {
        before[2 * row] = known[at]!;
        before[2 * row + 1] = known[at + 1]!;
      }
      if (units < 0) {
        if (this.#plan.late === 'throw') {
          throw new SmoothingError(
            'TIME_LATE',
            `time must not run backwards, got a stamp ${stamps.toMs(-units)} ms before the newest one`,
          );
        }
        (left ??= new Uint8Array(rows))[row] = 1;
        this.#lateRows++;
        continue;
      }
      const ms = units > 0 ? stamps.toMs(units) : 0; // not a number where nothing had come
      if (ms > idleMs) {
        again.set(slot, this.#restart(slot));
        row--; // once more, as a new key
        continue;
      }
      known[at] = high;
      known[at + 1] = low;
      elapsed[row] = ms;
    }
    return { elapsed: this.#plan.perMs === null ? null : elapsed, left };
  }

  /** A key that was idle for too long starts again, in another slot. */
  #restart(slot: number): number {
    const keys = this.keys!;
    const key = keys.leave(slot);
    this.#undo.push(() => keys.enter(key, slot));
    this.#left.push(slot);
    return this.#enrol(key);
  }

  /** ms from the newest stamp of the only slot to a later moment. */
  until(at: number): number {
    const ms = at - (this.#stamps[0]! * WORD + this.#stamps[1]!);
    if (ms >= 0) return ms;
    throw new SmoothingError('TIME_LATE', `at must not be before the newest stamp, got ${-ms} ms before it`);
  }

  /** The slots that a snapshot keeps, in its order. */
  kept(): Int32Array {
    return Int32Array.from(this.keys === null ? [0] : Array.from(this.keys.entries(), ([, slot]) => slot));
  }

  state(): State {
    const { dropped, late } = this;
    const stamps = Array.from(this.kept(), (slot) => [...this.#stamps.subarray(2 * slot, 2 * slot + 2)]).flat();
    const keys = this.keys && new TextEncoder().encode(keysText(Array.from(this.keys.entries(), ([key]) => key)));
    return {
      scalars: { dropped, late },
      shadows: {
        stamps: Float64Array.of(...this.#newest, ...this.#swept, ...stamps),
        ...(keys && { keys }),
      },
    };
  }

  /** Goes on from what `state` gave: the keys' slots are 0, 1, … */
  load(keys: readonly Key[] | null, stamps: Float64Array, { dropped, late }: { dropped: number; late: number }): void {
    Object.assign(this, { dropped, late });
    keys?.forEach((key, slot) => this.keys!.enter(key, slot));
    this.#newest.set(stamps.subarray(0, 2));
    this.#swept.set(stamps.subarray(2, 4));
    this.#stamps = stamps.slice(4);
  }

  /** Keys that have been idle for too long go; looked for once in `idleMs`. */
  #sweep({ rows, high, low, toMs }: { rows: number } & NonNullable<Coming['stamps']>): void {
    const { idleMs } = this.#plan;
    const since = (words: Float64Array, at: number) =>
      toMs((this.#newest[0]! - words[at]!) * WORD + (this.#newest[1]! - words[at + 1]!));
    for (let row = 0; row < rows; row++) {
      const ahead = (high(row) - this.#newest[0]!) * WORD + (low(row) - this.#newest[1]!);
      if (!(ahead <= 0)) this.#newest.set([high(row), low(row)]);
    }
    if (since(this.#swept, 0) <= idleMs) return;
    if (!Number.isNaN(this.#swept[0]!)) {
      for (const [key, slot] of this.keys!.entries()) {
        if (since(this.#stamps, 2 * slot) > idleMs && this.keys!.delete(key)) this.dropped++;
      }
    }
    this.#swept.set(this.#newest);
  }
}

/** A stamp as ms. */
export function stampOf(value: unknown): number {
  const ms = value instanceof Date ? value.getTime() : value;
  if (typeof ms === 'number' && Number.isFinite(ms)) return ms;
  if (value == null || Number.isNaN(ms)) {
    throw new SmoothingError('TIME_MISSING', `time must give a stamp in ms or a Date, got ${shown(value)}`);
  }
  throw new SmoothingError('VALUE_KIND', `time must give a stamp in ms or a Date, got ${shown(value)}`);
}

/** What one value comes with. */
export function comingOf(plan: Plan, value: unknown): Coming {
  const { by, time, weight, now } = plan;
  const key = by === null ? null : joinedKey(by.map((part) => selected(value, part)));
  const stamped = plan.perMs !== null || plan.idleMs < Infinity;
  const ms = !stamped ? 0 : time === null ? now() : stampOf(selected(value, time));
  return {
    rows: 1,
    slots: by && ((slots, find) => (slots[0] = find(key))),
    stamps: stamped ? { high: () => 0, low: () => ms, toMs: (units) => units } : null,
    weights: weight === null ? null : Float64Array.of(weightOf(selected(value, weight))),
  };
}

/** What a selector says of a value: a field's name, or a function. */
function selected(value: unknown, selector: Selector): unknown {
  return typeof selector === 'function'
    ? selector(value as never)
    : (value as Readonly<Record<string, unknown>>)[selector];
}

/** The weight of a sample; NaN if it is missing, and the sample with it. */
export function weightOf(value: unknown): number {
  if (value == null || Number.isNaN(value)) return NaN;
  if (typeof value === 'number' && value >= 0 && value < Infinity) return value;
  throw new SmoothingError('WEIGHT_RANGE', `weight must be >= 0 and finite, got ${shown(value)}`);
}
