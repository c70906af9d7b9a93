import { curvesOf } from './catalog.js';
import { drawnOf } from './link.js';
import { chosen } from './model.js';

/** Why none of a chart's curves has a place on it, though some are shown; null where one has, or while nobody knows. */
export function nowhereText(tag: string): string | null {
  const drawn = drawnOf(tag).value;
  if (drawn === null || drawn.extent !== null || curvesOf(tag).length === 0) return null;
  return chosen.axis.value === 'step' ? 'no step above 0' : 'no times are known';
}
