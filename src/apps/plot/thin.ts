import { firstNotBelow } from '../firstNotBelow.js';

/**
 * The points of a curve that its picture needs: of every pixel column the first, the last, the lowest and the highest.
 *
 * A line through these covers the same pixels as a line through all of them, so no spike vanishes. What is smoothed is smoothed
 * first and thinned later. Points whose y is not finite, and those without a place on the axis (x <= 0 under `log`), are left
 * out; points on either side of the axis count as a column each, so that the line runs out of the picture as it should.
 *
 * @param x - places on the axis, which never go down; from a NaN on nothing is drawn
 * @param y - heights, as many
 * @param from - first index that is looked at
 * @param to - the index after the last
 * @param x0 - left end of the axis, > 0 under `log`
 * @param x1 - right end, >= x0
 * @param pixels - columns between the two, an integer >= 1
 * @param log - whether the axis is logarithmic
 * @returns indices into x and y, rising: at most four for each column that is passed through; the receiver's
 * @example thin(Uint32Array.of(0, 1, 2, 3, 4), Float32Array.of(0, 1, 9, -9, 2), 0, 5, 0, 4, 1, false).join() // => '0,2,3,4'
 * @see Jugel et al. 2014, "M4: A Visualization-Oriented Time Series Data Aggregation"
 */
export function thin(
  x: Float64Array | Float32Array | Uint32Array,
  y: Float32Array | Float64Array,
  from: number,
  to: number,
  x0: number,
  x1: number,
  pixels: number,
  log: boolean,
): Uint32Array {
  const kept: number[] = [];
  const columns = columnsOf(x0, x1, pixels, log);
  let i = log ? firstNotBelow(x, Number.MIN_VALUE, from, to) : from;
  while (i < to) {
    const at = x[i]!;
    if (Number.isNaN(at)) break;
    const end = firstNotBelow(x, columns.edge(columns.of(at) + 1), i + 1, to);
    keep(kept, y, i, end);
    i = end;
  }
  return Uint32Array.from(kept);
}

/** Adds up to four indices of a column, each once and in order. */
function keep(kept: number[], y: Float32Array | Float64Array, from: number, to: number): void {
  let first = from;
  while (first < to && y[first]! - y[first]! !== 0) first++;
  if (first === to) return;
  let last = to - 1;
  while (y[last]! - y[last]! !== 0) last--;
  let [lowest, highest] = [first, first];
  let low = y[first]!;
  let high = low;
  for (let i = first + 1; i <= last; i++) {
    const v = y[i]!;
    if (v < low && v > -Infinity) {
      low = v;
      lowest = i;
    } else if (v > high && v < Infinity) {
      high = v;
      highest = i;
    }
  }
  const sooner = Math.min(lowest, highest);
  const later = Math.max(lowest, highest);
  kept.push(first);
  if (sooner > first) kept.push(sooner);
  if (later > sooner) kept.push(later);
  if (last > later) kept.push(last);
}

/** The pixel columns of an axis: 0 to pixels − 1, and one on either side. Edges are found once a column: a logarithm is slow. */
function columnsOf(x0: number, x1: number, pixels: number, log: boolean) {
  const start = log ? Math.log(x0) : x0;
  const perColumn = x1 > x0 ? ((log ? Math.log(x1) : x1) - start) / pixels : 1;
  return {
    of(x: number): number {
      if (x < x0) return -1;
      if (x > x1) return pixels;
      return Math.min(pixels - 1, Math.floor(((log ? Math.log(x) : x) - start) / perColumn));
    },
    edge(column: number): number {
      if (column < 0) return -Infinity;
      if (column >= pixels) return column === pixels ? above(x1) : Infinity;
      return log ? Math.exp(start + column * perColumn) : start + column * perColumn;
    },
  };
}

/** The next number, or nearly so: x1 itself belongs to the last column. */
function above(x1: number): number {
  return x1 + Math.max(Math.abs(x1) * Number.EPSILON, Number.MIN_VALUE);
}
