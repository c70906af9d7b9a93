import { computed, type ReadonlySignal } from '@preact/signals';
import type { CurveInfo } from './contract.js';
import { groupsOf, type Group } from './groups.js';
import { matcherOf, type Matcher } from './matcher.js';
import { chosen, curves } from './model.js';
import { naturalOrder } from './naturalOrder.js';
import { styleOf, type Style } from './palette.js';
import { theme } from './theme.js';

/** A run, and how it is shown. */
export interface Run extends Style {
  /** The name it came with. */
  readonly run: string;
  /** The name it is given here. */
  readonly name: string;
  readonly visible: boolean;
}

let known: readonly CurveInfo[] = [];

/** The curves, as long as there are no others: whatever is made of their names need not be made with each point that comes. */
const named: ReadonlySignal<readonly CurveInfo[]> = computed(() => {
  const now = curves.value;
  const same =
    now.length === known.length && now.every(({ run, tag }, i) => run === known[i]!.run && tag === known[i]!.tag);
  if (!same) known = now;
  return known;
});

/** What the search for runs finds. */
export const runMatcher: ReadonlySignal<Matcher> = computed(() => matcherOf(chosen.runs.value));
/** What the search for metrics finds. */
export const metricMatcher: ReadonlySignal<Matcher> = computed(() => matcherOf(chosen.metrics.value));

const runNames: ReadonlySignal<readonly string[]> = computed(() => [...new Set(named.value.map(({ run }) => run))]);

/** All runs, in the order in which they came, which gives them their colours: those stay whatever comes, or is renamed. */
export const runs: ReadonlySignal<readonly Run[]> = computed(() => {
  const [hidden, solo, names, colors] = [
    chosen.hidden.value,
    chosen.solo.value,
    chosen.names.value,
    chosen.colors.value,
  ];
  return runNames.value.map((run, index): Run => {
    const name = names.get(run) ?? run;
    const listed = runMatcher.value.matches(run) || runMatcher.value.matches(name);
    const alone = solo === null || !runNames.value.includes(solo) ? !hidden.has(run) : run === solo;
    return { run, name, visible: listed && alone, ...styleOf(index, theme.value, colors.get(run)) };
  });
});

/** Runs that the search leaves, in the natural order of their names. */
export const listedRuns: ReadonlySignal<readonly Run[]> = computed(() =>
  runs.value
    .filter(({ run, name }) => runMatcher.value.matches(run) || runMatcher.value.matches(name))
    .sort((a, b) => naturalOrder(a.name, b.name)),
);

/** Runs by the names they came with. */
export const runByName: ReadonlySignal<ReadonlyMap<string, Run>> = computed(
  () => new Map(runs.value.map((run) => [run.run, run])),
);

const byTag: ReadonlySignal<ReadonlyMap<string, readonly CurveInfo[]>> = computed(() => {
  const all = new Map<string, CurveInfo[]>();
  for (const one of named.value) {
    const curves = all.get(one.tag);
    if (curves === undefined) all.set(one.tag, [one]);
    else curves.push(one);
  }
  return all;
});

/** Charts that the search leaves, in groups. */
export const groups: ReadonlySignal<readonly Group[]> = computed(() =>
  groupsOf([...byTag.value.keys()].filter((tag) => metricMatcher.value.matches(tag))),
);

/** How many charts there are, found or not. */
export const chartCount: ReadonlySignal<number> = computed(() => byTag.value.size);

/** A chart's curves of runs that are shown, each with its run, in the order of drawing. */
export function curvesOf(tag: string): readonly { readonly curve: number; readonly run: Run }[] {
  return (byTag.value.get(tag) ?? []).flatMap(({ curve, run }) => {
    const one = runByName.value.get(run);
    return one?.visible === true ? [{ curve, run: one }] : [];
  });
}
