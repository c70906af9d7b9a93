import type { MetricPoint } from '../dashboard/point.js';

/** A metric of a run. Steps never go down. */
export interface Series {
  readonly run: string;
  readonly metric: string;
  readonly step: Float64Array;
  /** ms since the Unix epoch; NaN where the file has no time. */
  readonly atMs: Float64Array;
  readonly values: Float64Array;
}

interface Growing {
  readonly run: string;
  readonly metric: string;
  readonly step: number[];
  readonly atMs: number[];
  readonly values: number[];
}

/**
 * Takes points as they are read and sorts them into series, in the order in which they first appear. Where a run goes back, it
 * was started again: what it measures from there on counts, as in TensorBoard.
 */
export class SeriesByMetric {
  readonly #runs = new Map<string, Map<string, Growing>>();

  add({ run, step, atMs, values }: MetricPoint): void {
    let metrics = this.#runs.get(run);
    if (metrics === undefined) this.#runs.set(run, (metrics = new Map<string, Growing>()));
    for (const metric of Object.keys(values)) {
      let one = metrics.get(metric);
      if (one === undefined) metrics.set(metric, (one = { run, metric, step: [], atMs: [], values: [] }));
      if (step < one.step.at(-1)!) cut(one, step);
      one.step.push(step);
      one.atMs.push(atMs);
      one.values.push(values[metric]!);
    }
  }

  all(): Series[] {
    return [...this.#runs.values()].flatMap((metrics) =>
      [...metrics.values()].map(({ step, atMs, values, ...of }) => ({
        ...of,
        step: Float64Array.from(step),
        atMs: Float64Array.from(atMs),
        values: Float64Array.from(values),
      })),
    );
  }
}

/** Forgets what was measured at a step and later. */
function cut({ step: steps, atMs, values }: Growing, step: number): void {
  let kept = steps.length;
  while (kept > 0 && steps[kept - 1]! >= step) kept--;
  for (const column of [steps, atMs, values]) column.length = kept;
}
