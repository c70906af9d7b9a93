import type { Plan } from '../options.js';
import { missingValue, otherKind, type Carrier, type Readout, type Smoother, type State } from './smoother.js';
import { ageSlots, counts, emptySlots, miss, mostSteps, rateOf, seedSlot, take, type Slots } from './slots.js';

export class NumberSmoother implements Smoother<number> {
  readonly #plan: Plan;
  readonly #slots: Slots;

  constructor(plan: Plan, slots: Slots) {
    this.#plan = plan;
    this.#slots = slots;
  }

  get step(): number {
    return mostSteps(this.#slots);
  }

  get last(): number | undefined {
    const last = this.#slots.last[0]!;
    return Number.isNaN(last) ? undefined : last;
  }

  update(x: number, readout: Readout): number {
    if (typeof x !== 'number') throw otherKind('be a number, as the first one was', x);
    const plan = this.#plan;
    const slots = this.#slots;
    if (counts(x, plan)) return take(slots, 0, x, rateOf(plan, slots, 0), plan, readout);
    if (plan.missing === 'throw') throw missingValue('the value', x);
    return miss(slots, 0, x, plan);
  }

  age(): void {
    ageSlots(this.#plan, this.#slots);
  }

  again(): number | undefined {
    return this.last;
  }

  state(): State {
    return { scalars: {}, shadows: { ...this.#slots } };
  }
}

/** Numbers: one slot. */
export const numbers: Carrier<number> = {
  kind: 'number',
  accepts: (value): value is number => typeof value === 'number',
  begin(first, plan) {
    const slots = emptySlots(1);
    const { seed } = plan;
    if (seed !== undefined) {
      if (typeof seed !== 'number') throw otherKind('be of the kind of start.value', first);
      seedSlot(slots, 0, seed);
    }
    return new NumberSmoother(plan, slots);
  },
};
