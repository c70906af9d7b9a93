import type { Plan } from '../options.js';
import { LAST, Y } from '../kernels/steps.js';
import { lerp } from '../recurrence/lerp.js';
import { STEP, W } from '../recurrence/weight.js';
import { ageTables, newRun, savedTables, tableOf, takeOne } from './slots.js';
import { missingValue, otherKind, type Carrier, type Smoother } from './smoother.js';

export function numberSmoother(plan: Plan, table: Float64Array): Smoother<number> {
  const { constant } = plan;
  const run = newRun(1);
  return {
    step: () => table[STEP]!,
    last() {
      const last = table[LAST]!;
      return Number.isNaN(last) ? undefined : last;
    },
    update(x, readout) {
      if (typeof x !== 'number') throw otherKind('be a number, as the first one was', x);
      if (table[W] === 1 && constant !== null && x - x === 0) {
        table[STEP]!++; // W stays 1: nothing of the law is left but this
        return (table[LAST] = table[Y] = lerp(table[Y]!, x, constant.alpha));
      }
      if (plan.missing === 'throw' && x - x !== 0) throw missingValue('the value', x);
      return takeOne(run, table, x, plan, readout === 'raw');
    },
    age: () => ageTables(plan, [table]),
    again() {
      return this.last();
    },
    state: () => ({ scalars: {}, shadows: savedTables(plan.law, [table]) }),
  };
}

/** Numbers: one slot. */
export const numbers: Carrier<number> = {
  kind: 'number',
  accepts: (value): value is number => typeof value === 'number',
  begin: (_first, plan) => numberSmoother(plan, tableOf(plan, plan.seed)),
};
