/** Values of a run at one step. */
export interface MetricPoint {
  readonly run: string;
  readonly step: number;
  /** ms since the Unix epoch; NaN if nobody said. */
  readonly atMs: number;
  /** By the metric's name. */
  readonly values: Readonly<Record<string, number>>;
}
