import type { DrawnChart } from './contract.js';
import { placeText, valueText } from './format.js';
import type { Scene } from './scene.js';

const MOST = 8;

/** A chart in words: from where to where, and the last value of each run. */
export function summaryOf(
  tag: string,
  { chart, axis, styles, plain }: Pick<Scene, 'chart' | 'axis' | 'styles' | 'plain'>,
): string {
  if (chart === null || chart.extent === null) return `${tag}: no points`;
  const [from, to] = chart.extent.map((x) => placeText(x, axis));
  const lasts = chart.curves.slice(0, MOST).map((curve) => lastOf(curve, styles.get(curve.curve)?.name ?? '', plain));
  const more = chart.curves.length > MOST ? `; ${chart.curves.length - MOST} more runs` : '';
  return `${tag}, ${from} to ${to}. Last values: ${lasts.join('; ')}${more}`;
}

function lastOf({ raw, smooth }: DrawnChart['curves'][number], name: string, plain: boolean): string {
  const last = raw.y.at(-1) ?? NaN;
  return `${name} ${valueText(last)}${plain ? '' : ` (smoothed ${valueText(smooth.y.at(-1) ?? NaN)})`}`;
}
