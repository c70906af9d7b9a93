import type { DecaySchedule } from './decay/schedule.js';
import { CLOCK_WAYS, WAYS, type Way } from './decay/rates.js';
import { shown, SmoothingError } from './errors.js';
import { clockLaw, type Hold } from './kernels/clock.js';
export type { Hold } from './kernels/clock.js';
import type { Law } from './kernels/law.js';
import { stepLaw } from './kernels/steps.js';
import type { Rate, Start } from './recurrence/weight.js';
import type { BatchLike, Key, Smoothed, TensorLike } from './types.js';
import type { Arrived, Coming } from './values/arrivals.js';

// ---- what users write -----------------------------------------------------------------------------------------------

export type OneOf<T> = { [K in keyof T]: { [P in K]: T[P] } & { [P in Exclude<keyof T, K>]?: never } }[keyof T];
export type No<T> = { [P in keyof T]?: never };
/** What `columns` may name. */
export type Column<T> = T extends BatchLike
  ? string
  : T extends TensorLike | ArrayBufferView | number | null | undefined
    ? never
    : Extract<keyof T, string>;

/** Ways to say how fast to forget, in steps. */
export interface Steps {
  /** d, the weight the past keeps, in [0, 1). */
  decay: number | DecaySchedule;
  /** 1 − d, in (0, 1]. */
  alpha: number | DecaySchedule;
  /** 2/alpha − 1, >= 1: about as many values count as in a plain mean of `span`. */
  span: number;
  /** 1/alpha − 1, >= 0: the mean age of the weights (pandas `com`). */
  com: number;
  /** Steps after which a value's weight has halved, > 0. */
  halfLife: number;
  /** Steps after which a value's weight has fallen to 1/e, > 0. */
  tau: number;
}

/** Ways to say how fast to forget, in milliseconds: stamps tell how many have passed. u is what the past keeps over Δt ms. */
export interface Clock {
  /** Milliseconds after which a value's weight has halved, > 0: u = 2^(−Δt/halfLifeMs). */
  halfLifeMs: number;
  /** Milliseconds after which a value's weight has fallen to 1/e, > 0: u = e^(−Δt/tauMs). */
  tauMs: number;
}

/** Where stamps come from, and what a value stands for between them. */
export interface Time<T> {
  /**
   * Where the stamp is: a field of a record (ms or a `Date`), an Arrow column (timestamp of any unit, or date64), or a
   * function that returns ms or a `Date`. Without it, `clock` is asked when the value arrives. A stamp that is null,
   * undefined or NaN is the error `TIME_MISSING`.
   */
  time?: ((value: T) => number | Date) | (T extends BatchLike ? string : Extract<keyof T, string>);
  /**
   * What time it is, in ms, where `time` does not say; under a decay per step, to `idleMs`.
   * @default RxJS's `asyncScheduler` for operators, `Date` for an `Ema`
   */
  clock?: { now(): number };
  /**
   * What a value stands for; x' is the value before.
   *
   * - `'sample'`: every sample weighs the same when it comes: W ← u·W + 1; y ← y + (x − y)/W (pandas `times`)
   * - `'next'`: the time since the stamp before: y ← u·y + (1 − u)·x (polars `ewm_mean_by`). Values of one stamp count as
   *   their mean
   * - `'last'`: the time until the next stamp: y ← u·y + (1 − u)·x'
   * - `'linear'`: a straight line: y ← u·y + (v − u)·x' + (1 − v)·x with v = (1 − u)/−ln u
   *
   * @default 'sample'
   * @see Eckner, "Algorithms for Unevenly Spaced Time Series: Moving Averages and Other Rolling Operators", for the last three
   */
  hold?: Hold;
  /**
   * A stamp before the key's newest one is the error `TIME_LATE`, or its value is left out like a missing one, and counted in
   * `Ema.late`.
   * @default 'throw'
   */
  late?: 'throw' | 'skip';
}

/** Exactly one way to say how fast to forget; a start and ageing gaps go with steps, stamps with milliseconds. */
export type Forget<T = unknown, S = never> =
  (OneOf<Steps> & Stepped<S> & NoTime<T>) | (OneOf<Clock> & No<Steps & Stepped<S>> & Time<T>);
/** Under a decay per step nothing asks for stamps but `idleMs`. */
export type NoTime<T> = No<Clock & Omit<Time<T>, 'clock'>> & Pick<Time<T>, 'clock'>;

/** What happens to null, undefined, NaN, ±Infinity, an absent key, an Arrow null. */
export type Missing = 'skip' | 'carry' | 'throw' | 'propagate';

interface Common {
  /**
   * `'skip'`: no step, comes out as it came in. `'carry'`: no step, comes out as what was emitted last. `'throw'`: the
   * error `MISSING_VALUE`. `'propagate'`: NaN and infinities go on as IEEE has them, null stays null.
   * @default 'skip'
   */
  missing?: Missing;
  /**
   * Whose memory is emitted: `'copy'` is the receiver's; `'live'` is lent until the next delivery has returned. Numbers,
   * records and batches are always copies.
   * @default 'copy' for typed arrays, 'live' for tensors and weights
   */
  emit?: 'live' | 'copy';
}

/** What only a decay per step has. */
interface Stepped<S> {
  /** A missing value counts as an elapsed step: the past fades over it (pandas `ignore_na=False`). @default false */
  ages?: boolean;
  /**
   * `'zero'`: v_0 = 0. `'first'`: the first value. `{ sma: n }`: the mean of the first n; the outputs before it are NaN,
   * null in an Arrow column. `{ value }`: a value of the stream's own kind (of batches, a batch of one row). All but
   * `'zero'` need no bias correction.
   * @default 'zero'
   */
  start?: 'zero' | 'first' | { readonly sma: number } | S;
}

/** Options that name fields of a record or columns of a batch. */
export interface ColumnOptions<T> {
  /**
   * A sample's own weight w, >= 0 and finite (volume, batch size): a field, a floating Arrow column, a function. It enters as
   * alpha · w: corrected is the average of x weighted by w, raw that of w · x. 0 is a step that brings nothing; a missing
   * weight makes the sample missing; another one is the error `WEIGHT_RANGE`. By the clock, with `hold: 'sample'` only.
   */
  weight?: Column<T> | (T extends BatchLike ? never : (value: T) => number);
  /** What to smooth. @default every number field of a record, every floating column of a batch, but time, key, weight */
  columns?: readonly Column<T>[];
  /** Appends the smoothed column under this name instead of replacing it. */
  as?: (column: string) => string;
  /**
   * One average for each key: a field, several, a function, Arrow columns (utf8, integers, bool, dictionaries of them). Keys
   * are strings, numbers, bigints, booleans; null is a key of its own; anything else is the error `KEY_KIND`. Of a batch a
   * function gives the one key of all its rows; it is not asked for a batch of no rows, which is nobody's.
   */
  by?: Column<T> | readonly Column<T>[] | (T extends unknown ? (value: T) => Key : never);
  /** Most keys at a time, >= 1; one more is the error `TOO_MANY_KEYS`. @default no limit */
  maxKeys?: number;
  /**
   * Milliseconds, > 0, after which a key that has not been seen is forgotten: of stamps where `time` gives them, else of the
   * clock. It begins anew when it comes back, and is counted in `Ema.dropped`.
   * @default never
   */
  idleMs?: number;
}

/** Options of `emaScan` and `Ema` that fit any stream. */
export type PlainOptions = Forget & Common & No<ColumnOptions<unknown>> & { time?: never };
/** Options of `emaScan` and `Ema` for values of type `T`. */
export type EmaOptions<T> = Forget<T, { readonly value: Smoothed<T> }> & Common & ColumnOptions<T>;

// ---- what they come to ----------------------------------------------------------------------------------------------

/** What every averaging needs to know, checked once. */
export interface Plan extends Start {
  /** The rate, if it is the same at every step. */
  readonly constant: Rate | null;
  /** The rate at a step, counted from 1. Throws `SCHEDULE_RANGE`. */
  rateAt(step: number): Rate;
  /** What is missing and not carried comes out as it came in; else only if it is none. */
  readonly echoes: boolean;
  /** How a slot's numbers move. */
  readonly law: Law;
  readonly missing: Missing;
  readonly ages: boolean;
  /** Counts rows that are in, key by key. Only an engine that makes snapshots has use for it. */
  readonly tally?: (arrived: Arrived | null, coming: Coming | null) => void;
  /** Told of keys that have been idle for too long. */
  readonly forgotten?: (key: Key) => void;
  readonly emit: 'live' | 'copy' | null;
  /** Given by `start: { value }`. */
  readonly seed: unknown;
  /** ln of the decay over a millisecond; null under a decay per step. */
  readonly perMs: number | null;
  readonly time: Selector | null;
  readonly now: () => number;
  /** True if `now` may be turned back, and is not to be. */
  readonly steady: boolean;
  readonly late: 'throw' | 'skip';
  readonly weight: Selector | null;
  readonly by: readonly Selector[] | null;
  readonly maxKeys: number;
  /** Infinity: never. */
  readonly idleMs: number;
  readonly columns: readonly string[] | null;
  /** Fields that tell when, whose and how much, and are not smoothed unless named. */
  readonly roles: readonly string[];
  readonly as: ((column: string) => string) | null;
}

/** Where to find something in a value: a field's name, or a function. */
export type Selector = string | ((value: never) => unknown);

const STEPPED = ['ages', 'start'];
const TIMED = ['time', 'clock', 'hold', 'late'];
export const SHARED: readonly string[] = ['missing', 'emit', 'columns', 'as', 'weight', 'by', 'maxKeys', 'idleMs'];
const EMA_OPTIONS = [...Object.keys(WAYS), ...Object.keys(CLOCK_WAYS), ...STEPPED, ...TIMED, ...SHARED];

/**
 * User options → plan. Throws whatever can be known now.
 *
 * @param now - the clock, unless one is given
 */
export function resolveEma(options: unknown, now: () => number = () => Date.now()): Plan {
  const given = read(options, EMA_OPTIONS);
  const missing = choice(given, 'missing', ['skip', 'carry', 'throw', 'propagate']) ?? 'skip';
  const carries = missing === 'carry';
  const propagates = missing === 'propagate';
  const ages = choice(given, 'ages', [true, false]) ?? false;
  const hold = choice(given, 'hold', ['sample', 'next', 'last', 'linear']) ?? 'sample';
  const rates = resolveRates(given, { ...WAYS, ...CLOCK_WAYS });
  const { perMs } = rates;
  const start = resolveStart(given['start']);
  refuseUnfit(given, perMs === null, perMs === null ? TIMED : STEPPED);
  const where = resolveWhere(given);
  if (where.weight !== null && hold !== 'sample') {
    throw bad(
      'weight',
      `come with hold 'sample' (under '${hold}' a value weighs the time it stands for)`,
      where.weight,
    );
  }
  return {
    ...rates,
    ...start,
    ...where,
    law:
      perMs === null
        ? stepLaw({ ...rates, ...start, ages, carries, propagates })
        : clockLaw({ perMs, hold, carries, propagates }),
    late: choice(given, 'late', ['throw', 'skip']) ?? 'throw',
    ...resolveClock(given, now),
    missing,
    echoes: true,
    ages,
    emit: choice(given, 'emit', ['live', 'copy']) ?? null,
  };
}

/** Throws if one of the options of the other kind of decay is given. */
export function refuseUnfit(given: Given, isStepped: boolean, names: readonly string[]): void {
  const unfit = names.find((name) => given[name] !== undefined && !(name === 'clock' && given['idleMs'] !== undefined));
  if (unfit === undefined) return;
  const orIdle = unfit === 'clock' ? ', or idleMs' : '';
  throw bad(unfit, `come with a decay per ${isStepped ? 'millisecond' : 'step'}${orIdle}`, given[unfit]);
}

/** What names fields of a value. */
export function resolveWhere(given: Given): Where {
  const columns = checked(given, 'columns', isNames, 'be a list of different names') as readonly string[] | null;
  const time = checked(given, 'time', isSelector, SELECTOR) as Selector | null;
  const weight = checked(given, 'weight', isSelector, SELECTOR) as Selector | null;
  const by = checked(given, 'by', (one) => isSelector(one) || isNames(one), 'be a name, several or a function');
  const parts = by === null ? null : ([by].flat() as Selector[]);
  const keyed = ['maxKeys', 'idleMs'].find((name) => parts === null && given[name] !== undefined);
  if (keyed !== undefined) throw bad(keyed, 'come with by', given[keyed]);
  return {
    columns: columns && [...columns],
    as: checked(given, 'as', isFunction, 'be a function') as Plan['as'],
    by: parts,
    time,
    weight,
    maxKeys: (checked(given, 'maxKeys', (n) => (n as number) >= 1, 'be >= 1') as number | null) ?? Infinity,
    idleMs: (checked(given, 'idleMs', (ms) => (ms as number) > 0, 'be > 0 ms') as number | null) ?? Infinity,
    roles: [...(parts ?? []), time, weight].filter((one) => typeof one === 'string'),
  };
}

/** An option that has to be fit, or null if it is not given. */
function checked(given: Given, name: string, fits: (value: unknown) => boolean, must: string): unknown {
  const value = given[name];
  if (value === undefined) return null;
  if (fits(value)) return value;
  throw bad(name, must, value);
}

const SELECTOR = 'be a name or a function';
const isFunction = (value: unknown): boolean => typeof value === 'function';
const isSelector = (value: unknown): boolean => isFunction(value) || (typeof value === 'string' && value !== '');

export type Where = Pick<Plan, 'columns' | 'as' | 'by' | 'time' | 'weight' | 'maxKeys' | 'idleMs' | 'roles'>;

const hasNow = (clock: unknown): boolean => isFunction((clock as { now?: unknown } | null)?.now);

/** The clock that is given; else `now`, which a correction of the system's time does not turn back. */
export function resolveClock(given: Given, now: () => number): Pick<Plan, 'now' | 'steady'> {
  const clock = checked(given, 'clock', hasNow, 'have a method now()') as { now(): number } | null;
  return clock === null ? { now, steady: true } : { now: () => clock.now(), steady: false };
}

/** A clock that never goes back. */
export function neverBack(now: () => number): () => number {
  let newest = -Infinity;
  return () => (newest = Math.max(newest, now()));
}

export type Given = Readonly<Record<string, unknown>>;

/** How fast a plan forgets. */
export type Rates = Pick<Plan, 'constant' | 'rateAt' | 'perMs'>;

/** Throws if these are not options of known names. */
export function read(options: unknown, known: readonly string[]): Given {
  if (typeof options !== 'object' || options === null) {
    throw new SmoothingError('DECAY_CHOICE', `options must be like { decay: 0.98 }, got ${shown(options)}`);
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw new SmoothingError(
        'OPTION_UNKNOWN',
        `options must be among ${known.join(', ')}, got '${name}'${didYouMean(name, known)}`,
      );
    }
  }
  return options as Given;
}

/** The one way to forget among `ways` that is given. */
export function resolveRates(given: Given, ways: Readonly<Record<string, Way>>, schedules = true): Rates {
  const names = Object.keys(ways);
  const [name, ...more] = names.filter((way) => given[way] !== undefined);
  if (name === undefined || more.length > 0) {
    const got = name === undefined ? 'none' : [name, ...more].join(' and ');
    throw new SmoothingError('DECAY_CHOICE', `options must have exactly one of ${names.join(', ')}, got ${got}`);
  }
  const value = given[name];
  const schedulable = schedules && (name === 'decay' || name === 'alpha');
  if (typeof value === 'function' && schedulable) {
    const schedule = value as DecaySchedule;
    return { constant: null, perMs: null, rateAt: (step) => scheduled(schedule, name, step) };
  }
  const way = ways[name]!;
  const constant = typeof value === 'number' ? way.rate(value) : null;
  if (constant === null) {
    const must = `${name} must ${way.range}${schedulable ? ', or a schedule' : ''}`;
    throw new SmoothingError('DECAY_RANGE', `${must}, got ${shown(value)}`);
  }
  const perMs = way.perMs?.(value as number) ?? null;
  return { constant: perMs === null ? constant : null, perMs, rateAt: () => constant };
}

function scheduled(schedule: DecaySchedule, way: 'decay' | 'alpha', step: number): Rate {
  const value = schedule({ step });
  if (!(typeof value === 'number' && value >= 0 && value <= 1)) {
    throw new SmoothingError(
      'SCHEDULE_RANGE',
      `the ${way} schedule must return a number in [0, 1], got ${shown(value)} at step ${step}`,
    );
  }
  return way === 'decay' ? { decay: value, alpha: 1 - value } : { decay: 1 - value, alpha: value };
}

function resolveStart(start: unknown): Start & { readonly seed: unknown } {
  if (start === undefined || start === 'zero') return startAt(0);
  if (start === 'first') return startAt(1);
  const [[key, value] = [], ...more] = typeof start === 'object' && start !== null ? Object.entries(start) : [];
  if (key === 'sma' && more.length === 0) {
    if (!(Number.isSafeInteger(value) && (value as number) >= 1)) throw bad('start.sma', 'be an integer >= 1', value);
    return startAt(value as number);
  }
  if (key === 'value' && more.length === 0) {
    if (value == null || (typeof value === 'number' && !Number.isFinite(value))) {
      throw bad('start.value', 'be finite', value);
    }
    return startAt(0, value);
  }
  throw bad('start', "be 'zero', 'first', { sma: n } or { value }", start);
}

function startAt(sma: number, seed?: unknown): Start & { readonly seed: unknown } {
  return { seeded: sma > 0 || seed !== undefined, sma, seed };
}

/** One of the options, if it is among these values. */
export function choice<const T>(given: Given, name: string, among: readonly T[]): T | undefined {
  const value = given[name];
  if (value === undefined || among.includes(value as T)) return value as T | undefined;
  throw bad(name, `be one of ${among.map((one) => shown(one)).join(', ')}`, value);
}

export function isNames(value: unknown): value is string[] {
  if (!Array.isArray(value) || value.length === 0) return false;
  return value.every((name, i) => typeof name === 'string' && value.indexOf(name) === i);
}

export function bad(name: string, must: string, got: unknown): SmoothingError {
  return new SmoothingError('OPTION_VALUE', `${name} must ${must}, got ${shown(got)}`);
}

/** Names that are less alike have nothing to do with each other. */
const NEAR = 0.4;

/** Asks for the known name that shares the largest part of its pairs of letters (Dice's coefficient); '' if none is near. */
export function didYouMean(name: string, known: readonly string[]): string {
  const pairs = pairsOf(name);
  let [nearest, most] = ['', 0];
  for (const other of known) {
    const theirs = pairsOf(other);
    const likeness = (2 * theirs.filter((pair) => pairs.includes(pair)).length) / (pairs.length + theirs.length);
    if (likeness > most) [nearest, most] = [other, likeness];
  }
  return most < NEAR ? '' : `: did you mean '${nearest}'?`;
}

/** Letters in pairs, with the first and the last. */
function pairsOf(text: string): string[] {
  const padded = ` ${text.toLowerCase()} `;
  return Array.from({ length: padded.length - 1 }, (_, i) => padded.slice(i, i + 2));
}
