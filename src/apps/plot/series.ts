/** A metric of a run. */
export interface Series {
  readonly run: string;
  readonly metric: string;
  readonly step: Float64Array;
  /** ms since the Unix epoch; NaN where the file has no time. */
  readonly atMs: Float64Array;
  readonly values: Float64Array;
}

/** What a run had measured at a step. */
export interface Point {
  readonly run: string;
  readonly step: number;
  readonly atMs: number | null;
  readonly values: Readonly<Record<string, number>>;
}

interface Growing {
  readonly run: string;
  readonly metric: string;
  readonly step: number[];
  readonly atMs: number[];
  readonly values: number[];
}

/** Takes points as they are read and sorts them into series, in the order in which they first appear. */
export class SeriesByMetric {
  readonly #runs = new Map<string, Map<string, Growing>>();

  add({ run, step, atMs, values }: Point): void {
    let metrics = this.#runs.get(run);
    if (metrics === undefined) this.#runs.set(run, (metrics = new Map<string, Growing>()));
    for (const metric of Object.keys(values)) {
      let one = metrics.get(metric);
      if (one === undefined) metrics.set(metric, (one = { run, metric, step: [], atMs: [], values: [] }));
      one.step.push(step);
      one.atMs.push(atMs ?? NaN);
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
