import type { Range } from './view.js';

/** Beyond what any screen shows: canvases and pictures go wrong with much larger numbers. */
const FARTHEST = 1e5;

/** A function from values of a range to places between two ends, in pixels; values without a logarithm go to the far end. */
export function projection([from, to]: Range, log: boolean, start: number, end: number): (value: number) => number {
  const [a, b] = log ? [Math.log(from), Math.log(to)] : [from, to];
  const scale = (end - start) / (b - a);
  const far = start - Math.sign(end - start) * FARTHEST;
  const kept = (place: number): number => Math.max(-FARTHEST, Math.min(FARTHEST, place));
  if (!log) return (value) => kept(start + (value - a) * scale);
  return (value) => (value > 0 ? kept(start + (Math.log(value) - a) * scale) : far);
}
