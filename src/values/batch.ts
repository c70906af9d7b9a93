import { SmoothingError } from '../errors.js';
import type { Run } from '../kernels/law.js';
import type { Plan } from '../options.js';
import {
  batchOf,
  columnOf,
  doublesOf,
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
import type { Arrived } from './arrivals.js';
import { batchComing, columnAt, FLOATING, rolesOf, typesOf, type Roles } from './batchRoles.js';
import { Series } from './series.js';
import { checkAppended, counts, newRun, receive, tableOf } from './slots.js';

/** What follows from an input schema and the options alone. */
export interface Layout {
  readonly input: ArrowSchema;
  readonly output: ArrowSchema;
  /** The smoothed columns: names, and as `name: type`. */
  readonly names: readonly string[];
  readonly columns: readonly string[];
  /** Index of each in the input, and of where it goes in the output. */
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly roles: Roles;
}

/**
 * @param columns - a table each, as `name: type`
 * @param roles - the same of the columns that tell whose, when and how much
 */
export function batchSmoother(
  plan: Plan,
  columns: readonly string[],
  series: Series,
  roles: string,
): Smoother<ArrowBatch> {
  const { arrivals, tables } = series;
  const coming = arrivals && batchComing(plan, arrivals);
  let layout: Layout | null = null;
  let last: ArrowBatch | undefined;
  return {
    step: () => series.step(),
    last() {
      return last;
    },
    update(batch, readout) {
      if (!isBatch(batch)) throw otherKind('be a RecordBatch, as the first one was', batch);
      const next = batch.schema === layout?.input ? layout : checkedLayout(batch.schema, plan, columns, roles);
      const runs = next.from.map((from, i) => runOf(batch.data.children[from]!, batch.numRows, plan, next.names[i]!));
      let lacking: readonly number[] = [];
      series.take(coming && coming(batch, next.roles), [], (arrived) => {
        lacking = runs.map((run, i) => {
          attend(run, arrived, series.seeds[i]!, plan);
          return plan.law.scan(tables[i]!, run, readout === 'raw');
        });
      });
      series.rows += batch.numRows;
      const children = [...batch.data.children];
      next.from.forEach((from, i) => {
        const to = next.to[i]!;
        children[to] = columnOf(
          batch.data.children[from]!,
          runs[i]!,
          lacking[i]!,
          next.output.fields[to]!.nullable,
          plan,
        );
      });
      layout = next;
      return (last = batchOf(batch, next.output, children));
    },
    age: () => series.age(),
    again: () => last,
    parts: () => ({ series, scalars: { columns, roles, rows: series.rows } }),
  };
}

/** The layout of a schema, whose smoothed columns must be those of the first. */
function checkedLayout(schema: ArrowSchema, plan: Plan, columns: readonly string[], roles: string): Layout {
  const layout = layoutOf(schema, plan);
  const [had, has] = [[...columns, roles].join(', '), [...layout.columns, layout.roles.text].join(', ')];
  if (had === has) return layout;
  throw new SmoothingError('SCHEMA_CHANGED', `the columns must be ${had}, got ${has}`);
}

/** A column's rows, ready to be taken in. Throws if one is missing and the plan forbids it. */
export function runOf(data: ArrowData, rows: number, plan: Plan, name: string): Run {
  const run: Run = { ...newRun(0), rows, ...rowsOf(data, rows, plan.missing === 'propagate') };
  run.out = freshDoubles(rows);
  run.gone = new Uint8Array(rows);
  if (plan.missing === 'throw') {
    for (let row = 0; row < rows; row++) {
      const there = run.there === null ? Number.isFinite(run.x[row]) : run.there[row] === 1;
      if (!there) throw missingValue(`row ${row} of column '${name}'`, isNull(data, row) ? null : run.x[row]);
    }
  }
  return run;
}

/** Rows that are left out have no value. */
export function attend(run: Run, arrived: Arrived | null, seed: Float64Array, plan: Plan): void {
  receive(run, arrived, seed);
  const { left } = run;
  if (left === null) return;
  run.there ??= Uint8Array.from({ length: run.rows }, (_, row) => (counts(run.x[row]!, plan) ? 1 : 0));
  for (let row = 0; row < run.rows; row++) if (left[row] === 1) run.there[row] = 0;
}

export function layoutOf(input: ArrowSchema, plan: Plan): Layout {
  const fields = [...input.fields];
  const names =
    plan.columns ??
    fields.filter(({ name, type }) => isFloat(type) && !plan.roles.includes(name)).map(({ name }) => name);
  if (names.length === 0) throw new SmoothingError('COLUMN_MISSING', 'columns must be floating, got none that is');
  const from = names.map((name) => columnAt(input, 'columns', name, isFloat, FLOATING));
  const outNames = names.map((name) => plan.as?.(name) ?? name);
  if (plan.as !== null)
    checkAppended(
      outNames,
      input.fields.map(({ name }) => name),
    );
  const to = from.map((at, i) => {
    const { nullable } = fields[at]!;
    const smoothed = fields[at]!.clone({ name: outNames[i]!, nullable: nullable || plan.sma > 1 });
    if (plan.as !== null) return fields.push(smoothed) - 1;
    fields[at] = smoothed;
    return at;
  });
  const columns = typesOf(input, from);
  return { input, output: schemaOf(input, fields), names, columns, from, to, roles: rolesOf(input, plan) };
}

/** How the columns start. */
export function seedsOf(plan: Plan, names: readonly string[]): Float64Array[] {
  return names.map((name) => tableOf(plan, seedOf(plan.seed, name), name));
}

/** What a batch of one row has in a floating column; null where there is no such thing. */
function seedOf(seed: unknown, name: string): number | null {
  if (!isBatch(seed) || seed.numRows !== 1) return null;
  const column = seed.data.children[columnAt(seed.schema, 'start.value', name, isFloat, FLOATING)]!;
  return isNull(column, 0) ? null : doublesOf(column, 1)[0]!;
}

/** Arrow record batches: a slot per column, a step per row. */
export const batches: Carrier<ArrowBatch> = {
  kind: 'batch',
  accepts: isBatch,
  begin(first, plan) {
    const { names, columns, roles } = layoutOf(first.schema, plan);
    return batchSmoother(plan, columns, new Series(plan, seedsOf(plan, names)), roles.text);
  },
};
