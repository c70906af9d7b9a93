import type { Amount } from './amount.js';
import { decayOf } from './amount.js';
import { curvesOf } from './catalog.js';
import type { ChartRequest, DrawnChart } from './contract.js';
import { drawable, fitX, fitY } from './fit.js';
import { chartView, chosen } from './model.js';
import type { Range } from './view.js';

/** How much a chart is smoothed: as it says itself, or as all are. */
export function amountOf(tag: string): Amount {
  return chartView(tag).smoothing ?? chosen.smoothing.value;
}

/** Which axes of a chart are logarithmic. */
export interface Logs {
  readonly logX: boolean;
  readonly logY: boolean;
}

/** Which axes of a chart are logarithmic: as it says itself, or as all are. */
export function logsOf(tag: string): Logs {
  const own = chartView(tag);
  return {
    // the Unix epoch is no place to count orders of magnitude from
    logX: chosen.axis.value !== 'wall' && (own.logX ?? chosen.logX.value),
    logY: own.logY ?? chosen.logY.value,
  };
}

/** What the worker is asked for so that a chart can be drawn. */
export function requestOf(tag: string, pixels: number): ChartRequest {
  const { logX, logY } = logsOf(tag);
  const [axis, corrected, band] = [chosen.axis.value, chosen.corrected.value, chosen.band.value];
  return {
    chart: tag,
    curves: curvesOf(tag).map(({ curve }) => curve),
    axis,
    range: zoomX(tag, logX),
    pixels,
    logX,
    logY,
    smoothing: { decay: decayOf(amountOf(tag)), corrected, band },
  };
}

/** From where to where a chart's axes go. */
export function rangesOf(tag: string, chart: DrawnChart | null): { readonly x: Range; readonly y: Range } {
  const { logX, logY } = logsOf(tag);
  const x = drawable(zoomX(tag, logX) ?? fitX(chart?.extent ?? null, logX), logX);
  const { y } = chartView(tag);
  const isZoomed = y !== undefined && (!logY || y[0] > 0);
  return { x, y: drawable(isZoomed ? y : fitY(chart ?? NONE, x, logY), logY) };
}

function zoomX(tag: string, logX: boolean): Range | null {
  const { x } = chartView(tag);
  return x !== undefined && (!logX || x[0] > 0) ? x : null;
}

const NONE: DrawnChart = { chart: '', extent: null, curves: [] };
