import type { FloatVector } from '../kernels/vectors.js';
import type { BigIntVector } from '../types.js';
import type { Tensor } from '../values/tensorOps.js';
import type { Weight } from '../values/weight.js';

/** A weight that can be averaged. */
export type Movable = Exclude<Weight, BigIntVector>;

/** The average of one weight. Each kind of memory has one of its own: they differ in how the average moves. */
export interface Average {
  /** The average itself, as the map shows it: it may be another object after each move. */
  readonly shown: Weight;
  /** False once another backend is active, or has taken the data: then a new one goes on from the values. */
  readonly stands: boolean;
  /**
   * shown ← shown + gain·(x − shown).
   *
   * @returns how many elements were not finite and so left out, as far as it is known at once
   */
  move(x: Movable, gain: number): number;
  /** What `move` could not know at once; counted from then on. Waits for the backend. */
  refusedMeanwhile?(): number;
  /** A copy that is the receiver's. */
  copy(): Weight;
  /** To be read at once. */
  values(): FloatVector;
  /** What rounding has added to the values, where the average has two terms. To be read at once. */
  low(): Float32Array | null;
  /** Releases everything; with `lent` all but `shown`, which is somebody else's from now on. */
  dispose(lent?: boolean): void;
}

/** How averages move. */
export interface Moving {
  /** Elements that are not finite stay out. */
  readonly guarded: boolean;
  /** Averages have two terms (maths M10). */
  readonly compensated: boolean;
}

/** What an average begins with: the values, or nothing yet, and what rounding has added to them. */
export interface Beginning {
  readonly values: Tensor | ArrayLike<number> | null;
  readonly low: ArrayLike<number> | null;
}
