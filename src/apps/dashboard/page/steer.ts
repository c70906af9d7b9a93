import { rangesOf, logsOf } from './chartState.js';
import { drawnOf } from './link.js';
import { change, changeChart, chartView, view } from './model.js';
import type { Range } from './view.js';
import { isWide, moved, partOf, scaledAt, tidy } from './zoom.js';

/** Zooms a chart to parts of what it shows, in fractions; null leaves an axis as it is. */
export function zoomTo(tag: string, x: Range | null, y: Range | null): void {
  const { ranges, logX, logY } = shown(tag);
  apply(tag, x && partOf(ranges.x, ...x, logX), y && partOf(ranges.y, ...y, logY));
}

/** Has a chart show `factor` times as much around a place. */
export function zoomAt(
  tag: string,
  place: { readonly x: number; readonly y: number },
  factorX: number,
  factorY: number,
): void {
  const { ranges, logX, logY } = shown(tag);
  const x = factorX === 1 ? null : scaledAt(ranges.x, place.x, factorX, logX);
  const y = factorY === 1 ? null : scaledAt(ranges.y, place.y, factorY, logY);
  apply(tag, x, y);
}

/** Moves what a zoomed chart shows; an axis that shows all stays where it is. */
export function panBy(tag: string, dx: number, dy: number): void {
  const { ranges, logX, logY } = shown(tag);
  const zoomed = chartView(tag);
  apply(tag, zoomed.x ? moved(ranges.x, dx, logX) : null, zoomed.y ? moved(ranges.y, dy, logY) : null);
}

/** Has a chart fit all there is, again and from now on. */
export function fitAll(tag: string): void {
  changeChart(tag, { x: undefined, y: undefined });
}

/** Keeps the values at a place in sight, or no longer. */
export function pin(tag: string, x: number, near: number): void {
  const pins = chartView(tag).pins ?? [];
  const others = pins.filter((at) => Math.abs(at - x) > near);
  const next = others.length < pins.length ? others : [...pins, x];
  changeChart(tag, { pins: next.length > 0 ? next : undefined });
}

/** Changes what the horizontal axis is: places on the old one mean nothing on it. */
export function changeAxis(axis: typeof view.value.axis): void {
  if (axis === view.peek().axis) return;
  for (const tag of view.peek().charts.keys()) changeChart(tag, { x: undefined, pins: undefined });
  change({ axis });
}

function shown(tag: string) {
  const { logX, logY } = logsOf(tag);
  return { ranges: rangesOf(tag, drawnOf(tag).peek()), logX, logY };
}

function apply(tag: string, x: Range | null, y: Range | null): void {
  const { logX, logY } = logsOf(tag);
  if (x !== null && isWide(x)) changeChart(tag, { x: tidied(x, logX) });
  if (y !== null && isWide(y)) changeChart(tag, { y: tidied(y, logY) });
}

function tidied(range: Range, log: boolean): Range {
  return [tidy(range[0], range, log), tidy(range[1], range, log)];
}
