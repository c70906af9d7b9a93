import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { figureOf, type FigureOptions } from '../../../../src/apps/plot/figureOf.js';
import type { Figure } from '../../../../src/apps/plot/figure.js';
import type { Series } from '../../../../src/apps/plot/series.js';
import { smoothingOf } from '../../../../src/apps/plot/smoothing.js';
import { ROOT } from '../../../support/workspace.js';

/** A figure of these series by step, smoothed with a half-life of 20 values. */
export function figureFrom(series: readonly Series[], options: Partial<FigureOptions> = {}): Figure {
  const smoothing = smoothingOf({ halfLife: 20 });
  return figureOf(series, {
    title: 'a run',
    smoothing,
    byRun: false,
    x: 'step',
    logX: false,
    logY: false,
    band: false,
    ...options,
  });
}

/** A series by step, from 1. */
export function seriesOf(run: string, metric: string, values: ArrayLike<number>): Series {
  const step = Float64Array.from(values, (_, i) => i + 1);
  return { run, metric, step, atMs: step.map((one) => 1e12 + 1000 * one), values: Float64Array.from(values) };
}

/** A column of the PyTorch run, whose loss is NaN at steps 200 and 201. */
export function runColumn(name: string): Float64Array {
  const [head, ...rows] = readFileSync(join(ROOT, 'examples/data/run.csv'), 'utf8').trimEnd().split(/\r?\n/);
  const at = head!.split(',').indexOf(name);
  return Float64Array.from(rows, (row) => Number(row.split(',')[at] || NaN));
}
