import { scaleLinear, scaleLog, scaleUtc, scaleTime } from 'd3-scale';
import type { Axis } from './contract.js';
import { durationText, tickTexts, timeTickText } from './format.js';
import type { Range } from './view.js';

/** A place on an axis, and what is written there; '' for a line without a word. */
export interface Tick {
  readonly at: number;
  readonly text: string;
}

const MS = 1000;

/** Round numbers along an axis, about `count` of them. */
export function numberTicks(range: Range, count: number, log: boolean): Tick[] {
  const scale = (log ? scaleLog : scaleLinear)().domain(range);
  const ticks = scale.ticks(count);
  const shown = log ? scale.tickFormat(count, 'e') : null;
  const texts = tickTexts(ticks.map((at) => (shown?.(at) === '' ? null : at)));
  return ticks.map((at, i) => ({ at, text: texts[i]! }));
}

/** Round places along a horizontal axis. */
export function axisTicks(range: Range, count: number, axis: Axis, log: boolean): Tick[] {
  if (axis === 'step') return log ? numberTicks(range, count, log) : stepTicks(range, count);
  const inMs = range.map((s) => s * MS);
  if (axis === 'wall') {
    const ticks = scaleTime().domain(inMs).ticks(count);
    return ticks.map((at) => ({ at: at.getTime() / MS, text: timeTickText(at) }));
  }
  const ticks = log
    ? numberTicks(range, count, true)
    : scaleUtc()
        .domain(inMs)
        .ticks(count)
        .map((at) => ({ at: at.getTime() / MS, text: '-' }));
  return ticks.map(({ at, text }) => ({ at, text: text && durationText(at) }));
}

/** Mostly there are no steps between steps; where there are, or so few are seen, those between are better than none. */
function stepTicks(range: Range, count: number): Tick[] {
  const ticks = numberTicks(range, count, false);
  const whole = ticks.filter(({ at }) => Number.isInteger(at));
  return whole.length > 1 ? whole : ticks;
}
