import { shown, SmoothingError } from '../errors.js';
import type { Plan } from '../options.js';
import { missingValue, otherKind, type Carrier, type Smoother } from './smoother.js';
import {
  ageSlots,
  arraysOf,
  checkAppended,
  counts,
  emptySlot,
  emptySlots,
  miss,
  mostSteps,
  scheduledRates,
  seedSlot,
  SLOT,
  take,
  type Slot,
} from './slots.js';
import { isTensor } from './tensorOps.js';

type Fields = Readonly<Record<string, unknown>>;

/** The columns so far, and where one set of keys has them; kept while records look alike. */
interface Layout {
  readonly names: readonly string[];
  readonly outNames: readonly string[];
  readonly slots: readonly Slot[];
  readonly keys: readonly string[];
  /** Slot of each key, −1 where it passes through. */
  readonly slotOf: readonly number[];
  /** Slots of columns that these records lack. */
  readonly absent: readonly number[];
}

export function recordSmoother(plan: Plan, names: readonly string[], slots: readonly Slot[]): Smoother<Fields> {
  const outNames = names.map((name) => plan.as?.(name) ?? name);
  let layout: Layout = { names, outNames, slots, keys: [], slotOf: [], absent: [] };
  let last: Fields | undefined;
  return {
    step: () => mostSteps(layout.slots),
    last() {
      if (last === undefined && this.step() > 0) {
        last = Object.fromEntries(layout.outNames.map((name, slot) => [name, layout.slots[slot]!.last]));
      }
      return last;
    },
    update(value, readout) {
      let values = valuesOf(layout, value, plan);
      const next = values === null ? layoutOf(layout, value, plan) : layout;
      values ??= next.keys.map((key) => value[key]);
      checkFields(next, values, plan);
      const { slots, slotOf, outNames } = next;
      const rates = scheduledRates(plan, slots);
      layout = next; // nothing throws from here on
      const out: Record<string, unknown> = { ...value };
      for (let i = 0; i < values.length; i++) {
        const slot = slotOf[i]!;
        if (slot < 0) continue;
        const x = values[i];
        const rate = rates?.[slot] ?? plan.constant!;
        out[outNames[slot]!] =
          typeof x === 'number' && counts(x, plan)
            ? take(slots[slot]!, x, rate, plan, readout)
            : miss(slots[slot]!, x, plan, rate);
      }
      for (const slot of next.absent) {
        const carried = miss(slots[slot]!, undefined, plan, rates?.[slot]);
        if (carried !== undefined) out[outNames[slot]!] = carried;
      }
      last = plan.missing === 'carry' ? { ...out } : out; // what is emitted is the receiver's to change
      return out;
    },
    age: () => ageSlots(plan, layout.slots),
    again() {
      return this.last() && { ...this.last() };
    },
    state: () => ({ scalars: { columns: JSON.stringify(layout.names) }, shadows: arraysOf(SLOT, layout.slots) }),
  };
}

/** The fields, or null unless they are the layout's in its order, and nothing new became a number. */
function valuesOf({ keys, slotOf }: Layout, value: Fields, { columns }: Plan): unknown[] | null {
  const values: unknown[] = [];
  for (const key in value) {
    const i = values.length;
    const x = value[key];
    if (key !== keys[i] || (slotOf[i]! < 0 && columns === null && typeof x === 'number')) return null;
    values.push(x);
  }
  return values.length === keys.length && values.length > 0 ? values : null;
}

/** The layout for another set of keys; number fields that are new get a slot, unless `columns` says what to smooth. */
function layoutOf(had: Layout, value: Fields, plan: Plan): Layout {
  if (!isRecord(value)) throw otherKind('be a record, as the first one was', value);
  const keys = Object.keys(value);
  const { columns, as } = plan;
  const fresh = keys.filter((key) => columns === null && typeof value[key] === 'number' && !had.names.includes(key));
  const names = [...had.names, ...fresh];
  const outNames = [...had.outNames, ...fresh.map((name) => as?.(name) ?? name)];
  if (as !== null) checkAppended(outNames, [...keys, ...names]);
  const slots = [...had.slots, ...fresh.map(emptySlot)];
  seedFields(plan, slots, names, fresh);
  const slotOf = keys.map((key) => names.indexOf(key));
  const absent = [...names.keys()].filter((slot) => !slotOf.includes(slot));
  return { names, outNames, slots, keys, slotOf, absent };
}

/** Throws if a column's field is no number, or missing where the plan forbids it. */
function checkFields({ keys, slotOf, names, absent }: Layout, values: readonly unknown[], plan: Plan): void {
  for (let i = 0; i < keys.length; i++) {
    if (slotOf[i]! >= 0) checkField(keys[i]!, values[i], plan);
  }
  if (absent.length > 0) checkField(names[absent[0]!]!, undefined, plan);
}

function checkField(name: string, x: unknown, { missing }: Plan): void {
  if (x != null && typeof x !== 'number') {
    throw new SmoothingError('VALUE_KIND', `field '${name}' must be a number, got ${shown(x)}`);
  }
  if (missing === 'throw' && !Number.isFinite(x)) throw missingValue(`field '${name}'`, x);
}

/** Columns start at the fields of a record, if one is given. */
function seedFields({ seed }: Plan, slots: readonly Slot[], names: readonly string[], fresh: readonly string[]): void {
  if (seed === undefined) return;
  const values = isRecord(seed) ? seed : {};
  for (const name of fresh) seedSlot(slots[names.indexOf(name)]!, values[name], name);
}

/** Objects with fields: not dates, nor what iterates (arrays, maps, Arrow's batches and tables), nor tensors. */
function isRecord(value: unknown): value is Fields {
  return {}.toString.call(value) === '[object Object]' && !(Symbol.iterator in (value as Fields)) && !isTensor(value);
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
      throw otherKind('have number fields (weights go through modelEma)', first);
    }
    const names = plan.columns ?? [];
    const slots = emptySlots(names.length);
    seedFields(plan, slots, names, names);
    return recordSmoother(plan, names, slots);
  },
};
