import { SmoothingError } from '../errors.js';
import type { Run } from '../kernels/law.js';
import type { Plan } from '../options.js';
import type { Arrived } from './arrivals.js';
import { batchOf, formOf, isBatch, schemaOf, type ArrowBatch, type ArrowData, type ArrowField } from './arrowData.js';
import { attend, isKnown, layoutOf, type Layout } from './batch.js';
import { hasWholeKeys } from './batchKeys.js';
import { batchComing } from './batchRoles.js';
import { Series } from './series.js';
import { checkAppended, tableOf } from './slots.js';
import { otherKind, type Smoother } from './smoother.js';

/** What a statistic appends to batches; the names and types follow from the input schema and the options alone. */
export interface Appendix {
  /** The columns that go in, among them those of each run: so many, side by side. */
  readonly columns: readonly string[] | null;
  readonly perRun: number;
  /** What comes of the columns of a run. */
  fields(inputs: readonly ArrowField[]): ArrowField[];
  run(inputs: readonly ArrowData[], rows: number, names: readonly string[]): Run;
  /** A column for each of the fields, `lacking` rows of it gone. */
  write(run: Run, lacking: number, inputs: readonly ArrowData[], fields: readonly ArrowField[]): ArrowData[];
}

/** What is appended, besides what goes in. */
interface Appended extends Layout {
  readonly runs: readonly { readonly from: readonly number[]; readonly fields: readonly ArrowField[] }[];
}

/** Of a stream that begins with this batch. */
export function beginAppender(first: ArrowBatch, plan: Plan, appendix: Appendix): Smoother<ArrowBatch> {
  const { columns, roles } = appendedOf(first, plan, appendix);
  const tables = Array.from({ length: columns.length / appendix.perRun }, () => tableOf(plan));
  return batchAppender(plan, appendix, columns, new Series(plan, tables), roles.text);
}

/**
 * Record batches as they came, with columns of what came of some of theirs behind.
 *
 * @param columns - what goes in, as `name: type`
 * @param roles - the same of the columns that tell whose, when and how much
 */
export function batchAppender(
  plan: Plan,
  appendix: Appendix,
  columns: readonly string[],
  series: Series,
  roles: string,
): Smoother<ArrowBatch> {
  const { arrivals, tables, seeds } = series;
  const coming = arrivals && batchComing(plan, arrivals);
  let layout: Appended | null = null;
  let last: ArrowBatch | undefined;

  function layoutFor(batch: ArrowBatch): Appended {
    if (isKnown(batch, layout)) return layout!;
    const next = appendedOf(batch, plan, appendix);
    const [must, got] = [[...columns, roles].join(', '), [...next.columns, next.roles.text].join(', ')];
    if (must === got) return next;
    throw new SmoothingError('SCHEMA_CHANGED', `the columns must be ${must}, got ${got}`);
  }

  function scanned(run: Run, arrived: Arrived | null, i: number): number {
    attend(run, arrived, seeds[i]!, plan);
    return plan.law.scan(tables[i]!, run, false);
  }

  return {
    step: () => series.step(),
    last: () => last,
    update(batch) {
      if (!isBatch(batch)) throw otherKind('be a RecordBatch, as the first one was', batch);
      const next = layoutFor(batch);
      const inputs = next.runs.map(({ from }) => from.map((at) => batch.data.children[at]!));
      const runs = next.runs.map(({ from }, i) =>
        appendix.run(
          inputs[i]!,
          batch.numRows,
          from.map((at) => batch.schema.fields[at]!.name),
        ),
      );
      let lacking: readonly number[] = [];
      series.take(coming && coming(batch, next.roles), [], (arrived) => {
        lacking = runs.map((run, i) => scanned(run, arrived, i));
      });
      series.rows += batch.numRows;
      const appended = runs.flatMap((run, i) => appendix.write(run, lacking[i]!, inputs[i]!, next.runs[i]!.fields));
      layout = next;
      return (last = batchOf(batch, next.output, [...batch.data.children, ...appended]));
    },
    age: () => series.age(),
    again: () => (hasWholeKeys(plan) ? undefined : last), // a batch that is missing as a whole has no key
    parts: () => ({ series, scalars: { columns, roles, rows: series.rows } }),
  };
}

function appendedOf(batch: ArrowBatch, plan: Plan, appendix: Appendix): Appended {
  const { columns, perRun } = appendix;
  const { schema } = batch;
  const layout = layoutOf(batch, { ...plan, columns: columns ?? plan.columns, as: null });
  const runs = Array.from({ length: layout.from.length / perRun }, (_, i) => {
    const from = layout.from.slice(i * perRun, (i + 1) * perRun);
    return { from, fields: appendix.fields(from.map((at) => schema.fields[at]!)) };
  });
  const fields = runs.flatMap((run) => run.fields);
  checkAppended(namesOf(fields), namesOf(schema.fields));
  return { ...layout, runs, output: formOf(batch, schemaOf(schema, [...schema.fields, ...fields])) };
}

const namesOf = (fields: readonly ArrowField[]): string[] => fields.map(({ name }) => name);
