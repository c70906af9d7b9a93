import type { FloatVector } from '../../../kernels/vectors.js';
import { thin } from '../../plot/thin.js';
import type { Curve } from '../curve.js';
import type { Axis, ChartRequest, DrawnChart, DrawnCurve, HoverValue, Line } from './contract.js';
import type { Held } from './feed.js';
import { isBeyond, nearest, placesOf, startOf, type Places } from './places.js';
import { Smoother } from './smooth.js';

type Curves = ReadonlyMap<number, Held>;

/** A curve's raw line, as it was drawn last: it does not change while the smoothing does. */
interface KeptRaw {
  readonly key: string;
  readonly raw: Line;
  readonly gaps: Line;
  readonly leftOut: number;
}

const WIDTH = 2;

/** Turns curves into what the pixels of a chart can show: smoothed first, at every point, and thinned then. */
export class Drawing {
  readonly #smoother = new Smoother();
  readonly #raw = new Map<string, KeptRaw>();

  chart(request: ChartRequest, curves: Curves): DrawnChart {
    const held = request.curves.flatMap((id) => {
      const one = curves.get(id);
      const places = one === undefined ? null : placesIn(one.curve, request.axis, curves);
      return places === null ? [] : [{ id, one: one!, places }];
    });
    const extent = extentOf(
      held.map(({ places }) => places),
      request.logX,
    );
    if (extent === null) return { chart: request.chart, extent, curves: [] };
    const range = request.range ?? extent;
    const drawn = held.map(({ id, one, places }) => this.#curve(id, one, places, range, request));
    return { chart: request.chart, extent, curves: drawn };
  }

  /** What each curve of a chart has nearest to a place. */
  hover({ curves: ids, axis, smoothing }: ChartRequest, x: number, curves: Curves): HoverValue[] {
    return ids.flatMap((id) => {
      const curve = curves.get(id)?.curve;
      const places = curve === undefined ? null : placesIn(curve, axis, curves);
      if (curve === undefined || places === null) return [];
      const at = nearest(places, x);
      const { mean, std } = this.#smoother.smooth(curve.values.view(0, at + 1) as FloatVector, smoothing);
      return {
        curve: id,
        x: places.outward(places.x[at]!),
        beyond: isBeyond(places, x),
        step: curve.steps[at]!,
        atMs: curve.firstMs + curve.times[at]!,
        raw: curve.values.at(at),
        smooth: mean[at]!,
        std: std?.[at] ?? NaN,
      };
    });
  }

  /** Forgets what was drawn of charts that nobody asks for. */
  keep(charts: ReadonlySet<string>): void {
    for (const key of this.#raw.keys()) if (!charts.has(key.slice(key.indexOf(' ') + 1))) this.#raw.delete(key);
  }

  #curve(
    id: number,
    { curve, cuts }: Held,
    places: Places,
    range: readonly [number, number],
    asked: ChartRequest,
  ): DrawnCurve {
    const values = curve.values.view() as FloatVector;
    const [x0, x1] = range.map((x) => places.inward(x)) as [number, number];
    const line = (y: FloatVector): Line => {
      const kept = thin(places.x, y, 0, y.length, x0, x1, asked.pixels, asked.logX);
      return {
        x: Float64Array.from(kept, (i) => places.outward(places.x[i]!)),
        y: Float64Array.from(kept, (i) => y[i]!),
      };
    };
    const key = [curve.length, cuts, asked.axis, asked.pixels, asked.logX, asked.logY, ...range].join(' ');
    const name = `${id} ${asked.chart}`;
    let kept = this.#raw.get(name);
    if (kept?.key !== key) {
      const raw = line(asked.logY ? values.map((y) => (y > 0 ? y : NaN)) : values);
      const leftOut = asked.logY ? notPositive(values, places, x0, x1) : 0;
      this.#raw.set(name, (kept = { key, raw, gaps: gapsOf(values, places), leftOut }));
    }
    const { mean, std } = this.#smoother.smooth(values, asked.smoothing);
    const smooth = line(asked.logY ? mean.map((y) => (y > 0 ? y : NaN)) : mean);
    const band = std === null ? null : this.#band(mean, std, line);
    return { curve: id, raw: kept.raw, smooth, band, gaps: kept.gaps, leftOut: kept.leftOut };
  }

  /** Turns the mean into the lower edge, and the deviations into the upper one, in place. */
  #band(mean: FloatVector, std: FloatVector, line: (y: FloatVector) => Line): readonly [Line, Line] {
    for (let i = 0; i < mean.length; i++) {
      const half = WIDTH * std[i]!;
      std[i] = mean[i]! + half;
      mean[i] = mean[i]! - half;
    }
    return [line(mean), line(std)];
  }
}

function placesIn(curve: Curve, axis: Axis, curves: Curves): Places | null {
  const all = axis === 'relative' ? Array.from(curves.values(), (held) => held.curve) : [];
  return placesOf(curve, axis, startOf(curve.run, all));
}

function extentOf(all: readonly Places[], log: boolean): readonly [number, number] | null {
  let [low, high] = [Infinity, -Infinity];
  for (const { x, outward } of all) {
    const first = log ? x.findIndex((at: number) => outward(at) > 0) : 0;
    if (first < 0) continue;
    low = Math.min(low, outward(x[first]!));
    high = Math.max(high, outward(x.at(-1)!));
  }
  return low <= high ? [low, high] : null;
}

/** How many values of a range are finite, and have no logarithm. */
function notPositive(values: FloatVector, { x }: Places, x0: number, x1: number): number {
  let count = 0;
  for (let i = 0; i < values.length; i++)
    if (values[i]! <= 0 && values[i]! > -Infinity && x[i]! >= x0 && x[i]! <= x1) count++;
  return count;
}

/** Where values are not finite, and what they are. */
function gapsOf(values: FloatVector, places: Places): Line {
  const at: number[] = [];
  for (let i = 0; i < values.length; i++) if (values[i]! - values[i]! !== 0) at.push(i);
  return {
    x: Float64Array.from(at, (i) => places.outward(places.x[i]!)),
    y: Float64Array.from(at, (i) => values[i]!),
  };
}
