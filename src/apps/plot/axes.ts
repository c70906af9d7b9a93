import { extent } from 'd3-array';
import { scaleLinear, scaleLog, scaleUtc } from 'd3-scale';

import type { Figure, Panel } from './figure.js';
import { shortNumber, tickLabels } from './tickLabels.js';

/** An axis: where a value lies, and what is written along it. */
export interface Axis {
  readonly domain: readonly [number, number];
  readonly log: boolean;
  /** A place for a value, on the range that was asked for. */
  at(value: number): number;
  /** Values with a line, and what is written there: nothing at some of a logarithmic axis. */
  ticks(about: number): readonly { readonly value: number; readonly label: string }[];
}

type Range = readonly [number, number];

/** The x axis that all panels share. */
export function xAxis({ panels, x }: Figure, range: Range): Axis {
  const xs = panels.flatMap(({ curves }) => curves.map((curve) => extentOf([curve.x], x.log)));
  const domain = whole(xs, x.log);
  return x.isTime ? timeAxis(domain, range) : numberAxis(domain, range, x.log);
}

/** The y axis of a panel: all that is drawn in it has room. */
export function yAxis({ curves }: Panel, logY: boolean, range: Range): Axis {
  const ys = curves.map(({ raw, smooth, band }) =>
    extentOf(band === null ? [raw, smooth] : [raw, band.low, band.high], logY),
  );
  return numberAxis(padded(whole(ys, logY), logY), range, logY);
}

/** The first and last of what an axis can show. */
function extentOf(columns: readonly Float64Array[], log: boolean): Range | null {
  let [low, high] = [Infinity, -Infinity];
  for (const column of columns) {
    for (const value of column) {
      if (!Number.isFinite(value) || (log && value <= 0)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low <= high ? [low, high] : null;
}

function whole(extents: readonly (Range | null)[], log: boolean): [number, number] {
  const [low, high] = extent(extents.filter((one) => one !== null).flat());
  if (low === undefined || high === undefined) return log ? [1, 10] : [0, 1];
  return [low, high];
}

/** Some room above and below, and a middle for what never changes. */
function padded([low, high]: Range, log: boolean): [number, number] {
  if (log) {
    const room = high > low ? (high / low) ** 0.04 : 2;
    return [low / room, high * room];
  }
  const room = (high - low) * 0.04 || Math.abs(low) / 10 || 1;
  return [low - room, high + room];
}

function numberAxis(domain: readonly [number, number], range: Range, log: boolean): Axis {
  const scale = (log ? scaleLog : scaleLinear)(domain, range);
  const label = log ? shortNumber : tickLabels(Math.max(...domain.map(Math.abs)));
  return {
    domain,
    log,
    at: (value) => scale(value),
    ticks(about) {
      const values = scale.ticks(about);
      return values.map((value) => ({
        value,
        label: !log || isLabelled(value, values.length, about) ? label(value) : '',
      }));
    },
  };
}

/** Of a logarithmic axis with many ticks those at powers of ten. */
const isLabelled = (value: number, count: number, about: number): boolean =>
  count <= 2 * about || Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-9;

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** What tells a moment from others in so many ms; at midnight it is the day. */
function formatOver(ms: number, date: Date): string {
  if (ms < 8 * SECOND) return '%H:%M:%S.%L';
  if (ms < 4 * MINUTE) return '%H:%M:%S';
  if (ms < 8 * DAY) return Number(date) % DAY === 0 ? '%b %d' : '%H:%M';
  return ms < 700 * DAY ? '%b %d' : '%b %Y';
}

function timeAxis(domain: readonly [number, number], range: Range): Axis {
  const scale = scaleUtc(domain, range);
  const [from, to] = domain;
  return {
    domain,
    log: false,
    at: (value) => scale(value),
    ticks(about) {
      const label = (date: Date): string => scale.tickFormat(about, formatOver(to - from, date))(date);
      return scale.ticks(about).map((date) => ({ value: Number(date), label: label(date) }));
    },
  };
}
