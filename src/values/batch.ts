import { SmoothingError } from '../errors.js';
import { presence, type Run } from '../kernels/law.js';
import type { Plan } from '../options.js';
import {
  batchOf,
  formOf,
  isSameSchema,
  type BatchForm,
  columnOf,
  floatsOf,
  freshFloats,
  hasNulls,
  isBatch,
  isFloat,
  isNull,
  schemaOf,
  type ArrowBatch,
  type ArrowData,
  type ArrowSchema,
} from './arrowData.js';
import { missingValue, otherKind, type Carrier, type Smoother } from './smoother.js';
import type { Arrived } from './arrivals.js';
import { hasWholeKeys } from './batchKeys.js';
import { batchComing, columnAt, FLOATING, rolesOf, typesOf, type Roles } from './batchRoles.js';
import { Series } from './series.js';
import { checkAppended, counts, newRun, receive, tableOf } from './slots.js';

/** What follows from an input schema and the options alone. */
export interface Layout {
  readonly input: ArrowSchema;
  readonly output: BatchForm;
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
  const runs = tables.map(() => newRun(0));
  let layout: Layout | null = null;
  let last: ArrowBatch | undefined;
  return {
    step: () => series.step(),
    last() {
      return last;
    },
    update(batch, readout) {
      if (!isBatch(batch)) throw otherKind('be a RecordBatch, as the first one was', batch);
      const next = isKnown(batch, layout) ? layout! : checkedLayout(batch, plan, columns, roles);
      next.from.forEach((from, i) => runOf(batch.data.children[from]!, batch.numRows, plan, next.names[i]!, runs[i]));
      let lacking = runs.map(() => 0);
      const come = coming && coming(batch, next.roles);
      if (come === null || !series.takeStamps(come, runs)) {
        series.take(come, [], (arrived) => {
          lacking = runs.map((run, i) => {
            attend(run, arrived, series.seeds[i]!, plan);
            return plan.law.scan(tables[i]!, run, readout === 'raw');
          });
        });
      }
      series.rows += batch.numRows;
      const children = [...batch.data.children];
      next.from.forEach((from, i) => {
        const to = next.to[i]!;
        children[to] = columnOf(
          batch.data.children[from]!,
          runs[i]!,
          lacking[i]!,
          next.output.schema.fields[to]!.nullable,
          plan,
        );
      });
      layout = next;
      return (last = batchOf(batch, next.output, children));
    },
    age: () => series.age(),
    again: () => (hasWholeKeys(plan) ? undefined : last), // a batch that is missing as a whole has no key
    parts: () => ({ series, scalars: { columns, roles, rows: series.rows } }),
  };
}

/** True if a layout is that of the batch's schema. */
export function isKnown({ schema }: ArrowBatch, layout: Pick<Layout, 'input'> | null): boolean {
  return layout !== null && (schema === layout.input || isSameSchema(schema, layout.input));
}

/** The layout of a schema, whose smoothed columns must be those of the first. */
function checkedLayout(batch: ArrowBatch, plan: Plan, columns: readonly string[], roles: string): Layout {
  const layout = layoutOf(batch, plan);
  const [had, has] = [[...columns, roles].join(', '), [...layout.columns, layout.roles.text].join(', ')];
  if (had === has) return layout;
  throw new SmoothingError('SCHEMA_CHANGED', `the columns must be ${had}, got ${has}`);
}

/**
 * A column's rows, ready to be taken in. Throws if one is missing and the plan forbids it.
 *
 * @param doubles - what comes out is in double precision, whatever the column is
 */
export function runOf(
  data: ArrowData,
  rows: number,
  plan: Plan,
  name: string,
  run: Run = newRun(0),
  doubles = false,
): Run {
  const x = floatsOf(data, rows);
  run.rows = rows;
  run.x = x;
  run.there = null;
  run.valid = rows > 0 && hasNulls(data) ? data.nullBitmap! : null;
  run.bit = data.offset;
  run.out = freshFloats(doubles || x instanceof Float64Array ? Float64Array : Float32Array, rows);
  if (run.gone.length < rows) run.gone = new Uint8Array(rows);
  else run.gone.fill(0, 0, rows);
  if (plan.missing === 'throw') {
    for (let row = 0; row < rows; row++) {
      if (isNull(data, row) || !Number.isFinite(x[row])) {
        throw missingValue(`row ${row} of column '${name}'`, isNull(data, row) ? null : x[row]);
      }
    }
  }
  return run;
}

/** Rows that are left out have no value. */
export function attend(run: Run, arrived: Arrived | null, seed: Float64Array, plan: Plan): void {
  receive(run, arrived, seed);
  const { left } = run;
  if (left === null) return;
  run.there =
    presence(run, plan.missing === 'propagate') ??
    Uint8Array.from({ length: run.rows }, (_, row) =>
      counts(run.x[row]!, plan) && counts(run.y?.[row] ?? 0, plan) ? 1 : 0,
    );
  for (let row = 0; row < run.rows; row++) if (left[row] === 1) run.there[row] = 0;
}

export function layoutOf(like: ArrowBatch, plan: Plan): Layout {
  const input = like.schema;
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
  const output = formOf(like, schemaOf(input, fields));
  return { input, output, names, columns, from, to, roles: rolesOf(input, plan) };
}

/** How the columns start. */
export function seedsOf(plan: Plan, names: readonly string[]): Float64Array[] {
  return names.map((name) => tableOf(plan, seedOf(plan.seed, name), name));
}

/** What a batch of one row has in a floating column; null where there is no such thing. */
function seedOf(seed: unknown, name: string): number | null {
  if (!isBatch(seed) || seed.numRows !== 1) return null;
  const column = seed.data.children[columnAt(seed.schema, 'start.value', name, isFloat, FLOATING)]!;
  return isNull(column, 0) ? null : floatsOf(column, 1)[0]!;
}

/** Arrow record batches: a slot per column, a step per row. */
export const batches: Carrier<ArrowBatch> = {
  kind: 'batch',
  accepts: isBatch,
  begin(first, plan) {
    const { names, columns, roles } = layoutOf(first, plan);
    return batchSmoother(plan, columns, new Series(plan, seedsOf(plan, names)), roles.text);
  },
};
