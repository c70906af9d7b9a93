import { thin } from '../../plot/thin.js';
import type { Numbers } from '../column.js';
import type { Curve } from '../curve.js';
import type { FloatVector } from '../../../kernels/vectors.js';
import type { Axis, ChartRequest, DrawnChart, DrawnCurve, Line } from './contract.js';
import { Smoother } from './smooth.js';

/** Turns curves into what the pixels of a chart can show: smoothed first, at every point, and thinned then. */
export class Drawing {
  readonly #smoother = new Smoother();

  chart(request: ChartRequest, curves: ReadonlyMap<number, { readonly curve: Curve }>): DrawnChart {
    const held = request.curves.flatMap((id) => {
      const curve = curves.get(id)?.curve;
      return curve === undefined || curve.length === 0 ? [] : [{ id, curve, places: placesOf(curve, request.axis) }];
    });
    const extent = extentOf(held.map(({ places }) => places));
    if (extent === null) return { chart: request.chart, extent, curves: [] };
    const range = request.range ?? extent;
    const drawn = held.map(({ id, curve, places }) => this.#curve(id, curve, places, range, request));
    return { chart: request.chart, extent, curves: drawn };
  }

  #curve(
    id: number,
    curve: Curve,
    places: Places,
    range: readonly [number, number],
    request: ChartRequest,
  ): DrawnCurve {
    const values = curve.values.view() as FloatVector;
    const { pixels, logX, smoothing } = request;
    const line = (y: FloatVector): Line => {
      const [x0, x1] = [places.inward(range[0]), places.inward(range[1])];
      const kept = thin(places.x as Float64Array, y, 0, y.length, x0, x1, pixels, logX);
      return {
        x: Float64Array.from(kept, (i) => places.outward(places.x[i]!)),
        y: Float64Array.from(kept, (i) => y[i]!),
      };
    };
    const { mean, std } = this.#smoother.smooth(values, smoothing);
    const edge = (sign: number): Line => line(values.map((_, i) => mean[i]! + sign * 2 * std![i]!));
    return {
      curve: id,
      raw: line(values),
      smooth: line(mean),
      band: std === null ? null : [edge(-1), edge(1)],
      gaps: gapsOf(values, places),
    };
  }
}

/** Where a curve's points stand on the horizontal axis. */
interface Places {
  readonly x: Numbers;
  /** What is in `x` → the axis' own unit, and back. */
  readonly outward: (x: number) => number;
  readonly inward: (x: number) => number;
}

const S = 1000;

function placesOf(curve: Curve, axis: Axis): Places {
  if (axis === 'step') return { x: curve.steps.view(), outward: (x) => x, inward: (x) => x };
  const start = axis === 'wall' ? curve.firstMs : 0;
  return { x: curve.times.view(), outward: (ms) => (ms + start) / S, inward: (s) => s * S - start };
}

function extentOf(all: readonly Places[]): readonly [number, number] | null {
  let [low, high] = [Infinity, -Infinity];
  for (const { x, outward } of all) {
    low = Math.min(low, outward(x[0]!));
    high = Math.max(high, outward(x.at(-1)!));
  }
  return low <= high ? [low, high] : null;
}

function gapsOf(values: FloatVector, places: Places): Line {
  const at: number[] = [];
  for (let i = 0; i < values.length; i++) if (values[i]! - values[i]! !== 0) at.push(i);
  return { x: Float64Array.from(at, (i) => places.outward(places.x[i]!)), y: Float64Array.from(at, (i) => values[i]!) };
}
