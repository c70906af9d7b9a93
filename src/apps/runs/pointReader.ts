import type { Growing } from '../../sources/growingFile.js';
import type { MetricPoint } from '../dashboard/point.js';

/** Where points of a file go. */
export interface PointIntake {
  /** The run that they are of. */
  readonly run: string;
  /** The file, for problems. */
  readonly path: string;
  /** True once nobody wants more. */
  readonly closed: boolean;
  /** Takes points, which are its own from then on; none are passed over. */
  add(points: readonly MetricPoint[]): void;
  /** Takes what is wrong with a part of the file, which is left out. */
  problem(text: string): void;
}

/** Reads the points of a file that may grow, for as long as it is told to follow it. */
export type PointReader = (intake: PointIntake, growing: Growing) => Promise<void>;
