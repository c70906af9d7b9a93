import type { Plan } from '../options.js';
import { missingValue, otherKind, type Carrier, type Smoother } from './smoother.js';
import { ageSlots, counts, emptySlots, miss, mostSteps, rateOf, seedSlot, take, type Slots } from './slots.js';

export function numberSmoother(plan: Plan, slots: Slots): Smoother<number> {
  return {
    step: () => mostSteps(slots),
    last() {
      const last = slots.last[0]!;
      return Number.isNaN(last) ? undefined : last;
    },
    update(x, readout) {
      if (typeof x !== 'number') throw otherKind('be a number, as the first one was', x);
      if (counts(x, plan)) return take(slots, 0, x, rateOf(plan, slots, 0), plan, readout);
      if (plan.missing === 'throw') throw missingValue('the value', x);
      return miss(slots, 0, x, plan);
    },
    age: () => ageSlots(plan, slots),
    again() {
      return this.last();
    },
    state: () => ({ scalars: {}, shadows: { ...slots } }),
  };
}

/** Numbers: one slot. */
export const numbers: Carrier<number> = {
  kind: 'number',
  accepts: (value): value is number => typeof value === 'number',
  begin(_first, plan) {
    const slots = emptySlots(1);
    if (plan.seed !== undefined) seedSlot(slots, 0, plan.seed);
    return numberSmoother(plan, slots);
  },
};
