import { SmoothingError } from '../errors.js';
import type { Plan } from '../options.js';
import { lerp } from '../recurrence/lerp.js';
import { advance, age, type Rate } from '../recurrence/weight.js';
import { kindOf, missingValue, otherKind, type Carrier, type Readout, type Smoother, type State } from './smoother.js';
import { copySlots, emptySlots, rateOf, readSlot, seedSlot, type Slots } from './slots.js';
import { isTensor } from './tensorOps.js';

type Fields = Readonly<Record<string, unknown>>;

/** The slots of one set of keys, in the keys' order; kept while records look alike. */
interface Layout {
  readonly keys: readonly string[];
  /** Slot of each key, −1 where it passes through. */
  readonly slotOf: readonly number[];
  /** Slots of fields seen before that these records lack. */
  readonly absent: readonly number[];
}

export class RecordSmoother implements Smoother<Fields> {
  readonly lends = false;
  readonly #plan: Plan;
  #names: string[];
  #outNames: string[];
  #slots: Slots;
  #layout: Layout = { keys: [], slotOf: [], absent: [] };
  #last: Fields | undefined;

  constructor(plan: Plan, names: readonly string[], slots: Slots) {
    this.#plan = plan;
    this.#names = [...names];
    this.#outNames = names.map((name) => plan.as?.(name) ?? name);
    this.#slots = slots;
  }

  get step(): number {
    return this.#slots.step.reduce((a, b) => Math.max(a, b), 0);
  }

  get last(): Fields | undefined {
    if (this.#last === undefined && this.step > 0) {
      this.#last = Object.fromEntries(this.#outNames.map((name, slot) => [name, this.#slots.last[slot]!]));
    }
    return this.#last;
  }

  update(value: Fields, readout: Readout): Fields {
    if (!isRecord(value)) throw otherKind('be a record, as the first one was', value);
    if (!this.#fits(value)) this.#relayout(value);
    const { keys, slotOf, absent } = this.#layout;
    const plan = this.#plan;
    const rates = this.#checked(value);
    const out: Record<string, unknown> = { ...value };
    for (let i = 0; i < keys.length; i++) {
      const slot = slotOf[i]!;
      if (slot >= 0)
        out[this.#outNames[slot]!] = this.#take(slot, value[keys[i]!], rates?.[slot] ?? plan.constant!, readout);
    }
    for (const slot of absent) {
      if (plan.ages) age(this.#slots, slot, rates?.[slot] ?? plan.constant!);
      const last = this.#slots.last[slot]!;
      if (plan.missing === 'carry' && !Number.isNaN(last)) out[this.#outNames[slot]!] = last;
    }
    this.#last = out;
    return out;
  }

  #take(slot: number, x: unknown, rate: Rate, readout: Readout): unknown {
    const slots = this.#slots;
    if (typeof x === 'number' && (x - x === 0 || this.#plan.missing === 'propagate')) {
      slots.y[slot] = lerp(slots.y[slot]!, x, advance(slots, slot, rate, this.#plan));
      return (slots.last[slot] = readSlot(slots, slot, readout));
    }
    if (this.#plan.ages) age(slots, slot, rate);
    const last = slots.last[slot]!;
    return this.#plan.missing === 'carry' && !Number.isNaN(last) ? last : x;
  }

  /** Throws what this record would throw, before anything moves. Returns each slot's rate under a schedule. */
  #checked(value: Fields): readonly Rate[] | null {
    const { keys, slotOf, absent } = this.#layout;
    const { missing, constant } = this.#plan;
    for (let i = 0; i < keys.length; i++) {
      if (slotOf[i]! < 0) continue;
      const x = value[keys[i]!];
      if (typeof x === 'number' ? missing === 'throw' && x - x !== 0 : true) checkField(keys[i]!, x, missing);
    }
    if (missing === 'throw' && absent.length > 0) throw missingValue(`field '${this.#names[absent[0]!]}'`, undefined);
    return constant === null ? this.#names.map((_, slot) => rateOf(this.#plan, this.#slots, slot)) : null;
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

  #relayout(value: Fields): void {
    const keys = Object.keys(value);
    const { columns, as } = this.#plan;
    const fresh = keys.filter(
      (key) => !this.#names.includes(key) && columns === null && typeof value[key] === 'number',
    );
    const names = [...this.#names, ...fresh];
    const outNames = [...this.#outNames, ...fresh.map((name) => as?.(name) ?? name)];
    if (as !== null) checkNames(names, outNames, keys);
    const slots = fresh.length === 0 ? this.#slots : copySlots(this.#slots, names.length);
    for (const name of fresh) seedField(this.#plan, slots, names.indexOf(name), name);
    const slotOf = keys.map((key) => names.indexOf(key));
    const absent = names.map((_, slot) => slot).filter((slot) => !slotOf.includes(slot));
    [this.#names, this.#outNames, this.#slots] = [names, outNames, slots];
    this.#layout = { keys, slotOf, absent };
  }

  age(): void {
    const rates = this.#names.map((_, slot) => rateOf(this.#plan, this.#slots, slot));
    rates.forEach((rate, slot) => age(this.#slots, slot, rate));
  }

  again(): Fields | undefined {
    return this.last === undefined ? undefined : { ...this.last };
  }

  state(): State {
    return { scalars: { columns: JSON.stringify(this.#names) }, shadows: { ...this.#slots } };
  }

  release(): void {}
  dispose(): void {}
}

/** Throws if a field that is not a finite number may not be taken. */
function checkField(name: string, x: unknown, missing: Plan['missing']): void {
  if (typeof x !== 'number' && x !== null && x !== undefined) {
    throw new SmoothingError('VALUE_KIND', `field '${name}' must be a number, got ${kindOf(x)}`);
  }
  if (missing === 'throw') throw missingValue(`field '${name}'`, x);
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
