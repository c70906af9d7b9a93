import type { Curve } from '../curve.js';
import type { Axis } from './contract.js';

/** Where a curve's points stand on the horizontal axis. */
export interface Places {
  /** They never go down. */
  readonly x: Uint32Array | Float64Array;
  /** What is in `x` → the axis' own unit, and back. */
  readonly outward: (x: number) => number;
  readonly inward: (x: number) => number;
}

const S = 1000;

export function placesOf(curve: Curve, axis: Axis): Places {
  if (axis === 'step') return { x: curve.steps as Uint32Array, outward: (x) => x, inward: (x) => x };
  const start = axis === 'wall' ? curve.firstMs : 0;
  return { x: ascending(curve), outward: (ms) => (ms + start) / S, inward: (s) => s * S - start };
}

/** Clocks may be set back; what is drawn goes on from where it was. */
function ascending({ times, timesAscend }: Curve): Uint32Array | Float64Array {
  if (timesAscend) return times as Uint32Array | Float64Array;
  let highest = -Infinity;
  return Float64Array.from(times, (x) => (highest = Math.max(highest, x)));
}

/** The point nearest to a place; −1 if no point has one. */
export function nearest({ x, inward }: Places, place: number): number {
  const at = inward(place);
  let low = 0;
  let high = x.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x[middle]! < at) low = middle + 1;
    else high = middle;
  }
  if (low === x.length || (low > 0 && at - x[low - 1]! <= x[low]! - at)) low -= 1;
  return low >= 0 && Number.isFinite(x[low]) ? low : -1;
}
