import { shown, SmoothingError } from '../errors.js';
import type { Plan, Selector } from '../options.js';
import type { Key } from '../types.js';
import { joinedKey, keyOf } from './keys.js';
import { missingValue } from './smoother.js';

/** What rows come with besides their numbers; what the plan has no use for is null. */
export interface Coming {
  readonly rows: number;
  /** Fills in the slot of each row, which `find` knows by key. */
  readonly assign: ((slots: Int32Array, find: Find) => void) | null;
  readonly stamps: Stamps | null;
  /** NaN where it is missing. */
  readonly weights: Float64Array | null;
}

/** The slot of the key of a row. */
export type Find = (key: Key, row: number) => number;

/**
 * Stamps of rows, in words of 2^32 units (nanoseconds do not fit a double): a row's are at `row · stride`, and a unit is
 * `times / per` ms.
 */
export interface Stamps extends Unit {
  readonly high: Int32Array | Float64Array;
  readonly low: Uint32Array | Float64Array;
  /** The words of a column, the lower one first. */
  readonly words?: Int32Array;
  readonly stride: number;
}

interface Unit {
  readonly times: number;
  readonly per: number;
}

/** Where rows go, when, and with what weight: for runs. */
export interface Arrived {
  readonly slots: Int32Array | null;
  /** 1 where a slot that has been in use begins anew; null if none does. */
  readonly fresh: Uint8Array | null;
  readonly elapsed: Float64Array | null;
  readonly weights: Float64Array | null;
  /** 1 where a row is left out: it came too late, or without its weight. */
  readonly left: Uint8Array | null;
}

export const WORD: number = 2 ** 32;

/**
 * Each row's stamp becomes its slot's newest: `elapsed` ← ms since the one before, `before` ← its words.
 *
 * @returns the first row that is late
 */
function tell(
  rows: number,
  slots: Int32Array | null,
  { high, low, stride, times, per }: Stamps,
  known: Float64Array,
  { elapsed, before }: Room,
  from = 0,
): number {
  for (let row = from; row < rows; row++) {
    const at = slots === null ? 0 : 2 * slots[row]!;
    const hadHigh = known[at]!;
    const hadLow = known[at + 1]!;
    const nowHigh = high[row * stride]!;
    const nowLow = low[row * stride]!;
    before[2 * row] = hadHigh;
    before[2 * row + 1] = hadLow;
    const units = (nowHigh - hadHigh) * WORD + (nowLow - hadLow);
    if (units < 0) return row;
    known[at] = nowHigh;
    known[at + 1] = nowLow;
    elapsed[row] = units > 0 ? (units * times) / per : 0; // not a number where nothing had come
  }
  return rows;
}

type Room = ReturnType<typeof roomFor>;

function roomFor(rows: number) {
  return {
    slots: new Int32Array(rows),
    fresh: new Uint8Array(rows),
    elapsed: new Float64Array(rows),
    before: new Float64Array(2 * rows),
    left: new Uint8Array(rows),
  };
}

/** Who has which slot, and when each was last heard of. */
export class Arrivals {
  readonly #plan: Plan;
  readonly slotOf: Map<Key, number> = new Map<Key, number>();
  /** Slots in use, or free. */
  slots: number;
  /** Two words by slot: its newest stamp, NaN where nothing has come. */
  stamps: Float64Array = Float64Array.of(NaN, NaN);
  /** Keys forgotten by `idleMs`. */
  dropped = 0;
  /** Rows left out by `late`. */
  late = 0;
  /** Changes when a key is forgotten: slots that were looked up before may be another's. */
  epoch = 0;
  readonly #free: number[] = [];
  #room: Room = roomFor(1);
  /** ms: the newest stamp of any key; −∞ if it is still to be found among what has been taken over. */
  #now = -Infinity;
  /** Keys that are idle have been looked for in this span of `idleMs`, counted from 1970. */
  #swept = -Infinity;
  #unit: Unit = { times: 1, per: 1 };
  /** Of the rows that arrived last: their slots, those whose stamps are their slots' newest, slots that begin anew. */
  #slots: Int32Array | null = null;
  #told = 0;
  #anew = 0;
  /** Keys that came with them, and what was counted before. */
  readonly #added: Key[] = [];
  #had = { dropped: 0, late: 0, now: -Infinity };
  readonly #find: Find = (key, row) => {
    const slot = this.slotOf.get(key);
    if (slot !== undefined) return slot;
    const { slots: had } = this;
    const made = this.#enrol(key);
    this.#added.push(key);
    if (made < had) this.#anew = this.#room.fresh[row] = 1;
    return made;
  };

  constructor(plan: Plan) {
    this.#plan = plan;
    this.slots = plan.by === null ? 1 : 0;
  }

  /** Memory for what is known of rows: fresh pages cost more than filling them. */
  #roomFor(rows: number): Room {
    if (rows > this.#room.slots.length) this.#room = roomFor(rows);
    return this.#room;
  }

  /** Rows arrive: what is told of them holds until the next ones do. What throws has changed nothing, and `undo` takes the last arrival back. */
  arrive({ rows, assign, stamps, weights }: Coming): Arrived {
    const { idleMs } = this.#plan;
    const room = this.#roomFor(rows);
    if (this.#now === -Infinity && stamps !== null && idleMs < Infinity) this.#recollect(stamps);
    const slots = assign && room.slots;
    room.fresh.fill(0, 0, rows);
    const left = room.left.fill(0, 0, rows);
    this.#slots = slots;
    this.#told = this.#anew = this.#added.length = 0;
    this.#had = { dropped: this.dropped, late: this.late, now: this.#now };
    try {
      let lacking = weights === null ? 0 : this.#weigh(weights, left, rows);
      assign?.(room.slots, this.#find);
      if (stamps !== null) {
        this.#told = tell(rows, slots, stamps, this.stamps, room);
        while (this.#told < rows) {
          const row = this.#told;
          this.#late(stamps, this.stamps, row, slots === null ? 0 : slots[row]!);
          left[row] = 1;
          room.elapsed[row] = 0;
          lacking++;
          this.#told = tell(rows, slots, stamps, this.stamps, room, row + 1);
        }
        if (idleMs < Infinity) this.#anew += this.#idle(rows, stamps, room);
      }
      const elapsed = this.#plan.perMs === null ? null : room.elapsed;
      return { slots, fresh: this.#anew > 0 ? room.fresh : null, elapsed, weights, left: lacking > 0 ? left : null };
    } catch (error) {
      this.undo();
      throw error;
    }
  }

  /** Rows without a weight are left out: how many. */
  #weigh(weights: Float64Array, left: Uint8Array, rows: number): number {
    let lacking = 0;
    for (let row = 0; row < rows; row++) {
      if (!Number.isNaN(weights[row])) continue;
      if (this.#plan.missing === 'throw') throw missingValue(`the weight of row ${row}`, null);
      left[row] = 1;
      lacking++;
    }
    return lacking;
  }

  #late({ high, low, stride, times, per }: Stamps, known: Float64Array, row: number, slot: number): void {
    if (this.#plan.late === 'skip') {
      this.late++;
      return;
    }
    const units = (known[2 * slot]! - high[row * stride]!) * WORD + (known[2 * slot + 1]! - low[row * stride]!);
    const ms = (units * times) / per;
    throw new SmoothingError(
      'TIME_LATE',
      `time must not run backwards, got a stamp ${ms} ms before the newest one (late: 'skip' leaves it out)`,
    );
  }

  /** Keys that have been away for too long, by the newest stamp of any, begin anew: how many. */
  #idle(rows: number, { high, low, stride, times, per }: Stamps, { elapsed, fresh, before }: Room): number {
    const had = this.dropped;
    const unit = (this.#unit = { times, per });
    for (let row = 0; row < rows; row++) {
      const at = msOf(high[row * stride]!, low[row * stride]!, unit);
      const seen = msOf(before[2 * row]!, before[2 * row + 1]!, unit);
      this.#now = Math.max(this.#now, at);
      if (at < seen || !(this.#now - seen > this.#plan.idleMs)) continue; // late, or not a number: nothing had come
      fresh[row] = 1;
      elapsed[row] = 0;
      this.dropped++;
    }
    return this.dropped - had;
  }

  undo(): void {
    for (; this.#told > 0; this.#told--) {
      const before = this.#room.before.subarray(2 * this.#told - 2, 2 * this.#told);
      this.stamps.set(before, this.#slots === null ? 0 : 2 * this.#slots[this.#told - 1]!);
    }
    for (const key of this.#added.splice(0)) this.forget(key);
    ({ dropped: this.dropped, late: this.late, now: this.#now } = this.#had);
  }

  /**
   * The newest stamp of keys that another state knew of. It alone says when idle keys go, so that a state forgets what the one
   * that it goes on from would have forgotten.
   */
  #recollect(unit: Unit): void {
    for (const slot of this.slotOf.values()) {
      const seen = msOf(this.stamps[2 * slot]!, this.stamps[2 * slot + 1]!, unit);
      if (seen > this.#now) this.#now = seen;
    }
    this.#swept = Math.floor(this.#now / this.#plan.idleMs);
  }

  /** The rows are in. With each span of `idleMs` that begins, keys that have been idle for longer go. */
  commit(): void {
    const { idleMs } = this.#plan;
    const span = Math.floor(this.#now / idleMs);
    if (idleMs === Infinity || span === this.#swept) return;
    this.#swept = span;
    for (const [key, slot] of this.slotOf) {
      const seen = msOf(this.stamps[2 * slot]!, this.stamps[2 * slot + 1]!, this.#unit);
      if (!(this.#now - seen > idleMs)) continue; // or not a number: it is of a state in which time did not count
      this.forget(key);
      this.dropped++;
      this.#plan.forgotten?.(key);
    }
  }

  /** The slot of a key that is taken over from another state. */
  enrolled(key: Key): number {
    return this.slotOf.get(key) ?? this.#enrol(key);
  }

  /** A slot's newest stamp, taken over. */
  heard(slot: number, high: number, low: number): void {
    this.stamps[2 * slot] = high;
    this.stamps[2 * slot + 1] = low;
    this.#now = -Infinity;
  }

  #enrol(key: Key): number {
    const { maxKeys } = this.#plan;
    if (this.slotOf.size >= maxKeys) {
      throw new SmoothingError('TOO_MANY_KEYS', `by must give at most ${maxKeys} keys, got ${shown(key)} besides`);
    }
    const slot = this.#free.pop() ?? this.slots++;
    this.slotOf.set(key, slot);
    if (isTimed(this.#plan)) this.#stampless(slot);
    return slot;
  }

  /** Nothing has come to a slot. */
  #stampless(slot: number): void {
    if (2 * slot >= this.stamps.length) {
      const stamps = new Float64Array(2 * Math.ceil(1.5 * slot + 1));
      stamps.set(this.stamps);
      this.stamps = stamps;
    }
    this.stamps.fill(NaN, 2 * slot, 2 * slot + 2);
  }

  /** A key and its slot part. */
  forget(key: Key): void {
    const slot = this.slotOf.get(key);
    if (slot === undefined) return;
    this.slotOf.delete(key);
    this.#free.push(slot);
    this.epoch++;
  }
}

function msOf(high: number, low: number, { times, per }: Unit): number {
  return ((high * WORD + low) * times) / per;
}

/** Stamps of rows that all come at one moment. */
export function stampedAt(ms: number): Stamps {
  return { high: Float64Array.of(0), low: Float64Array.of(ms), stride: 0, times: 1, per: 1 };
}

/** True if the plan asks when values come. */
export function isTimed({ perMs, idleMs }: Plan): boolean {
  return perMs !== null || idleMs < Infinity;
}

/** The stamp of a value that arrives at once: nothing of a user's is called in between. */
const ONE = { high: Float64Array.of(0), low: Float64Array.of(0), stride: 0, times: 1, per: 1 };

/** What one value comes with: holds until the next one comes. */
export function comingOf(plan: Plan, value: unknown): Coming {
  const { by, time, weight } = plan;
  const key = by === null ? null : keyFrom(by, value);
  const timed = isTimed(plan);
  const ms = timed ? stampOf(time === null ? plan.now() : selected(value, time)) : 0;
  const weights = weight === null ? null : Float64Array.of(weightOf(selected(value, weight)));
  ONE.low[0] = ms;
  const assign: Coming['assign'] = by && ((slots, find) => (slots[0] = find(key, 0)));
  return { rows: 1, assign, stamps: timed ? ONE : null, weights };
}

function keyFrom(by: readonly Selector[], value: unknown): Key {
  return by.length === 1 ? keyOf(selected(value, by[0]!)) : joinedKey(by.map((part) => selected(value, part)));
}

/** What a selector says of a value: a field's name, or a function. */
function selected(value: unknown, selector: Selector): unknown {
  return typeof selector === 'function'
    ? selector(value as never)
    : (value as Readonly<Record<string, unknown>>)[selector];
}

/** A stamp as ms. */
export function stampOf(value: unknown): number {
  const ms = value instanceof Date ? value.getTime() : value;
  if (typeof ms === 'number' && Number.isFinite(ms)) return ms;
  const code = value == null || Number.isNaN(ms) ? 'TIME_MISSING' : 'VALUE_KIND';
  throw new SmoothingError(code, `time must give a stamp in ms or a Date, got ${shown(value)}`);
}

/** The weight of a sample; NaN if it is missing, and the sample with it. */
export function weightOf(value: unknown): number {
  if (value == null || Number.isNaN(value)) return NaN;
  if (typeof value === 'number' && value >= 0 && value < Infinity) return value;
  throw new SmoothingError('WEIGHT_RANGE', `weight must be >= 0 and finite, got ${shown(value)}`);
}
