import { SmoothingError } from '../../errors.js';
import { didYouMean } from '../../options.js';
import { listed } from '../cli/listed.js';
import { UsageError } from '../cli/usageError.js';
import type { Series } from './series.js';

/**
 * The series that were asked for, in the order in which they were.
 *
 * @param paths - where they come from, for errors
 * @throws UsageError for a column that isn't there, and for an axis that the files don't have; SmoothingError if there is nothing
 */
export function chosen(
  all: readonly Series[],
  paths: readonly string[],
  { columns, x }: { readonly columns?: readonly string[]; readonly x: string },
): Series[] {
  const where = paths.join(', ');
  if (all.length === 0) throw new SmoothingError('COLUMN_MISSING', `there must be a metric in ${where}, got none`);
  const metrics = [...new Set(all.map(({ metric }) => metric))];
  const unknown = columns?.find((name) => !metrics.includes(name));
  if (unknown !== undefined) {
    const must = `--columns must name metrics of ${where} (${listed(metrics)})`;
    throw new UsageError(`${must}, got '${unknown}'${didYouMean(unknown, metrics)}`);
  }
  const series =
    columns === undefined
      ? [...all]
      : [...new Set(columns)].flatMap((name) => all.filter(({ metric }) => metric === name));
  if (x !== 'step' && series.every(({ atMs }) => atMs.every(Number.isNaN))) {
    throw new UsageError(`--x ${x} must come with files that say the time, got none in ${where}`);
  }
  return series;
}
