import type { Run } from '../kernels/law.js';
import type { Plan } from '../options.js';
import { beginAppender } from './appended.js';
import { columnOf, freshFloats, hasNulls, sameNulls, type ArrowBatch } from './arrowData.js';
import { runOf } from './batch.js';
import { checkAppended } from './slots.js';
import type { Smoother } from './smoother.js';

/**
 * Record batches as they came, with the averages of their columns at every horizon behind.
 *
 * @param plan - its law is a bank's
 * @param horizons - as they were given
 * @param as - what the column of a horizon is called
 */
export function bankSmoother(
  first: ArrowBatch,
  plan: Plan,
  horizons: readonly number[],
  as: (column: string, horizon: number) => string,
): Smoother<ArrowBatch> {
  const runs = new Map<string, Run>();
  return beginAppender(first, plan, {
    columns: null,
    perRun: 1,
    fields([like]) {
      const names = horizons.map((horizon) => as(like!.name, horizon));
      checkAppended(names, []); // fields would make text of what is none
      return names.map((name) => like!.clone({ name }));
    },
    run([data], rows, [name]) {
      const run = runOf(data!, rows, plan, name!, runs.get(name!));
      runs.set(name!, run);
      const Floats = run.out instanceof Float32Array ? Float32Array : Float64Array;
      run.outs = horizons.map((_, i) => (i === 0 ? run.out : freshFloats(Floats, rows)));
      return run;
    },
    write({ outs, ...run }, _lacking, [like], fields) {
      const nulls = run.rows > 0 && hasNulls(like!) ? sameNulls(like!, run.rows) : null;
      return fields.map(({ nullable }, i) => {
        const column = columnOf(like!, { ...run, out: outs![i]! }, 0, nullable, plan);
        if (nulls === null) return column;
        const bitmap = nulls.bitmap!.slice();
        return column.clone(column.type, 0, run.rows, nulls.count, [undefined, column.values, bitmap]);
      });
    },
  });
}
