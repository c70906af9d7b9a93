/** Rows of one column on their way through a law. Kernels check nothing: the adapter has. */
export interface Run {
  rows: number;
  x: Float64Array;
  /** The other one of each pair; null if values come alone. */
  y?: Float64Array | null;
  /** 1 where there is a value, 0 where it is missing; null where a value is missing that is not finite. */
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
  out: Float64Array;
  /** ← the standard deviation beside what comes out, −1 for "not yet"; asked for by bands alone. */
  spread?: Float64Array | null;
  /** ← MISSING where a row's value is, and nothing is carried; NOT_YET where there is no average yet. Zeros before. */
  gone: Uint8Array;
}

export const MISSING = 1;
export const NOT_YET = 2;

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
