import { NOT_YET, type Run } from '../kernels/law.js';
import type { FloatVector } from '../kernels/vectors.js';
import type { Plan } from '../options.js';
import { beginAppender, type Appendix } from './appended.js';
import { comingOf } from './arrivals.js';
import { columnOf, freshFloats, isBatch, type ArrowBatch } from './arrowData.js';
import { runOf } from './batch.js';
import { checkField, freshTables, isRecord, type Fields } from './record.js';
import { Series } from './series.js';
import { checkAppended, newRun, receive, tableOf, takeOne } from './slots.js';
import { missingValue, otherKind, type Carrier, type Smoother } from './smoother.js';

/** A mean, and a band of so many standard deviations to either side. */
export interface Bands {
  readonly mean: number;
  readonly std: number;
  readonly upper: number;
  readonly lower: number;
}

const PARTS = ['mean', 'std', 'upper', 'lower'] as const;
const namesOf = (column: string, plan: Plan): string[] => PARTS.map((part) => `${plan.as?.(column) ?? column}_${part}`);

/** Bands around numbers, fields and columns. */
export function bandsOf(width: number): readonly Carrier[] {
  return [numberBands(width), batchBands(width), recordBands(width)] as readonly Carrier[];
}

const bandRun = (): Run => ({ ...newRun(1), spread: new Float64Array(1) });

/** The band around a mean: NaN where there is none yet. */
function around(mean: number, spread: number, width: number): Bands {
  const std = spread < 0 ? NaN : spread;
  return { mean, std, upper: mean + width * std, lower: mean - width * std };
}

/** Numbers: `{ mean, std, upper, lower }`. */
function numberBands(width: number): Carrier<number> {
  return {
    kind: 'bands of numbers',
    accepts: (value): value is number => typeof value === 'number',
    begin(_first, plan) {
      return numberBandSmoother(plan, width, new Series(plan, [tableOf(plan)])) as unknown as Smoother<number>;
    },
  };
}

/** What came out last of a column without keys; undefined while nothing has. */
function lastBand({ plan, tables }: Series, column: number, width: number): Bands | undefined {
  const { fields, last } = plan.law;
  const table = tables[column]!;
  return Number.isNaN(table[last]) ? undefined : around(table[last]!, table[fields.indexOf('spread')]!, width);
}

export function numberBandSmoother(plan: Plan, width: number, series: Series): Smoother {
  const { arrivals, tables, seeds } = series;
  const run = bandRun();
  let last = plan.by === null ? lastBand(series, 0, width) : undefined;
  function any(x: unknown): Bands | null | undefined {
    if (plan.missing === 'throw' && !Number.isFinite(x)) throw missingValue('the value', x);
    let mean: unknown = NaN;
    series.take(arrivals && comingOf(plan, x), [], (arrived) => {
      receive(run, arrived, seeds[0]!);
      mean = takeOne(run, tables[0]!, x, plan, false);
    });
    if (typeof mean !== 'number') return mean as null | undefined;
    if (run.gone[0] !== 0) return around(NaN, NaN, width);
    return { ...(last = around(mean, run.spread![0]!, width)) };
  }
  return {
    step: () => series.step(),
    last: () => last && { ...last },
    update(x) {
      if (typeof x !== 'number') throw otherKind('be a number, as the first one was', x);
      return any(x);
    },
    miss: (value) => (plan.time === null ? any(value) : value),
    age: () => series.age(),
    again: () => last && { ...last },
    parts: () => ({ series, scalars: {} }),
  };
}

/** Records: `name_mean`, `name_std`, `name_upper`, `name_lower` behind their own fields. */
function recordBands(width: number): Carrier<Fields> {
  return {
    kind: 'bands of records',
    accepts: isRecord,
    begin(_first, plan) {
      const names = plan.columns ?? [];
      return recordBandSmoother(plan, width, names, new Series(plan, freshTables(plan, names)));
    },
  };
}

/** @param columns - that the series has */
export function recordBandSmoother(
  plan: Plan,
  width: number,
  columns: readonly string[],
  series: Series,
): Smoother<Fields> {
  const { arrivals, tables, seeds } = series;
  const run = bandRun();
  let names = columns;
  let last = plan.by === null && series.step() > 0 ? lastBands() : undefined;

  function lastBands(): Fields {
    const bands = names.map((name, i) => {
      const band = lastBand(series, i, width) ?? around(NaN, NaN, width);
      return namesOf(name, plan).map((as, k) => [as, band[PARTS[k]!]] as const);
    });
    return Object.fromEntries(bands.flat());
  }

  return {
    step: () => series.step(),
    last: () => last,
    update(value) {
      if (!isRecord(value)) throw otherKind('be a record, as the first one was', value);
      const added = newColumns(value, names, plan);
      const all = [...names, ...added];
      const outNames = all.map((name) => namesOf(name, plan));
      checkAppended(outNames.flat(), Object.keys(value));
      for (const name of all) checkField(name, value[name], plan);
      const out: Record<string, unknown> = { ...value };
      series.take(arrivals && comingOf(plan, value), freshTables(plan, added), (arrived) => {
        all.forEach((name, i) => {
          receive(run, arrived, seeds[i]!);
          const mean = takeOne(run, tables[i]!, value[name], plan, false);
          if (mean === undefined && !(name in value)) return;
          const gone = typeof mean !== 'number' || run.gone[0] !== 0;
          const band = gone ? null : around(mean, run.spread![0]!, width);
          PARTS.forEach((part, k) => (out[outNames[i]![k]!] = band === null ? mean : band[part]));
        });
      });
      names = all;
      last = plan.missing === 'carry' ? { ...out } : out; // what is emitted is the receiver's to change
      return out;
    },
    age: () => series.age(),
    again: () => (last && plan.by === null ? { ...last } : undefined), // a record missing as a whole has no key
    parts: () => ({ series, scalars: { columns: names } }),
  };
}

/** Number fields that get a slot, unless `columns` says what to smooth. */
function newColumns(value: Fields, names: readonly string[], { columns, roles }: Plan): string[] {
  if (columns !== null) return [];
  return Object.keys(value).filter(
    (key) => typeof value[key] === 'number' && !names.includes(key) && !roles.includes(key),
  );
}

/** Batches: four columns of the column's type for each, behind their own. */
function batchBands(width: number): Carrier<ArrowBatch> {
  return {
    kind: 'bands of batches',
    accepts: isBatch,
    begin: (first, plan) => beginAppender(first, plan, bandAppendix(plan, width)),
  };
}

export function bandAppendix(plan: Plan, width: number): Appendix {
  return {
    columns: null,
    perRun: 1,
    fields([field]) {
      const nullable = field!.nullable || plan.sma > 1;
      return namesOf(field!.name, plan).map((name) => field!.clone({ name, nullable }));
    },
    run([data], rows, [name]) {
      const run = runOf(data!, rows, plan, name!, newRun(0), true);
      return { ...run, spread: freshFloats(Float64Array, rows) };
    },
    write(run, lacking, [like], fields) {
      const spread = run.spread!;
      const edge = (sign: number): FloatVector => run.out.map((mean, row) => mean + sign * width * spread[row]!);
      const gone = run.gone.map((kind, row) => (kind === 0 && spread[row]! < 0 ? NOT_YET : kind));
      const without = gone.reduce((sum, kind) => sum + (kind === 0 ? 0 : 1), 0);
      const runs = [spread, edge(1), edge(-1)].map((out): Run => ({ ...run, out, gone }));
      return [run, ...runs].map((one, i) =>
        columnOf(like!, one, i === 0 ? lacking : without, fields[i]!.nullable, plan),
      );
    },
  };
}
