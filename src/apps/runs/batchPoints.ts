import { DataType, type RecordBatch, type Vector } from 'apache-arrow';
import { lastValueFrom, takeWhile, tap, type Observable } from 'rxjs';

import { said } from '../../failure.js';
import type { Growing } from '../../sources/growingFile.js';
import type { MetricPoint } from '../dashboard/point.js';
import { axesOf } from './axesOf.js';
import type { PointIntake, PointReader } from './pointReader.js';
import { RowSteps } from './rowSteps.js';
import { wallMs } from './wallMs.js';

/** Whoever writes a file has it whole for as long at least. */
const SETTLED_MS = 1000;

/**
 * Reads the numbers in a file of batches as points, a row each; a null is no value. Such a file is written as a whole, so one
 * that is followed is read anew when it has changed; it may be that it is not whole until then.
 */
export function batchPoints(read: (path: string) => Observable<RecordBatch>): PointReader {
  return async (intake, growing) => {
    for (;;) {
      const problem = await readOnce(read(intake.path), intake);
      if (problem !== null && !growing.follow) intake.problem(problem);
      if (!growing.follow || intake.closed) return;
      await changed(growing, () => problem !== null && intake.problem(problem));
      if (intake.closed) return;
    }
  };
}

/** What is wrong with the file, or null. */
async function readOnce(batch$: Observable<RecordBatch>, intake: PointIntake): Promise<string | null> {
  const steps = new RowSteps();
  const points$ = batch$.pipe(
    takeWhile(() => !intake.closed),
    tap((batch) => intake.add(pointsOf(batch, steps, intake.run))),
  );
  try {
    await lastValueFrom(points$, { defaultValue: null });
    return null;
  } catch (error) {
    return said(error);
  }
}

/** @param settled - is called where nothing changes for a second */
async function changed({ changes }: Growing, settled: () => void): Promise<void> {
  const timer = setTimeout(settled, SETTLED_MS);
  await changes.next(null);
  clearTimeout(timer);
}

function pointsOf(batch: RecordBatch, steps: RowSteps, run: string): MetricPoint[] {
  const fields = batch.schema.fields;
  const axes = axesOf(fields.map(({ name }) => name));
  const column = (name: string | null): Vector | null => (name === null ? null : batch.getChild(name));
  const [step, time] = [column(axes.step), column(axes.time)];
  const metrics = fields.flatMap(({ name, type }) =>
    axes.metrics.includes(name) && (DataType.isFloat(type) || DataType.isInt(type))
      ? [[name, batch.getChild(name)!] as const]
      : [],
  );
  const points: MetricPoint[] = [];
  for (let row = 0; row < batch.numRows; row++) {
    const at = steps.next(number(step?.get(row)));
    const values: Record<string, number> = {};
    let isEmpty = true;
    for (const [name, vector] of metrics) {
      const value = number(vector.get(row));
      if (value === null) continue;
      values[name] = value;
      isEmpty = false;
    }
    if (!isEmpty) points.push({ run, step: at, atMs: wallMs(time?.get(row)), values });
  }
  return points;
}

function number(value: unknown): number | null {
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'number' ? value : null;
}
