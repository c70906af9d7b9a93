import type { Status } from '../protocol.js';

/** What is on the horizontal axis: the step; seconds since the run's first point; seconds since the Unix epoch. */
export type Axis = 'step' | 'relative' | 'wall';

/** How curves are smoothed; a decay in [0, 1) per point. */
export interface Smoothing {
  readonly decay: number;
  /** Divides the bias of the zero start out. */
  readonly corrected: boolean;
  /** Two standard deviations around the average, too. */
  readonly band: boolean;
}

/** What a chart needs to be drawn. */
export interface ChartRequest {
  readonly chart: string;
  /** In the order of drawing. */
  readonly curves: readonly number[];
  readonly axis: Axis;
  /** Of the horizontal axis; null for all there is. */
  readonly range: readonly [number, number] | null;
  /** Width of the plot: nothing is drawn finer. */
  readonly pixels: number;
  readonly logX: boolean;
  /** Leaves out what is not above 0. */
  readonly logY: boolean;
  readonly smoothing: Smoothing;
}

/** Points to be joined by lines. */
export interface Line {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** One curve of a chart, thinned to what its pixels can show. */
export interface DrawnCurve {
  readonly curve: number;
  readonly raw: Line;
  readonly smooth: Line;
  /** Lower and upper edge; null if not asked for. */
  readonly band: readonly [Line, Line] | null;
  /** Where values were not finite: x, and the value. */
  readonly gaps: Line;
  /** How many points within the range have no place on a logarithmic vertical axis. */
  readonly leftOut: number;
}

/** One chart, ready to be drawn. */
export interface DrawnChart {
  readonly chart: string;
  /** Of all points of its curves that have a place on the horizontal axis; null while there are none. */
  readonly extent: readonly [number, number] | null;
  readonly curves: readonly DrawnCurve[];
}

/** What is known of a curve, besides its points. */
export interface CurveInfo {
  readonly curve: number;
  readonly run: string;
  readonly tag: string;
  readonly count: number;
  /** Raw value of the newest point. */
  readonly last: number;
}

/** What a curve has at, or nearest to, a place on the horizontal axis. */
export interface HoverValue {
  readonly curve: number;
  /** Where on the horizontal axis. */
  readonly x: number;
  /** The place that was asked for lies before its first point, or behind its last one. */
  readonly beyond: boolean;
  readonly step: number;
  /** ms since the Unix epoch; NaN if nobody said. */
  readonly atMs: number;
  readonly raw: number;
  readonly smooth: number;
  /** One standard deviation; NaN without a band. */
  readonly std: number;
}

/** Files that hold all points, raw and smoothed. */
export type ExportFormat = 'csv' | 'arrow';

/** The page → its worker. */
export type Ask =
  /** The newest counts: older ones that wait are dropped. Asked once, it is answered again whenever points come. */
  | { readonly ask: 'frame'; readonly id: number; readonly charts: readonly ChartRequest[] }
  /** The newest counts. */
  | { readonly ask: 'hover'; readonly chart: ChartRequest; readonly x: number }
  | {
      readonly ask: 'export';
      readonly format: ExportFormat;
      readonly curves: readonly { readonly curve: number; readonly run: string; readonly smoothing: Smoothing }[];
    };

/** The worker → the page. */
export type Tell =
  | { readonly tell: 'status'; readonly status: Status; readonly connected: boolean }
  | { readonly tell: 'curves'; readonly curves: readonly CurveInfo[] }
  /** Charts of the newest request that are not as they were told last. */
  | { readonly tell: 'frame'; readonly id: number; readonly charts: readonly DrawnChart[] }
  | { readonly tell: 'hover'; readonly chart: string; readonly x: number; readonly values: readonly HoverValue[] }
  | { readonly tell: 'exported'; readonly file: Blob; readonly name: string }
  | { readonly tell: 'failed'; readonly why: string };
