import { EwmState } from '../../ewmState.js';
import type { Curve } from './figure.js';

/** Half the width of the band, in standard deviations. */
const WIDTH = 2;

/**
 * A curve smoothed with its start corrected for the bias: values that are not finite are no steps, and stay out.
 *
 * @param alpha - in (0, 1]
 * @returns averages as many as values, NaN where a value is not finite; the band around them if it is asked for
 */
export function smoothed(values: Float64Array, alpha: number, withBand: boolean): Pick<Curve, 'smooth' | 'band'> {
  const smooth = new Float64Array(values.length).fill(NaN);
  const band = withBand ? { low: smooth.slice(), high: smooth.slice() } : null;
  const state = new EwmState({ alpha }, { stat: 'bands', width: WIDTH });
  const mean = new EwmState({ alpha }, { stat: 'mean' });
  for (const [i, value] of values.entries()) {
    if (!Number.isFinite(value)) continue;
    if (band === null) {
      smooth[i] = mean.update(value);
      continue;
    }
    const around = state.update(value);
    smooth[i] = around.mean;
    band.low[i] = around.lower;
    band.high[i] = around.upper;
  }
  return { smooth, band };
}
