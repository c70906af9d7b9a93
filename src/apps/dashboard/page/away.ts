import { logsOf, rangesOf } from './chartState.js';
import type { HoverValue } from './contract.js';
import { drawnOf } from './link.js';
import { fractionOf } from './zoom.js';

/** A pixel or two of a chart, as a part of its width. */
const NEAR = 1 / 200;

/** Tells which values are not of a place on a chart: their runs ended before it, or begin behind it. */
export function awayFrom(tag: string, place: number): (value: HoverValue) => boolean {
  const { x: range } = rangesOf(tag, drawnOf(tag).value);
  const { logX } = logsOf(tag);
  const at = fractionOf(range, place, logX);
  return ({ beyond, x }) => beyond && Math.abs(fractionOf(range, x, logX) - at) > NEAR;
}
