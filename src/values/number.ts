import type { Plan } from '../options.js';
import { lerp } from '../recurrence/lerp.js';
import { missingValue, otherKind, type Carrier, type Smoother } from './smoother.js';
import { ageSlots, arraysOf, counts, emptySlot, miss, rateOf, seedSlot, SLOT, take, type Slot } from './slots.js';

export function numberSmoother(plan: Plan, slot: Slot): Smoother<number> {
  const { constant } = plan;
  return {
    step: () => slot.step,
    last() {
      return Number.isNaN(slot.last) ? undefined : slot.last;
    },
    update(x, readout) {
      if (typeof x !== 'number') throw otherKind('be a number, as the first one was', x);
      if (slot.weight === 1 && constant !== null && x - x === 0) {
        slot.step++; // W stays 1: nothing of `take` is left but this
        return (slot.last = slot.y = lerp(slot.y, x, constant.alpha));
      }
      if (counts(x, plan)) return take(slot, x, rateOf(plan, slot), plan, readout);
      if (plan.missing === 'throw') throw missingValue('the value', x);
      return miss(slot, x, plan);
    },
    age: () => ageSlots(plan, [slot]),
    again() {
      return this.last();
    },
    state: () => ({ scalars: {}, shadows: arraysOf(SLOT, [slot]) }),
  };
}

/** Numbers: one slot. */
export const numbers: Carrier<number> = {
  kind: 'number',
  accepts: (value): value is number => typeof value === 'number',
  begin(_first, plan) {
    const slot = emptySlot();
    if (plan.seed !== undefined) seedSlot(slot, plan.seed);
    return numberSmoother(plan, slot);
  },
};
