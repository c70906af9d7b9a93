import type { Plan } from '../options.js';
import { LAST, Y } from '../kernels/steps.js';
import { lerp } from '../recurrence/lerp.js';
import { STEP, W } from '../recurrence/weight.js';
import { comingOf } from './arrivals.js';
import { Series } from './series.js';
import { newRun, receive, tableOf, takeOne } from './slots.js';
import { missingValue, otherKind, type Carrier, type Smoother } from './smoother.js';

export function numberSmoother(plan: Plan, series: Series): Smoother<number> {
  const { constant } = plan;
  const { arrivals, tables } = series;
  const run = newRun(1);
  /** The one slot, where it is moved in place by one rate. */
  const only = arrivals === null && constant !== null ? tables[0]! : null;
  const alpha = constant?.alpha ?? 0;
  /** What came out last, of any key. */
  let shown = NaN;
  function any<X extends number | null | undefined>(x: X, raw: boolean): X | number {
    if (plan.missing === 'throw' && !Number.isFinite(x)) throw missingValue('the value', x);
    let out: X | number = x;
    series.take(arrivals && comingOf(plan, x), [], (arrived) => {
      receive(run, arrived, series.seeds[0]!);
      out = takeOne(run, tables[0]!, x, plan, raw);
    });
    if (run.gone[0] === 0) shown = out as number;
    return out;
  }

  return {
    step: () => series.step(),
    last() {
      const last = plan.by === null ? series.last(0) : shown;
      return Number.isNaN(last) ? undefined : last;
    },
    update(x, readout) {
      if (typeof x !== 'number') throw otherKind('be a number, as the first one was', x);
      if (only !== null && x - x === 0) {
        if (only[W] !== 1) return plan.law.take!(only, x, readout === 'raw');
        only[STEP]!++; // W stays 1: nothing of the law is left but this
        return (only[LAST] = only[Y] = lerp(only[Y]!, x, alpha));
      }
      return any(x, readout === 'raw');
    },
    miss: (value, readout) => (plan.time === null ? any(value, readout === 'raw') : value),
    age: () => series.age(),
    again() {
      return this.last();
    },
    parts: () => ({ series, scalars: {} }),
  };
}

/** Numbers: one slot, or one for every key. */
export const numbers: Carrier<number> = {
  kind: 'number',
  accepts: (value): value is number => typeof value === 'number',
  begin(_first, plan) {
    return numberSmoother(plan, new Series(plan, [tableOf(plan, plan.seed)]));
  },
};
