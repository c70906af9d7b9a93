/**
 * The points of a curve that its picture needs: of every pixel column the first, the last, the lowest and the highest.
 *
 * A line through these covers the same pixels as a line through all of them, so no spike vanishes. What is smoothed is smoothed
 * first and thinned later. Points whose y is not finite, and those without a place on the axis (x NaN, or x <= 0 under `log`),
 * are left out; points on either side of the axis count as a column each, so that the line runs out of the picture as it should.
 *
 * @param x - places on the axis, usually in order; a column that is come back to counts anew
 * @param y - heights, as many
 * @param from - first index that is looked at
 * @param to - the index after the last
 * @param x0 - left end of the axis, > 0 under `log`
 * @param x1 - right end, >= x0
 * @param pixels - columns between the two, an integer >= 1
 * @param log - whether the axis is logarithmic
 * @returns indices into x and y, rising: at most four for each column that is passed through; the receiver's
 * @example
 * thin(Uint32Array.of(0, 1, 2, 3, 4, 5), Float32Array.of(0, 1, 9, -9, 2, 3), 0, 6, 0, 6, 1, false) // => 0,2,3,5
 * @see Jugel et al. 2014, "M4: A Visualization-Oriented Time Series Data Aggregation"
 */
export function thin(
  x: Float64Array | Uint32Array,
  y: Float32Array | Float64Array,
  from: number,
  to: number,
  x0: number,
  x1: number,
  pixels: number,
  log: boolean,
): Uint32Array {
  const kept = new Uint32Array(Math.max(0, to - from));
  const columns = columnsOf(x0, x1, pixels, log);
  let count = 0;
  let column = -2; // none yet
  let [low, high] = [0, 0]; // x within [low, high) is in that column
  let [first, last, lowest, highest] = [0, 0, 0, 0];
  for (let i = from; i < to; i++) {
    const v = y[i]!;
    if (v - v !== 0) continue;
    const at = x[i]!;
    if (!(at >= low && at < high)) {
      if (!(log ? at > 0 : at === at)) continue;
      const next = columns.of(at);
      if (next !== column) {
        if (column !== -2) count = keep(kept, count, first, last, lowest, highest);
        column = next;
        low = columns.edge(next);
        high = columns.edge(next + 1);
        first = lowest = highest = i;
      }
    }
    last = i;
    if (v < y[lowest]!) lowest = i;
    else if (v > y[highest]!) highest = i;
  }
  if (column !== -2) count = keep(kept, count, first, last, lowest, highest);
  return kept.slice(0, count);
}

/** Adds up to four indices, each once and in order. */
function keep(kept: Uint32Array, count: number, first: number, last: number, lowest: number, highest: number): number {
  const sooner = Math.min(lowest, highest);
  const later = Math.max(lowest, highest);
  kept[count++] = first;
  if (sooner > first) kept[count++] = sooner;
  if (later > sooner) kept[count++] = later;
  if (last > later) kept[count++] = last;
  return count;
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
      if (column >= pixels) return column === pixels ? x1 : Infinity;
      return log ? Math.exp(start + column * perColumn) : start + column * perColumn;
    },
  };
}
