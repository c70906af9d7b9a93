import { firstNotBelow } from '../../firstNotBelow.js';
import type { Numbers } from '../column.js';
import type { Curve } from '../curve.js';
import type { Axis } from './contract.js';

/** Where a curve's points stand on the horizontal axis. */
export interface Places {
  /** They never go down. */
  readonly x: Numbers;
  /** What is in `x` → the axis' own unit, and back. */
  readonly outward: (x: number) => number;
  readonly inward: (x: number) => number;
}

const S = 1000;

/**
 * @param startMs - of the curve's run, ms since the Unix epoch
 * @returns null for a curve that has no places: no points, or none with a time
 */
export function placesOf(curve: Curve, axis: Axis, startMs: number): Places | null {
  if (curve.length === 0) return null;
  if (axis === 'step') return { x: curve.steps, outward: (x) => x, inward: (x) => x };
  const x = ascending(curve);
  if (Number.isNaN(x[0])) return null;
  const start = axis === 'wall' ? curve.firstMs : curve.firstMs - startMs;
  return { x, outward: (ms) => (ms + start) / S, inward: (s) => s * S - start };
}

/** When a run began, as far as its curves tell: ms since the Unix epoch, Infinity if they don't. */
export function startOf(run: string, curves: Iterable<Curve>): number {
  let start = Infinity;
  for (const { run: one, firstMs } of curves) if (one === run && firstMs < start) start = firstMs;
  return start;
}

/** Clocks may be set back, and not every point says its time: it goes on from where it was, and begins at the first known one. */
function ascending({ times, timesAscend }: Curve): Numbers {
  if (timesAscend) return times;
  let highest = times.find((x: number) => !Number.isNaN(x)) ?? NaN;
  return Float64Array.from(times, (x) => (x > highest ? (highest = x) : highest));
}

/** The point nearest to a place. */
export function nearest({ x, inward }: Places, place: number): number {
  const at = inward(place);
  const next = firstNotBelow(x, at);
  const isBefore = next === x.length || (next > 0 && at - x[next - 1]! <= x[next]! - at);
  return isBefore ? next - 1 : next;
}

/** Whether a place lies before the first point, or behind the last one. */
export function isBeyond({ x, inward }: Places, place: number): boolean {
  return inward(place) < x[0]! || inward(place) > x.at(-1)!;
}
