import { SmoothingError } from '../errors.js';
import type { Plan } from '../options.js';
import { kindOf, missingValue, otherKind, type Carrier, type Readout, type Smoother, type State } from './smoother.js';
import {
  ageSlots,
  copySlots,
  counts,
  emptySlots,
  miss,
  mostSteps,
  scheduledRates,
  seedSlot,
  take,
  type Slots,
} from './slots.js';
import { isTensor } from './tensorOps.js';

type Fields = Readonly<Record<string, unknown>>;

/** The columns so far, and where one set of keys has them; kept while records look alike. */
interface Layout {
  readonly names: readonly string[];
  readonly outNames: readonly string[];
  readonly slots: Slots;
  readonly keys: readonly string[];
  /** Slot of each key, −1 where it passes through. */
  readonly slotOf: readonly number[];
  /** Slots of columns that these records lack. */
  readonly absent: readonly number[];
}

export class RecordSmoother implements Smoother<Fields> {
  readonly #plan: Plan;
  #layout: Layout;
  #last: Fields | undefined;

  constructor(plan: Plan, names: readonly string[], slots: Slots) {
    this.#plan = plan;
    this.#layout = {
      names,
      outNames: names.map((name) => plan.as?.(name) ?? name),
      slots,
      keys: [],
      slotOf: [],
      absent: [],
    };
  }

  get step(): number {
    return mostSteps(this.#layout.slots);
  }

  get last(): Fields | undefined {
    if (this.#last === undefined && this.step > 0) {
      const { outNames, slots } = this.#layout;
      this.#last = Object.fromEntries(outNames.map((name, slot) => [name, slots.last[slot]!]));
    }
    return this.#last;
  }

  update(value: Fields, readout: Readout): Fields {
    if (!isRecord(value)) throw otherKind('be a record, as the first one was', value);
    const plan = this.#plan;
    const layout = this.#fits(value) ? this.#layout : this.#layoutOf(value);
    const { keys, slotOf, absent, outNames, slots } = layout;
    for (let i = 0; i < keys.length; i++) {
      if (slotOf[i]! >= 0) checkField(keys[i]!, value[keys[i]!], plan);
    }
    if (absent.length > 0) checkField(layout.names[absent[0]!]!, undefined, plan);
    const rates = scheduledRates(plan, slots);
    this.#layout = layout; // nothing throws from here on
    const out: Record<string, unknown> = { ...value };
    for (let i = 0; i < keys.length; i++) {
      const slot = slotOf[i]!;
      if (slot < 0) continue;
      const x = value[keys[i]!];
      const rate = rates?.[slot] ?? plan.constant!;
      out[outNames[slot]!] =
        typeof x === 'number' && counts(x, plan)
          ? take(slots, slot, x, rate, plan, readout)
          : miss(slots, slot, x, plan, rate);
    }
    for (const slot of absent) {
      const carried = miss(slots, slot, undefined, plan, rates?.[slot]);
      if (carried !== undefined) out[outNames[slot]!] = carried;
    }
    this.#last = out;
    return out;
  }

  /** True if the record has the layout's keys in its order, and nothing new became a number. */
  #fits(value: Fields): boolean {
    const { keys, slotOf } = this.#layout;
    let i = 0;
    for (const key in value) {
      if (key !== keys[i]) return false;
      if (slotOf[i]! < 0 && this.#plan.columns === null && typeof value[key] === 'number') return false;
      i++;
    }
    return i === keys.length && i > 0;
  }

  #layoutOf(value: Fields): Layout {
    const { columns, as } = this.#plan;
    const had = this.#layout;
    const keys = Object.keys(value);
    const fresh = keys.filter((key) => columns === null && typeof value[key] === 'number' && !had.names.includes(key));
    const names = [...had.names, ...fresh];
    const outNames = [...had.outNames, ...fresh.map((name) => as?.(name) ?? name)];
    if (as !== null) checkNames(names, outNames, keys);
    const slots = fresh.length === 0 ? had.slots : copySlots(had.slots, names.length);
    for (const name of fresh) seedField(this.#plan, slots, names.indexOf(name), name);
    const slotOf = keys.map((key) => names.indexOf(key));
    const absent = [...names.keys()].filter((slot) => !slotOf.includes(slot));
    return { names, outNames, slots, keys, slotOf, absent };
  }

  age(): void {
    ageSlots(this.#plan, this.#layout.slots);
  }

  again(): Fields | undefined {
    return this.last === undefined ? undefined : { ...this.last };
  }

  state(): State {
    const { names, slots } = this.#layout;
    return { scalars: { columns: JSON.stringify(names) }, shadows: { ...slots } };
  }
}

/** Throws if a column's field is no number, or missing where the plan forbids it. */
function checkField(name: string, x: unknown, { missing }: Plan): void {
  if (typeof x === 'number' ? x - x === 0 || missing !== 'throw' : x == null && missing !== 'throw') return;
  if (typeof x === 'number' || x == null) throw missingValue(`field '${name}'`, x);
  throw new SmoothingError('VALUE_KIND', `field '${name}' must be a number, got ${kindOf(x)}`);
}

function checkNames(names: readonly string[], outNames: readonly string[], keys: readonly string[]): void {
  outNames.forEach((out, i) => {
    if (typeof out !== 'string')
      throw new SmoothingError('OPTION_VALUE', `as must return a string, got ${kindOf(out)} for '${names[i]}'`);
    if (out !== names[i] && (keys.includes(out) || names.includes(out) || outNames.indexOf(out) !== i)) {
      throw new SmoothingError('COLUMN_COLLISION', `as must give names not taken yet, got '${out}' for '${names[i]}'`);
    }
  });
}

function seedField(plan: Plan, slots: Slots, slot: number, name: string): void {
  if (plan.seed === undefined) return;
  const value = isRecord(plan.seed) ? plan.seed[name] : undefined;
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new SmoothingError(
      'OPTION_VALUE',
      `start.value must have a finite number for '${name}', got ${String(value)}`,
    );
  }
  seedSlot(slots, slot, value);
}

/** Objects with fields: not arrays, tensors, maps or dates. */
export function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && Object.prototype.toString.call(value) === '[object Object]';
}

/** Records: a slot per number field. */
export const records: Carrier<Fields> = {
  kind: 'record',
  accepts: isRecord,
  begin(first, plan) {
    const fields = Object.values(first);
    if (
      plan.columns === null &&
      !fields.some((x) => typeof x === 'number') &&
      fields.some((x) => isTensor(x) || ArrayBuffer.isView(x))
    ) {
      throw otherKind('have number fields (weights by name go through modelEma)', first);
    }
    const names = plan.columns ?? [];
    const slots = emptySlots(names.length);
    names.forEach((name, slot) => seedField(plan, slots, slot, name));
    return new RecordSmoother(plan, names, slots);
  },
};
