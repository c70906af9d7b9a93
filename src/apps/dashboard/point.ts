/** Values of a run at one step. */
export interface MetricPoint {
  /** The run's name. */
  readonly run: string;
  /** Finite. One before the newest of a metric's steps replaces what the metric has from there on. */
  readonly step: number;
  /** ms since the Unix epoch; NaN if nobody said. */
  readonly atMs: number;
  /** By the metric's name. */
  readonly values: Readonly<Record<string, number>>;
}
