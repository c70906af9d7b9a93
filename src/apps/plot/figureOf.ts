import type { Curve, Figure, Panel, XAxis } from './figure.js';
import type { Series } from './series.js';
import { smoothed } from './smoothed.js';
import type { Smoothing } from './smoothing.js';

/** How a figure is made of series. */
export interface FigureOptions {
  readonly title: string;
  readonly smoothing: Smoothing;
  /** A panel for each run, in place of one for each metric. */
  readonly byRun: boolean;
  readonly x: 'step' | 'relative' | 'wall';
  readonly logX: boolean;
  readonly logY: boolean;
  readonly band: boolean;
}

/** Smooths each series whole and puts it into the panel of its metric or its run. */
export function figureOf(series: readonly Series[], options: FigureOptions): Figure {
  const { title, smoothing, byRun, logY, band } = options;
  const panelName = (one: Series): string => (byRun ? one.run : one.metric);
  const curveName = (one: Series): string => (byRun ? one.metric : one.run);
  const names = [...new Set(series.map(curveName))];
  const { axis, placesOf } = placesFor(series, options);
  const counts: number[] = [];
  const panels = [...new Set(series.map(panelName))].map((title): Panel => {
    const own = series.filter((one) => panelName(one) === title);
    const count = Math.max(...own.map(({ values }) => values.length));
    const alpha = smoothing.alphaFor(count);
    counts.push(count);
    const curves = own.map((one): Curve => {
      const name = curveName(one);
      const { x, raw } = inOrder(placesOf(one), one.values);
      return { name, colour: names.indexOf(name), x, raw, ...smoothed(raw, alpha, band) };
    });
    return { title, curves };
  });
  return { title, caption: captionOf(series, smoothing.words(counts), band), x: axis, logY, panels, names };
}

/** What has a place on the axis, from left to right: files may have it otherwise, and clocks are turned back. */
function inOrder(x: Float64Array, raw: Float64Array): Pick<Curve, 'x' | 'raw'> {
  if (x.every((at, i) => i === 0 || at >= x[i - 1]!) && !Number.isNaN(x[0])) return { x, raw };
  const order = [...x.keys()].filter((i) => !Number.isNaN(x[i])).sort((a, b) => x[a]! - x[b]!);
  return { x: Float64Array.from(order, (i) => x[i]!), raw: Float64Array.from(order, (i) => raw[i]!) };
}

const UNITS = [
  [1000, 's'],
  [60_000, 'min'],
  [3_600_000, 'h'],
  [86_400_000, 'days'],
] as const;

/** What is on the x axis, and where a series lies on it. */
function placesFor(
  series: readonly Series[],
  { x, logX: log }: FigureOptions,
): { axis: XAxis; placesOf: (one: Series) => Float64Array } {
  if (x === 'step') return { axis: { label: 'step', isTime: false, log }, placesOf: ({ step }) => step };
  if (x === 'wall') return { axis: { label: 'time (UTC)', isTime: true, log: false }, placesOf: ({ atMs }) => atMs };
  const starts = new Map<string, number>();
  let longest = 0;
  for (const { run, atMs } of series) starts.set(run, Math.min(starts.get(run) ?? Infinity, firstOf(atMs)));
  for (const { run, atMs } of series) longest = Math.max(longest, lastOf(atMs) - starts.get(run)!);
  const [ms, unit] = [...UNITS].reverse().find(([ms]) => longest >= 2 * ms) ?? UNITS[0];
  return {
    axis: { label: `time since the start (${unit})`, isTime: false, log },
    placesOf: ({ run, atMs }) => atMs.map((at) => (at - starts.get(run)!) / ms),
  };
}

/** The ends of what has a time; the infinities where nothing has. */
const firstOf = (atMs: Float64Array): number => atMs.find((at) => !Number.isNaN(at)) ?? Infinity;
const lastOf = (atMs: Float64Array): number => atMs.reduce((last, at) => (Number.isNaN(at) ? last : at), -Infinity);

function captionOf(series: readonly Series[], words: string, band: boolean): string {
  const all = (test: (value: number) => boolean): boolean => series.some(({ values }) => values.some(test));
  const marks = [
    all(Number.isNaN) && '× NaN',
    all((value) => value === Infinity) && '▲ +∞',
    all((value) => value === -Infinity) && '▼ −∞',
  ].filter((one) => one !== false);
  const parts = [`smoothed: ${words}, bias-corrected`, band && 'band: ±2 std', ...marks];
  return parts.filter((one) => one !== false).join(' · ');
}
