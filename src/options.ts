import type { DecaySchedule } from './decay/schedule.js';
import { WAYS, type Way } from './decay/rates.js';
import { shown, SmoothingError } from './errors.js';
import type { Rate, Start } from './recurrence/weight.js';
import type { BatchLike, Smoothed, TensorLike } from './types.js';

// ---- what users write -----------------------------------------------------------------------------------------------

export type OneOf<T> = { [K in keyof T]: { [P in K]: T[P] } & { [P in Exclude<keyof T, K>]?: never } }[keyof T];
type No<T> = { [P in keyof T]?: never };
type Column<T> = T extends BatchLike
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

/** Exactly one way to say how fast to forget. */
export type Forget = OneOf<Steps>;

/** What happens to null, undefined, NaN, ±Infinity, an absent key, an Arrow null. */
export type Missing = 'skip' | 'carry' | 'throw' | 'propagate';

/** Options that name no field of the value: the operator stays generic. */
interface Common<S> {
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
  /** A missing value counts as an elapsed step: the past fades over it (pandas `ignore_na=False`). @default false */
  ages?: boolean;
  /**
   * `'zero'`: v_0 = 0. `'first'`: the first value. `{ sma: n }`: the mean of the first n; until then NaN comes out, null
   * in an Arrow column. `{ value }`: a value of the stream's own kind (of batches, a batch of one row). All but `'zero'` need no bias correction.
   * @default 'zero'
   */
  start?: 'zero' | 'first' | { readonly sma: number } | S;
}

/** Options that name fields of a record or columns of a batch. */
interface Columns<T> {
  /** What to smooth. @default every number field of a record, every floating column of a batch */
  columns?: readonly Column<T>[];
  /** Appends the smoothed column under this name instead of replacing it. */
  as?: (column: string) => string;
}

/** Options of `emaScan` and `Ema` that fit any stream. */
export type PlainOptions = Forget & Common<never> & No<Columns<unknown>>;
/** Options of `emaScan` and `Ema` for values of type `T`. */
export type EmaOptions<T> = Forget & Common<{ readonly value: Smoothed<T> }> & Columns<T>;

// ---- what they come to ----------------------------------------------------------------------------------------------

/** What every averaging needs to know, checked once. */
export interface Plan extends Start {
  /** The rate, if it is the same at every step. */
  readonly constant: Rate | null;
  /** The rate at a step, counted from 1. Throws `SCHEDULE_RANGE`. */
  rateAt(step: number): Rate;
  readonly missing: Missing;
  readonly ages: boolean;
  readonly emit: 'live' | 'copy' | null;
  /** Given by `start: { value }`. */
  readonly seed: unknown;
  readonly columns: readonly string[] | null;
  readonly as: ((column: string) => string) | null;
}

const EMA_OPTIONS = [...Object.keys(WAYS), 'missing', 'emit', 'ages', 'start', 'columns', 'as'];

/** User options → plan. Throws whatever can be known now. */
export function resolveEma(options: unknown): Plan {
  const given = read(options, EMA_OPTIONS);
  const { columns, as } = given;
  if (columns !== undefined && !isNames(columns)) {
    throw bad('columns', 'be a list of different names', columns);
  }
  if (as !== undefined && typeof as !== 'function') throw bad('as', 'be a function', as);
  return {
    ...resolveRates(given, WAYS),
    ...resolveStart(given['start']),
    missing: choice(given, 'missing', ['skip', 'carry', 'throw', 'propagate']) ?? 'skip',
    emit: choice(given, 'emit', ['live', 'copy']) ?? null,
    ages: choice(given, 'ages', [true, false]) ?? false,
    columns: columns === undefined ? null : [...(columns as readonly string[])],
    as: (as as Plan['as'] | undefined) ?? null,
  };
}

export type Given = Readonly<Record<string, unknown>>;

/** How fast a plan forgets. */
export type Rates = Pick<Plan, 'constant' | 'rateAt'>;

/** Throws if these are not options of known names. */
export function read(options: unknown, known: readonly string[]): Given {
  if (typeof options !== 'object' || options === null) {
    throw new SmoothingError('DECAY_CHOICE', `options must be like { decay: 0.98 }, got ${shown(options)}`);
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw new SmoothingError(
        'OPTION_UNKNOWN',
        `options must be among ${known.join(', ')}, got '${name}': did you mean '${nearest(name, known)}'?`,
      );
    }
  }
  return options as Given;
}

/** The one way to forget among `ways` that is given. */
export function resolveRates(given: Given, ways: Readonly<Record<string, Way>>): Rates {
  const names = Object.keys(ways);
  const [name, ...more] = names.filter((way) => given[way] !== undefined);
  if (name === undefined || more.length > 0) {
    const got = name === undefined ? 'none' : [name, ...more].join(' and ');
    throw new SmoothingError('DECAY_CHOICE', `options must have exactly one of ${names.join(', ')}, got ${got}`);
  }
  const value = given[name];
  const schedulable = name === 'decay' || name === 'alpha';
  if (typeof value === 'function' && schedulable) {
    const schedule = value as DecaySchedule;
    return { constant: null, rateAt: (step) => scheduled(schedule, name, step) };
  }
  const way = ways[name]!;
  const constant = typeof value === 'number' ? way.rate(value) : null;
  if (constant === null) {
    const must = `${name} must ${way.range}${schedulable ? ', or a schedule' : ''}`;
    throw new SmoothingError('DECAY_RANGE', `${must}, got ${shown(value)}`);
  }
  return { constant, rateAt: () => constant };
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

function isNames(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0) return false;
  return value.every((name, i) => typeof name === 'string' && value.indexOf(name) === i);
}

export function bad(name: string, must: string, got: unknown): SmoothingError {
  return new SmoothingError('OPTION_VALUE', `${name} must ${must}, got ${shown(got)}`);
}

/** The known name with the fewest edits (Levenshtein). */
function nearest(name: string, known: readonly string[]): string {
  return [...known].sort((a, b) => edits(name, a) - edits(name, b))[0]!;
}

function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
