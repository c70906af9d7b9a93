import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Status } from '../protocol.js';
import type { CurveInfo } from './contract.js';
import { FIRST_VIEW, withChart, type ChartView, type View } from './view.js';

/** What the server says of itself; null until it has. */
export const status: Signal<Status | null> = signal(null);
export const connected: Signal<boolean> = signal(true);
/** All curves there are, in the order in which they came. */
export const curves: Signal<readonly CurveInfo[]> = signal([]);
/** All that somebody chose; the address says it too. */
export const view: Signal<View> = signal(FIRST_VIEW);
/** What went wrong on this side of the connection, newest last. */
export const failures: Signal<readonly string[]> = signal([]);

/** Each choice by itself: who reads one of these is not bothered by the others. */
export const chosen: { readonly [K in keyof View]: ReadonlySignal<View[K]> } = Object.fromEntries(
  Object.keys(FIRST_VIEW).map((key) => [key, computed(() => view.value[key as keyof View])]),
) as unknown as { readonly [K in keyof View]: ReadonlySignal<View[K]> };

/** Chooses something for all charts. */
export function change(part: Partial<View>): void {
  view.value = { ...view.peek(), ...part };
}

/** Chooses something for one chart; undefined has it be as all are. */
export function changeChart(tag: string, part: ChartView): void {
  view.value = withChart(view.peek(), tag, part);
}

const charts = new Map<string, ReadonlySignal<ChartView>>();

/** What was chosen for one chart. */
export function chartView(tag: string): ChartView {
  let one = charts.get(tag);
  if (one === undefined) charts.set(tag, (one = computed(() => chosen.charts.value.get(tag) ?? NOTHING)));
  return one.value;
}

/** Points that have come, of all curves. */
export const pointCount: ReadonlySignal<number> = computed(() =>
  curves.value.reduce((sum, { count }) => sum + count, 0),
);

/** Points of the longest curve. */
export const longestCurve: ReadonlySignal<number> = computed(() =>
  curves.value.reduce((most, { count }) => Math.max(most, count), 0),
);

const NOTHING: ChartView = {};
