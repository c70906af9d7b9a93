import { curvesOf } from './catalog.js';
import { logsOf, rangesOf } from './chartState.js';
import { drawnOf } from './link.js';
import { chosen } from './model.js';
import { INKS } from './palette.js';
import type { Named, Scene } from './scene.js';
import { theme } from './theme.js';

/**
 * A chart as it is to be seen now.
 *
 * @param plain - it is not smoothed
 * @param focus - the curve that stands out
 */
export function sceneOf(tag: string, plain: boolean, focus: number | null): Scene {
  const chart = drawnOf(tag).value;
  const { logX, logY } = logsOf(tag);
  const { x, y } = rangesOf(tag, chart);
  const styles = new Map(curvesOf(tag).map(({ curve, run }): [number, Named] => [curve, run]));
  const shown = chart && { ...chart, curves: chart.curves.filter(({ curve }) => styles.has(curve)) };
  return { chart: shown, axis: chosen.axis.value, x, y, logX, logY, styles, ink: INKS[theme.value], plain, focus };
}
