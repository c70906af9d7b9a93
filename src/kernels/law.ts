import type { FloatVector } from './vectors.js';

/** Rows of one column on their way through a law. Kernels check nothing: the adapter has. */
export interface Run {
  rows: number;
  x: FloatVector;
  /** The other one of each pair; null if values come alone. */
  y?: FloatVector | null;
  /** Validity bits of the rows, from bit `bit` on; null if no row is null. */
  valid: Uint8Array | null;
  bit: number;
  /** 1 where there is a value, 0 where it is missing; null while `valid` and the values tell: see `presence`. */
  there: Uint8Array | null;
  /** Which slot each row belongs to; null if there is but one. */
  slots: Int32Array | null;
  /** 1 where the row's slot begins anew, as `seed`; null if none does. */
  fresh: Uint8Array | null;
  seed: Float64Array | null;
  /** ms since the key's newest stamp before this row; null under a decay per step. */
  elapsed: Float64Array | null;
  /** Own weight of each row; null if all weigh the same. */
  weights: Float64Array | null;
  /** 1 where a row is left out; `there` is 0 for it. */
  left: Uint8Array | null;
  /** ← what comes out. Where `gone` is set it is of no account. */
  out: FloatVector;
  /** ← the standard deviation beside what comes out, −1 for "not yet"; asked for by bands alone. */
  spread?: FloatVector | null;
  /** ← what comes out at each of several rates, `out` at the first; asked for by banks alone. */
  outs?: readonly FloatVector[];
  /** ← MISSING where a row's value is, and nothing is carried (a null row needs no mark); NOT_YET where there is no
   * average yet. Zeros before. */
  gone: Uint8Array;
}

export const MISSING = 1;
export const NOT_YET = 2;

/**
 * Which rows have a value; null if those do that are finite.
 *
 * @param any - every number is a value, also NaN and the infinities
 */
export function presence(run: Run, any: boolean): Uint8Array | null {
  const { rows, x, valid, bit } = run;
  if (run.there !== null || valid === null) return run.there;
  const there = new Uint8Array(rows);
  for (let i = 0, at = bit; i < rows; i++, at++) {
    const value = x[i]!;
    there[i] = any || value - value === 0 ? (valid[at >> 3]! >> (at & 7)) & 1 : 0;
  }
  return (run.there = there);
}

/** How the numbers of a slot move: the recurrence as loops over columns. A slot is so many doubles of one array. */
export interface Law {
  /** Names of a slot's doubles, as snapshots have them. */
  readonly fields: readonly string[];
  /** Which of them is what came out last; NaN while nothing has. */
  readonly last: number;
  /** True if it asks a schedule of the user's, which may throw half-way. */
  readonly mayThrow: boolean;
  /** What a fresh slot holds. */
  readonly fresh: ArrayLike<number>;
  /** What a slot reads so many ms after its newest stamp, under a decay per millisecond. */
  later?(table: Float64Array, at: number, ms: number): number;
  /**
   * Takes rows in.
   *
   * @returns how many are `gone`. Throws only what a schedule of the user's throws
   */
  scan(table: Float64Array, run: Run, raw: boolean): number;
  /**
   * Takes rows in that are all there, in one slot, by their stamps alone.
   *
   * @param words - stamps in units of `unitMs`, lower word first
   * @param newest - the stamp before them, higher word first, which is not moved
   * @returns false, and nothing changed, if they are not plain enough for this
   */
  scanStamps?(table: Float64Array, run: Run, words: Int32Array, newest: Float64Array, unitMs: number): boolean;
  /** Takes one value in, where there is one slot, and neither time nor weights: what comes out, NaN for "not yet". */
  take?(table: Float64Array, x: number, raw: boolean): number;
  /** Notes what a slot reads as what came out last. */
  reread?(table: Float64Array, at: number): void;
}

/** A table of so many fresh slots, behind those of another. */
export function grown(
  { fresh }: Pick<Law, 'fresh'>,
  slots: number,
  from: Float64Array = new Float64Array(0),
): Float64Array {
  const table = new Float64Array(slots * fresh.length);
  table.set(from);
  for (let at = from.length; at < table.length; at += fresh.length) table.set(fresh, at);
  return table;
}
