import type { DrawnChart, Line } from './contract.js';
import type { Range } from './view.js';

const PAD = 0.04;
/** Beyond these the length of a range is no number, and between them neither is what is written along it. */
const [MOST, LEAST] = [Number.MAX_VALUE / 4, 1e-300];
/** Places that are closer than this part of what they are can't be told apart. */
const CLOSE = 1e-12;

/** The whole of a horizontal axis; of one single place, some room around it. */
export function fitX(extent: Range | null, log: boolean): Range {
  if (extent === null) return log ? [1, 10] : [0, 1];
  const [from, to] = log ? [Math.max(extent[0], Number.MIN_VALUE), Math.max(extent[1], Number.MIN_VALUE)] : extent;
  if (from < to) return [from, to];
  return log ? [from / 2, to * 2] : [from - 1, to + 1];
}

/** All that a chart's lines reach between two places, with a little room; on a logarithmic axis what is above 0. */
export function fitY(chart: DrawnChart, x: Range, log: boolean): Range {
  let [low, high] = [Infinity, -Infinity];
  const take = (line: Line): void => {
    for (let i = 0; i < line.x.length; i++) {
      if (line.x[i]! < x[0] || line.x[i]! > x[1]) continue;
      const y = line.y[i]!;
      if (y < low && (!log || y > 0)) low = y;
      if (y > high && (!log || y > 0)) high = y;
    }
  };
  for (const { raw, smooth, band } of chart.curves) {
    take(raw);
    take(smooth);
    if (band !== null) for (const edge of log ? band.slice(1) : band) take(edge);
  }
  if (low > high) return log ? [1, 10] : [0, 1];
  return log ? paddedLog(low, high) : padded(low, high);
}

/** A range as one that can be drawn, with ticks along it: what lies beyond is drawn at its ends. */
export function drawable([from, to]: Range, log: boolean): Range {
  const [low, high] = [Math.max(from, log ? LEAST : -MOST), Math.min(to, MOST)];
  const length = Math.max(LEAST, CLOSE * Math.max(Math.abs(low), Math.abs(high)));
  return high - low >= length ? [low, high] : [low - (log ? 0 : length), Math.max(low, high) + length];
}

function padded(low: number, high: number): Range {
  const pad = high > low ? (high - low) * PAD : Math.abs(low) * 0.1 || 0.5;
  return [low - pad, high + pad];
}

function paddedLog(low: number, high: number): Range {
  const pad = high > low ? (high / low) ** PAD : 2;
  return [low / pad, high * pad];
}
