import type { FloatVector } from '../../../kernels/vectors.js';
import type { Ask, Tell } from './contract.js';
import { csvOf } from './csvOf.js';
import type { Held } from './feed.js';
import { Smoother } from './smooth.js';

/** Every point of one curve. */
export interface ExportedCurve {
  readonly run: string;
  readonly tag: string;
  readonly steps: ArrayLike<number>;
  /** ms since the Unix epoch; NaN if nobody said. */
  readonly times: Float64Array;
  readonly values: ArrayLike<number>;
  /** NaN where the value is not finite. */
  readonly smoothed: ArrayLike<number>;
}

/** All points of the curves that are asked for, raw and smoothed, as a file. */
export async function exported(
  { format, curves }: Extract<Ask, { ask: 'export' }>,
  held: ReadonlyMap<number, Held>,
): Promise<Tell> {
  const smoother = new Smoother();
  function* all(): Generator<ExportedCurve> {
    for (const { curve: id, run, smoothing } of curves) {
      const curve = held.get(id)?.curve;
      if (curve === undefined) continue;
      const { tag, steps, times, firstMs } = curve;
      const values = curve.values.view() as FloatVector;
      const { mean } = smoother.smooth(values, { ...smoothing, band: false });
      const at = Float64Array.from(times, (ms) => firstMs + ms);
      yield { run, tag, steps, times: at, values, smoothed: mean };
    }
  }
  const parts =
    format === 'csv'
      ? csvOf(all())
      : await asArrow(
          all(),
          curves.map(({ run }) => run),
          tagsOf(held),
        );
  const type = format === 'csv' ? 'text/csv' : 'application/vnd.apache.arrow.stream';
  return { tell: 'exported', file: new Blob([...parts], { type }), name: `scalars.${format}` };
}

/** Arrow's library is large: loaded by those alone who ask for it. */
async function asArrow(curves: Iterable<ExportedCurve>, runs: string[], tags: string[]): Promise<Iterable<BlobPart>> {
  const { arrowOf } = await import('./arrowOf.js');
  return arrowOf(curves, runs, tags) as Iterable<BlobPart>;
}

function tagsOf(held: ReadonlyMap<number, Held>): string[] {
  return [...held.values()].map(({ curve }) => curve.tag);
}
