import type { Axis, DrawnChart } from './contract.js';
import type { Ink, Style } from './palette.js';
import type { Range } from './view.js';

/** A curve's style, and the name of its run. */
export interface Named extends Style {
  readonly name: string;
}

/** All that is seen of a chart, on the screen or in a file. */
export interface Scene {
  readonly chart: DrawnChart | null;
  readonly axis: Axis;
  readonly x: Range;
  readonly y: Range;
  readonly logX: boolean;
  readonly logY: boolean;
  /** By curve. */
  readonly styles: ReadonlyMap<number, Named>;
  readonly ink: Ink;
  /** There is nothing to tell from the raw curve. */
  readonly plain: boolean;
  /** The curve that stands out; null for none. */
  readonly focus: number | null;
}
