import { isAxisName, isStepName, isTimeName } from '../axisColumns.js';

/** What the columns of a table are to a run's curves. */
export interface Axes {
  /** The column that counts steps; null if the rows are to be counted. */
  readonly step: string | null;
  /** The column that says when; null for none. */
  readonly time: string | null;
  /** The others that may be measurements: neither times nor keys. */
  readonly metrics: readonly string[];
}

/** Names of the last part of a step column, the finest count of a run first. */
const FINEST_FIRST = [/^_?global_steps?$/, /^_?steps?$/, /timesteps$|^env_steps?$/, /^iter(ations?)?$/, /^epochs?$/];
const EPOCH = FINEST_FIRST.at(-1)!;
/** Counts that begin anew in each epoch. */
const BATCH = /^batch(_idx)?$/;

/**
 * Chooses the axes among the names of a table's columns. Step before iteration before epoch; an epoch that has several rows,
 * one for each batch, counts nothing that a curve could be drawn over, and the rows are counted.
 */
export function axesOf(names: readonly string[]): Axes {
  const steps = names.filter((name) => isStepName(name));
  const [step = null] = FINEST_FIRST.flatMap((pattern) => steps.filter((name) => pattern.test(last(name))));
  const isRepeated = step !== null && EPOCH.test(last(step)) && steps.some((name) => BATCH.test(last(name)));
  const x = isRepeated ? null : step;
  const time = names.find((name) => isTimeName(name)) ?? null;
  const metrics = names.filter((name) => name !== x && (isStepName(name) || !isAxisName(name)));
  return { step: x, time, metrics };
}

function last(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_')
    .replace(/^.*\//, '');
}
