import { shown, SmoothingError } from '../errors.js';
import type { Plan } from '../options.js';
import type { SavedArray, Smoothed } from '../types.js';
import type { Arrivals } from './arrivals.js';

/** Which reading of the state comes out: W·y, the definition's v_t, or y itself. */
export type Readout = 'raw' | 'corrected';

/** The state of a smoother as plain data: what a snapshot holds of it. */
export interface State {
  readonly scalars: Readonly<Record<string, number | string>>;
  readonly shadows: Readonly<Record<string, SavedArray>>;
}

/**
 * The running average of one stream, of one carrier. Whatever throws here has changed nothing. No getters: V8 keeps an
 * object literal that has one as a dictionary, and `update` would be looked up in it for every value.
 */
export interface Smoother<T = unknown> {
  /** True if what is emitted is memory that the next update reuses or releases. */
  readonly lends?: boolean;
  /** Steps taken so far (the most of any element or column). */
  step(): number;
  /** What was emitted last, or what a resumed state would have. */
  last(): Smoothed<T> | undefined;
  update(value: T, readout: Readout): Smoothed<T>;
  /** A whole value is missing and counts as an elapsed step. */
  age(): void;
  /** What was emitted last, as an emission of its own. */
  again(): Smoothed<T> | undefined;
  /** What it would read at a later moment, in ms, under a decay per millisecond. */
  later?(at: number): Smoothed<T> | undefined;
  /** Who has come, where the plan asks. */
  readonly arrivals?: Arrivals | null;
  /** The state, live: to copy before anything else happens. */
  state(): State;
  /** Releases what was lent before the latest emission. */
  release?(): void;
  /** Releases everything, but leaves the receiver what was emitted last if `keepEmitted`. */
  dispose?(keepEmitted: boolean): void;
}

/** A kind of value: how to know it, and how to average it. */
export interface Carrier<T = unknown> {
  readonly kind: string;
  accepts(value: unknown): value is T;
  /** Called once, with the stream's first value. */
  begin(first: T, plan: Plan): Smoother<T>;
}

/** A value of another kind than the stream's. */
export function otherKind(must: string, got: unknown): SmoothingError {
  return new SmoothingError('VALUE_KIND', `the value must ${must}, got ${shown(got)}`);
}

export function missingValue(where: string, got: unknown): SmoothingError {
  return new SmoothingError('MISSING_VALUE', `${where} must be a finite number, got ${shown(got)}`);
}
