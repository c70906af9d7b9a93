import type { Axis } from '../axes.js';
import type { Curve } from '../figure.js';
import { thin } from '../thin.js';
import type { Braille, Paint } from './braille.js';

/** How a line is drawn. */
export interface Pen {
  readonly places: Axis;
  readonly heights: Axis;
  readonly layer: number;
  readonly paint: Paint;
}

/** A line through what is finite, and has a place on the axes. */
export function drawLine(
  canvas: Braille,
  x: Float64Array,
  y: Float64Array,
  { places, heights, layer, paint }: Pen,
): void {
  const [from, to] = places.domain;
  let before: readonly [number, number] | null = null;
  for (const i of thin(x, y, 0, x.length, from, to, canvas.width, places.log)) {
    if (heights.log && y[i]! <= 0) continue;
    const here = [Math.round(places.at(x[i]!)), Math.round(heights.at(y[i]!))] as const;
    canvas.line(...(before ?? here), ...here, layer, paint);
    before = here;
  }
}

/** NaN below, infinities at their ends. */
export function drawMarks(canvas: Braille, { x, raw }: Curve, places: Axis, paint: Paint): void {
  for (const [i, value] of raw.entries()) {
    const at = Math.round(places.at(x[i]!));
    if (Number.isFinite(value) || !Number.isFinite(at)) continue;
    const mark = Number.isNaN(value) ? '×' : value > 0 ? '▲' : '▼';
    canvas.mark(at, value === Infinity ? 0 : canvas.height - 1, mark, paint);
  }
}
