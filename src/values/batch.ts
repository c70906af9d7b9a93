import { SmoothingError } from '../errors.js';
import type { Run } from '../kernels/law.js';
import type { Plan } from '../options.js';
import {
  batchOf,
  columnOf,
  freshDoubles,
  isBatch,
  isFloat,
  isNull,
  rowsOf,
  schemaOf,
  type ArrowBatch,
  type ArrowData,
  type ArrowSchema,
} from './arrowData.js';
import { missingValue, otherKind, type Carrier, type Smoother } from './smoother.js';
import { ageTables, checkAppended, mostSteps, savedTables, tableOf, transact } from './slots.js';

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

/** @param columns - a table each, as `name: type` */
export function batchSmoother(
  plan: Plan,
  columns: readonly string[],
  tables: readonly Float64Array[],
): Smoother<ArrowBatch> {
  let layout: Layout | null = null;
  let last: ArrowBatch | undefined;
  return {
    step: () => mostSteps(plan.law, tables),
    last() {
      return last;
    },
    update(batch, readout) {
      if (!isBatch(batch)) throw otherKind('be a RecordBatch, as the first one was', batch);
      const next = batch.schema === layout?.input ? layout : checkedLayout(batch.schema, plan, columns);
      const runs = next.from.map((from, i) => runOf(batch.data.children[from]!, batch.numRows, plan, next.names[i]!));
      transact(plan, tables, (moved) => runs.forEach((run, i) => plan.law.scan(moved[i]!, run, readout === 'raw')));
      const children = [...batch.data.children];
      next.from.forEach((from, i) => {
        const to = next.to[i]!;
        children[to] = columnOf(batch.data.children[from]!, runs[i]!, next.output.fields[to]!.nullable);
      });
      layout = next;
      return (last = batchOf(batch, next.output, children));
    },
    age: () => ageTables(plan, tables),
    again: () => last,
    state: () => ({ scalars: { columns: JSON.stringify(columns) }, shadows: savedTables(plan.law, tables) }),
  };
}

/** The layout of a schema, whose smoothed columns must be those of the first. */
function checkedLayout(schema: ArrowSchema, plan: Plan, columns: readonly string[]): Layout {
  const layout = layoutOf(schema, plan);
  const [had, has] = [columns.join(', '), layout.columns.join(', ')];
  if (had === has) return layout;
  throw new SmoothingError('SCHEMA_CHANGED', `the columns must be ${had}, got ${has}`);
}

/** A column's rows, ready to be taken in. Throws if one is missing and the plan forbids it. */
function runOf(data: ArrowData, rows: number, plan: Plan, name: string): Run {
  const run: Run = {
    rows,
    ...rowsOf(data, rows, plan.missing === 'propagate'),
    slots: null,
    elapsed: null,
    weights: null,
    out: freshDoubles(rows),
    gone: new Uint8Array(rows),
  };
  const row = plan.missing === 'throw' && run.there !== null ? run.there.indexOf(0) : -1;
  if (row >= 0) throw missingValue(`row ${row} of column '${name}'`, isNull(data, row) ? null : run.x[row]);
  return run;
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
  const rows = column !== undefined && isFloat(column.type) ? rowsOf(column, 1, true) : null;
  return rows === null || rows.there?.[0] === 0 ? null : rows.x[0]!;
}

/** Arrow record batches: a slot per column, a step per row. */
export const batches: Carrier<ArrowBatch> = {
  kind: 'batch',
  accepts: isBatch,
  begin(first, plan) {
    const { names, columns } = layoutOf(first.schema, plan);
    return batchSmoother(
      plan,
      columns,
      names.map((name) => tableOf(plan, seedOf(plan.seed, name), name)),
    );
  },
};
