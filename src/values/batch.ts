import { SmoothingError } from '../errors.js';
import type { Plan } from '../options.js';
import {
  batchOf,
  columnOf,
  isBatch,
  isFloat,
  isValid,
  rowsOf,
  schemaOf,
  type ArrowBatch,
  type ArrowSchema,
  type Rows,
} from './arrowData.js';
import { missingValue, otherKind, type Carrier, type Readout, type Smoother } from './smoother.js';
import {
  ageSlots,
  arraysOf,
  checkAppended,
  counts,
  emptySlot,
  emptySlots,
  miss,
  mostSteps,
  rateOf,
  seedSlot,
  SLOT,
  take,
  type Slot,
} from './slots.js';

/** What follows from an input schema and the options alone. */
interface Layout {
  readonly input: ArrowSchema;
  readonly output: ArrowSchema;
  /** The smoothed columns: names, and as `name: type`. */
  readonly names: readonly string[];
  readonly columns: readonly string[];
  /** Index of each in the input, and of where it goes in the output. */
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** @param columns - a slot each, as `name: type` */
export function batchSmoother(plan: Plan, columns: readonly string[], slots: readonly Slot[]): Smoother<ArrowBatch> {
  let layout: Layout | null = null;
  let last: ArrowBatch | undefined;
  return {
    step: () => mostSteps(slots),
    last() {
      return last;
    },
    update(batch, readout) {
      if (!isBatch(batch)) throw otherKind('be a RecordBatch, as the first one was', batch);
      const next = batch.schema === layout?.input ? layout : checkedLayout(batch.schema, plan, columns);
      const moved = slots.map((slot) => Object.assign(emptySlot(), slot)); // this batch may yet fail: a null, a schedule
      const children = [...batch.data.children];
      next.from.forEach((from, slot) => {
        const to = next.to[slot]!;
        const column = batch.data.children[from]!;
        const rows = rowsOf(column, batch.numRows);
        const { nullable } = next.output.fields[to]!;
        const { values, nulls } = scan(rows, moved[slot]!, plan, readout, nullable, next.names[slot]!);
        children[to] = columnOf(column, values, nulls);
      });
      last = batchOf(batch, next.output, children);
      slots = moved;
      layout = next;
      return last;
    },
    age: () => ageSlots(plan, slots),
    again: () => last,
    state: () => ({ scalars: { columns: JSON.stringify(columns) }, shadows: arraysOf(SLOT, slots) }),
  };
}

/** The layout of a schema, whose smoothed columns must be those of the first. */
function checkedLayout(schema: ArrowSchema, plan: Plan, columns: readonly string[]): Layout {
  const layout = layoutOf(schema, plan);
  const [had, has] = [columns.join(', '), layout.columns.join(', ')];
  if (had === has) return layout;
  throw new SmoothingError('SCHEMA_CHANGED', `the columns must be ${had}, got ${has}`);
}

/** One column through one slot. `nulls` marks rows that come out null, or is null if none does. */
function scan(
  rows: Rows,
  slot: Slot,
  plan: Plan,
  readout: Readout,
  nullable: boolean,
  name: string,
): { values: Float64Array; nulls: Uint8Array | null } {
  const { length } = rows;
  const values = new Float64Array(length);
  let nulls: Uint8Array | null = null;
  for (let row = 0; row < length; row++) {
    const x = isValid(rows, row) ? rows.values[row]! : null;
    let out: number | null;
    if (x !== null && counts(x, plan)) {
      out = take(slot, x, rateOf(plan, slot), plan, readout);
      if (nullable && slot.weight === 0) out = null; // not yet
    } else {
      if (plan.missing === 'throw') throw missingValue(`row ${row} of column '${name}'`, x);
      out = miss(slot, x, plan);
    }
    if (out === null) (nulls ??= new Uint8Array(length))[row] = 1;
    else values[row] = out;
  }
  return { values, nulls };
}

function layoutOf(input: ArrowSchema, plan: Plan): Layout {
  const known = input.fields.map(({ name }) => name);
  const from =
    plan.columns?.map((name) => known.indexOf(name)) ?? [...known.keys()].filter((i) => isFloat(input.fields[i]!.type));
  const names = plan.columns ?? from.map((i) => known[i]!);
  const missing = names[from.indexOf(-1)] ?? (names.length === 0 ? 'no floating column' : null);
  if (missing !== null) {
    throw new SmoothingError('COLUMN_MISSING', `columns must be among ${known.join(', ')}, got ${missing}`);
  }
  const fields = [...input.fields];
  const appended: string[] = [];
  const to = from.map((at) => {
    const field = input.fields[at]!;
    const { name, nullable, type } = field;
    if (!isFloat(type)) {
      const how = `toFloat64('${name}') from rx-ema/arrow comes before`;
      throw new SmoothingError('COLUMN_TYPE', `column '${name}' must be floating, got ${type.toString()}: ${how}`);
    }
    const out = plan.as?.(name) ?? name;
    const smoothed = field.clone({ name: out, nullable: nullable || plan.sma > 1 });
    if (plan.as !== null) {
      appended.push(out);
      return fields.push(smoothed) - 1;
    }
    fields[at] = smoothed;
    return at;
  });
  checkAppended(appended, known);
  const columns = from.map((at) => `${known[at]}: ${input.fields[at]!.type.toString()}`);
  return { input, output: schemaOf(input, fields), names, columns, from, to };
}

/** What a batch of one row has in a floating column; null where there is no such thing. */
function seedOf(seed: unknown, name: string): number | null {
  if (!isBatch(seed) || seed.numRows !== 1) return null;
  const column = seed.data.children[seed.schema.fields.findIndex((field) => field.name === name)];
  const rows = column !== undefined && isFloat(column.type) ? rowsOf(column, 1) : null;
  return rows !== null && isValid(rows, 0) ? rows.values[0]! : null;
}

/** Arrow record batches: a slot per column, a step per row. */
export const batches: Carrier<ArrowBatch> = {
  kind: 'batch',
  accepts: isBatch,
  begin(first, plan) {
    const { names, columns } = layoutOf(first.schema, plan);
    const slots = emptySlots(names.length);
    if (plan.seed !== undefined) names.forEach((name, i) => seedSlot(slots[i]!, seedOf(plan.seed, name), name));
    return batchSmoother(plan, columns, slots);
  },
};
