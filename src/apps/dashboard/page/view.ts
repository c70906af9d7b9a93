import type { Amount } from './amount.js';
import type { Axis } from './contract.js';

/** From and to, on an axis. */
export type Range = readonly [number, number];

/** What is looked for: a text, or a regular expression. */
export interface Search {
  readonly text: string;
  readonly pattern: boolean;
}

/** What one chart shows otherwise than all do. */
export interface ChartView {
  readonly smoothing?: Amount | undefined;
  readonly logX?: boolean | undefined;
  readonly logY?: boolean | undefined;
  /** Zoomed to, on either axis. */
  readonly x?: Range | undefined;
  readonly y?: Range | undefined;
  /** Places whose values stay in sight. */
  readonly pins?: readonly number[] | undefined;
  /** As wide as the page. */
  readonly wide?: boolean | undefined;
}

/** All that somebody chose: the part of the page that a link holds. Runs and charts go by the names they came with. */
export interface View {
  readonly smoothing: Amount;
  readonly corrected: boolean;
  readonly band: boolean;
  readonly axis: Axis;
  readonly logX: boolean;
  readonly logY: boolean;
  readonly metrics: Search;
  readonly runs: Search;
  readonly hidden: ReadonlySet<string>;
  /** The one run that is shown. */
  readonly solo: string | null;
  readonly colors: ReadonlyMap<string, string>;
  readonly names: ReadonlyMap<string, string>;
  /** Groups that are folded. */
  readonly closed: ReadonlySet<string>;
  readonly charts: ReadonlyMap<string, ChartView>;
}

/** What is shown before anybody chose anything. */
export const FIRST_VIEW: View = {
  smoothing: { scale: 'halfLife', value: 10 },
  corrected: true,
  band: false,
  axis: 'step',
  logX: false,
  logY: false,
  metrics: { text: '', pattern: false },
  runs: { text: '', pattern: false },
  hidden: new Set(),
  solo: null,
  colors: new Map(),
  names: new Map(),
  closed: new Set(),
  charts: new Map(),
};

/** A view with one chart changed; what is undefined is as in all charts again. */
export function withChart(view: View, tag: string, change: ChartView): View {
  const all = { ...view.charts.get(tag), ...change };
  const chart: ChartView = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  const charts = new Map(view.charts);
  if (Object.keys(chart).length === 0) charts.delete(tag);
  else charts.set(tag, chart);
  return { ...view, charts };
}

/** A set with one member more, or less. */
export function toggled(set: ReadonlySet<string>, member: string): ReadonlySet<string> {
  const changed = new Set(set);
  if (!changed.delete(member)) changed.add(member);
  return changed;
}

/** A map with one entry set, or with undefined, gone. */
export function entered(map: ReadonlyMap<string, string>, key: string, value?: string): ReadonlyMap<string, string> {
  const changed = new Map(map);
  if (value === undefined) changed.delete(key);
  else changed.set(key, value);
  return changed;
}
