import { shown, SmoothingError } from '../errors.js';
import type { FloatVector } from '../kernels/vectors.js';
import type { Plan } from '../options.js';
import type { SavedArray, Smoothed } from '../types.js';
import type { Block } from './block.js';
import type { Series } from './series.js';

/** Which reading of the state comes out: W·y, the definition's v_t, or y itself. */
export type Readout = 'raw' | 'corrected';

/** The state of a smoother as plain data: what a snapshot holds of it. */
export interface State {
  readonly scalars: Readonly<Record<string, number | string>>;
  readonly shadows: Readonly<Record<string, SavedArray>>;
}

/** What a smoother's state is made of: columns, or elements; lists among the scalars. */
export interface Parts {
  readonly series?: Series;
  readonly block?: Block;
  /** The elements' averages, where they are not the block's. */
  readonly y?: FloatVector;
  readonly scalars: Readonly<Record<string, number | string | readonly unknown[]>>;
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
  /** A whole value is missing: what comes out. Without it, `age` and `again`. */
  miss?(value: null | undefined, readout: Readout): Smoothed<T> | null | undefined;
  /** A whole value is missing and counts as an elapsed step. */
  age(): void;
  /** What was emitted last, as an emission of its own. */
  again(): Smoothed<T> | undefined;
  /** What the state is made of, live. */
  parts(): Parts;
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
