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
  type ArrowField,
  type ArrowSchema,
  type Rows,
} from './arrowData.js';
import { missingValue, otherKind, type Carrier, type Readout, type Smoother, type State } from './smoother.js';
import {
  ageSlots,
  copySlots,
  counts,
  emptySlots,
  miss,
  mostSteps,
  rateOf,
  seedSlot,
  take,
  type Slots,
} from './slots.js';

/** What follows from an input schema and the options alone. */
interface Layout {
  readonly input: ArrowSchema;
  readonly output: ArrowSchema;
  /** Index of each smoothed column in the input, and of where it goes in the output. */
  readonly from: readonly number[];
  readonly to: readonly number[];
}

export class BatchSmoother implements Smoother<ArrowBatch> {
  readonly #plan: Plan;
  readonly #names: readonly string[];
  readonly #types: readonly string[];
  #slots: Slots;
  #layout: Layout | null = null;
  #last: ArrowBatch | undefined;

  constructor(plan: Plan, names: readonly string[], types: readonly string[], slots: Slots) {
    this.#plan = plan;
    this.#names = names;
    this.#types = types;
    this.#slots = slots;
  }

  get step(): number {
    return mostSteps(this.#slots);
  }

  get last(): ArrowBatch | undefined {
    return this.#last;
  }

  update(batch: ArrowBatch, readout: Readout): ArrowBatch {
    if (!isBatch(batch)) throw otherKind('be an Arrow RecordBatch, as the first one was', batch);
    const layout = batch.schema === this.#layout?.input ? this.#layout : this.#follow(batch.schema);
    const slots = copySlots(this.#slots, this.#names.length); // this batch may yet fail: a null, a schedule
    const children = [...batch.data.children];
    layout.from.forEach((from, slot) => {
      const column = batch.data.children[from]!;
      const rows = rowsOf(column, batch.numRows);
      const nullable = layout.output.fields[layout.to[slot]!]!.nullable;
      const { values, nulls } = scan(
        rows,
        batch.numRows,
        slots,
        slot,
        this.#plan,
        readout,
        nullable,
        this.#names[slot]!,
      );
      children[layout.to[slot]!] = columnOf(column, values, nulls);
    });
    const out = batchOf(batch, layout.output, children);
    this.#slots = slots;
    this.#layout = layout;
    this.#last = out;
    return out;
  }

  /** The layout of another schema object; the smoothed columns must be those of the first. */
  #follow(schema: ArrowSchema): Layout {
    const { names, types } = columnsOf(schema, this.#plan);
    const [had, has] = [describe(this.#names, this.#types), describe(names, types)];
    if (had !== has)
      throw new SmoothingError(
        'SCHEMA_CHANGED',
        `the batch must have the columns of the first one (${had}), got ${has}`,
      );
    return layoutOf(schema, names, this.#plan);
  }

  age(): void {
    ageSlots(this.#plan, this.#slots);
  }

  again(): ArrowBatch | undefined {
    return this.#last;
  }

  state(): State {
    return {
      scalars: { columns: JSON.stringify(this.#names), types: JSON.stringify(this.#types) },
      shadows: { ...this.#slots },
    };
  }
}

/** One column through one slot. `nulls` marks rows that come out null, or is null if none does. */
function scan(
  rows: Rows,
  length: number,
  slots: Slots,
  slot: number,
  plan: Plan,
  readout: Readout,
  nullable: boolean,
  name: string,
): { values: Float64Array; nulls: Uint8Array | null } {
  const values = new Float64Array(length);
  let nulls: Uint8Array | null = null;
  for (let row = 0; row < length; row++) {
    const x = isValid(rows, row) ? rows.values[row]! : null;
    let out: number | null;
    if (x !== null && counts(x, plan)) {
      out = take(slots, slot, x, rateOf(plan, slots, slot), plan, readout);
      if (nullable && slots.weight[slot] === 0) out = null; // not yet
    } else {
      if (plan.missing === 'throw') throw missingValue(`row ${row} of column '${name}'`, x);
      out = miss(slots, slot, x, plan);
    }
    if (out === null) (nulls ??= new Uint8Array(length))[row] = 1;
    else values[row] = out;
  }
  return { values, nulls };
}

/** Names and types of the columns to smooth. */
function columnsOf(schema: ArrowSchema, plan: Plan): { names: readonly string[]; types: readonly string[] } {
  const names = plan.columns ?? schema.fields.filter(({ type }) => isFloat(type)).map(({ name }) => name);
  const types = names.map((name) => {
    const field = schema.fields.find((one) => one.name === name);
    if (field === undefined) {
      const known = schema.fields.map((one) => one.name).join(', ');
      throw new SmoothingError('COLUMN_MISSING', `columns must be among those of the batch (${known}), got '${name}'`);
    }
    if (!isFloat(field.type)) {
      throw new SmoothingError(
        'COLUMN_TYPE',
        `column '${name}' must be floating, got ${String(field.type)}: toFloat64('${name}') from rx-ema/arrow comes before`,
      );
    }
    return String(field.type);
  });
  if (names.length === 0) {
    const got = schema.fields.map((one) => `${one.name}: ${String(one.type)}`).join(', ');
    throw new SmoothingError('COLUMN_MISSING', `the batch must have a floating column, got ${got}`);
  }
  return { names, types };
}

function layoutOf(input: ArrowSchema, names: readonly string[], plan: Plan): Layout {
  const from = names.map((name) => input.fields.findIndex((field) => field.name === name));
  const fields: ArrowField[] = [...input.fields];
  const to = names.map((name, slot) => {
    const field = input.fields[from[slot]!]!;
    const out = plan.as?.(name) ?? name;
    const smoothed = field.clone({ name: out, nullable: field.nullable || plan.sma > 1 });
    if (plan.as === null) {
      fields[from[slot]!] = smoothed;
      return from[slot]!;
    }
    if (fields.some((one) => one.name === out)) {
      throw new SmoothingError('COLUMN_COLLISION', `as must give names not taken yet, got '${out}' for '${name}'`);
    }
    return fields.push(smoothed) - 1;
  });
  return { input, output: schemaOf(input, fields), from, to };
}

const describe = (names: readonly string[], types: readonly string[]): string =>
  names.map((name, i) => `${name}: ${types[i]}`).join(', ');

function seedColumns(plan: Plan, names: readonly string[], slots: Slots): void {
  if (plan.seed === undefined) return;
  if (!isBatch(plan.seed) || plan.seed.numRows !== 1) {
    throw new SmoothingError('OPTION_VALUE', 'start.value must be a RecordBatch of one row with the smoothed columns');
  }
  const { schema, data } = plan.seed;
  names.forEach((name, slot) => {
    const column = data.children[schema.fields.findIndex((field) => field.name === name)];
    const rows = column && isFloat(column.type) ? rowsOf(column, 1) : null;
    const value = rows !== null && isValid(rows, 0) ? rows.values[0]! : NaN;
    if (!Number.isFinite(value)) {
      throw new SmoothingError(
        'OPTION_VALUE',
        `start.value must have a finite value in floating column '${name}', got none`,
      );
    }
    seedSlot(slots, slot, value);
  });
}

/** Arrow record batches: a slot per column, a step per row. */
export const batches: Carrier<ArrowBatch> = {
  kind: 'batch',
  accepts: isBatch,
  begin(first, plan) {
    const { names, types } = columnsOf(first.schema, plan);
    const slots = emptySlots(names.length);
    seedColumns(plan, names, slots);
    return new BatchSmoother(plan, names, types, slots);
  },
};
