import type { Plan } from '../options.js';
import { lerp } from '../recurrence/lerp.js';
import { advance, age } from '../recurrence/weight.js';
import { missingValue, otherKind, type Carrier, type Readout, type Smoother, type State } from './smoother.js';
import { emptySlots, rateOf, readSlot, seedSlot, type Slots } from './slots.js';

export class NumberSmoother implements Smoother<number> {
  readonly lends = false;
  readonly #plan: Plan;
  readonly #slots: Slots;

  constructor(plan: Plan, slots: Slots) {
    this.#plan = plan;
    this.#slots = slots;
  }

  get step(): number {
    return this.#slots.step[0]!;
  }

  get last(): number | undefined {
    const last = this.#slots.last[0]!;
    return Number.isNaN(last) ? undefined : last;
  }

  update(x: number, readout: Readout): number {
    if (typeof x !== 'number') throw otherKind('be a number, as the first one was', x);
    const plan = this.#plan;
    if (x - x !== 0 && plan.missing !== 'propagate') return this.#missing(x);
    const slots = this.#slots;
    const gain = advance(slots, 0, rateOf(plan, slots, 0), plan);
    slots.y[0] = lerp(slots.y[0]!, x, gain);
    const out = readSlot(slots, 0, readout);
    slots.last[0] = out;
    return out;
  }

  #missing(x: number): number {
    if (this.#plan.missing === 'throw') throw missingValue('the value', x);
    if (this.#plan.ages) this.age();
    return this.#plan.missing === 'carry' ? (this.last ?? x) : x;
  }

  age(): void {
    age(this.#slots, 0, rateOf(this.#plan, this.#slots, 0));
  }

  again(): number | undefined {
    return this.last;
  }

  state(): State {
    return { scalars: {}, shadows: { ...this.#slots } };
  }

  release(): void {}
  dispose(): void {}
}

/** Numbers: one slot. */
export const numbers: Carrier<number> = {
  kind: 'number',
  accepts: (value): value is number => typeof value === 'number',
  begin(_first, plan) {
    const slots = emptySlots(1);
    if (plan.seed !== undefined) {
      if (typeof plan.seed !== 'number') throw otherKind('be of the kind of start.value', _first);
      seedSlot(slots, 0, plan.seed);
    }
    return new NumberSmoother(plan, slots);
  },
};
