import { area, line, symbol, symbolTimes, symbolTriangle } from 'd3-shape';

import type { Axis } from '../axes.js';
import type { Curve } from '../figure.js';
import { strokeOf, type Look } from '../palette.js';
import { thin } from '../thin.js';
import { element } from './xml.js';

/** Where a panel's curves are drawn. */
export interface Frame {
  readonly x: Axis;
  readonly y: Axis;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const DECIMALS = 1;

/** A curve's layers, from the back to the front. */
export function curveLayers(curve: Curve, frame: Frame, look: Look): { readonly back: string; readonly front: string } {
  const { colour, dashes } = strokeOf(curve.colour, look);
  const pen = { fill: 'none', stroke: colour, 'stroke-linejoin': 'round' };
  const raw = { ...pen, 'stroke-width': 1, 'stroke-opacity': 0.32, d: path(curve.x, curve.raw, frame) };
  const smooth = {
    ...pen,
    'stroke-width': 2,
    'stroke-linecap': dashes === '' ? 'round' : null,
    'stroke-dasharray': dashes,
    d: path(curve.x, curve.smooth, frame),
  };
  return {
    back: bandOf(curve, frame, colour) + element('path', raw),
    front: element('path', smooth) + marksOf(curve, frame, colour),
  };
}

function indices(x: Float64Array, y: Float64Array, { x: axis, y: heights, left, right }: Frame): number[] {
  const [from, to] = axis.domain;
  const kept = Array.from(thin(x, y, 0, x.length, from, to, Math.ceil(right - left), axis.log));
  return heights.log ? kept.filter((i) => y[i]! > 0) : kept;
}

function path(x: Float64Array, y: Float64Array, frame: Frame): string {
  const points = indices(x, y, frame);
  if (points.length === 1) points.push(points[0]!); // a round cap makes a dot of it
  const draw = line<number>(
    (i) => frame.x.at(x[i]!),
    (i) => frame.y.at(y[i]!),
  );
  return draw.digits(DECIMALS)(points) ?? '';
}

function bandOf({ x, band }: Curve, frame: Frame, colour: string): string {
  if (band === null) return '';
  const points = [...new Set([...indices(x, band.low, frame), ...indices(x, band.high, frame)])].sort((a, b) => a - b);
  const floor = frame.y.domain[0];
  const draw = area<number>()
    .x((i) => frame.x.at(x[i]!))
    .y0((i) => frame.y.at(Math.max(band.low[i]!, floor)))
    .y1((i) => frame.y.at(band.high[i]!))
    .digits(DECIMALS);
  return element('path', { fill: colour, 'fill-opacity': 0.14, d: draw(points) ?? '' });
}

/** NaN and infinities, where they happened: at most one a pixel, since more would be one. */
function marksOf({ x, raw }: Curve, frame: Frame, colour: string): string {
  const { top, bottom, x: axis } = frame;
  const seen = new Set<string>();
  const marks: string[] = [];
  for (const [i, value] of raw.entries()) {
    if (Number.isFinite(value) || (axis.log && !(x[i]! > 0))) continue;
    const at = axis.at(x[i]!);
    const key = `${value} ${Math.round(at)}`;
    if (seen.has(key) || !Number.isFinite(at)) continue;
    seen.add(key);
    const turn = value === -Infinity ? ' rotate(180)' : '';
    const place = `translate(${at.toFixed(1)} ${value === Infinity ? top + 6 : bottom - 6})${turn}`;
    const pen = Number.isNaN(value) ? { fill: 'none', stroke: colour, 'stroke-width': 1.5 } : { fill: colour };
    const shape = Number.isNaN(value) ? symbol(symbolTimes, 36) : symbol(symbolTriangle, 40);
    marks.push(element('path', { ...pen, transform: place, d: shape.digits(2)() ?? '' }));
  }
  return marks.join('');
}
