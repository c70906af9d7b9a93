import { shown, SmoothingError } from '../errors.js';
import type { Plan } from '../options.js';
import { missingValue, otherKind, type Carrier, type Smoother } from './smoother.js';
import { comingOf, type Arrived } from './arrivals.js';
import { Series } from './series.js';
import { checkAppended, newRun, receive, tableOf, takeOne } from './slots.js';
import { isTensor } from './tensorOps.js';

export type Fields = Readonly<Record<string, unknown>>;

/** The columns so far, and where one set of keys has them; kept while records look alike. */
interface Layout {
  readonly names: readonly string[];
  readonly outNames: readonly string[];
  /** Columns that come with these records, as they start. */
  readonly fresh: readonly Float64Array[];
  readonly keys: readonly string[];
  /** Column of each key, −1 where it passes through. */
  readonly columnOf: readonly number[];
  /** Columns that these records lack. */
  readonly absent: readonly number[];
}

/** @param names - of the columns that the series has */
export function recordSmoother(plan: Plan, names: readonly string[], series: Series): Smoother<Fields> {
  const outNames = names.map((name) => plan.as?.(name) ?? name);
  const { arrivals, tables } = series;
  const run = newRun(1);
  /** Nothing comes with a record, and nothing can fail half-way. */
  const safe = arrivals === null && !plan.law.mayThrow;
  let layout: Layout = { names, outNames, fresh: [], keys: [], columnOf: [], absent: [] };
  let last: Fields | undefined;
  const read = (valueOf: (column: number) => number | undefined): Fields =>
    Object.fromEntries(layout.outNames.map((name, column) => [name, valueOf(column)]));
  /** Fills in what comes out. */
  function scan(
    { columnOf, outNames, absent }: Layout,
    values: unknown[],
    out: Record<string, unknown>,
    raw: boolean,
    arrived: Arrived | null,
  ): void {
    for (let i = 0; i < values.length; i++) {
      const column = columnOf[i]!;
      if (column < 0) continue;
      receive(run, arrived, series.seeds[column]!);
      out[outNames[column]!] = takeOne(run, tables[column]!, values[i], plan, raw);
    }
    for (const column of absent) {
      receive(run, arrived, series.seeds[column]!);
      const carried = takeOne(run, tables[column]!, undefined, plan, raw);
      if (carried !== undefined) out[outNames[column]!] = carried;
    }
  }

  return {
    step: () => series.step(),
    last() {
      if (last === undefined && plan.by === null && this.step() > 0) last = read((column) => series.last(column));
      return last;
    },
    update(value, readout) {
      let values = valuesOf(layout, value, plan);
      const next = values === null ? layoutOf(layout, value, plan) : layout;
      values ??= next.keys.map((key) => value[key]);
      checkFields(next, values, plan);
      const raw = readout === 'raw';
      const out: Record<string, unknown> = { ...value };
      if (next === layout && safe) {
        scan(next, values, out, raw, null);
      } else {
        series.take(arrivals && comingOf(plan, value), next.fresh, (arrived) => scan(next, values, out, raw, arrived));
      }
      layout = next.fresh.length > 0 ? { ...next, fresh: [] } : next;
      last = plan.missing === 'carry' ? { ...out } : out; // what is emitted is the receiver's to change
      return out;
    },
    age: () => series.age(),
    again() {
      if (plan.by !== null) return undefined; // a record that is missing as a whole has no key
      return this.last() && { ...this.last(), ...read((column) => series.last(column)) };
    },
    parts: () => ({ series, scalars: { columns: layout.names } }),
  };
}

/** The fields, or null unless they are the layout's in its order, and nothing new became a number. */
function valuesOf({ keys, columnOf }: Layout, value: Fields, { columns, roles }: Plan): unknown[] | null {
  const values: unknown[] = [];
  for (const key in value) {
    const i = values.length;
    const x = value[key];
    if (key !== keys[i]) return null;
    if (columnOf[i]! < 0 && columns === null && typeof x === 'number' && !roles.includes(key)) return null;
    values.push(x);
  }
  return values.length === keys.length && values.length > 0 ? values : null;
}

/** The layout for another set of keys; number fields that are new get a slot, unless `columns` says what to smooth. */
function layoutOf(had: Layout, value: Fields, plan: Plan): Layout {
  if (!isRecord(value)) throw otherKind('be a record, as the first one was', value);
  const keys = Object.keys(value);
  const { columns, as, roles } = plan;
  const added = keys.filter(
    (key) => columns === null && typeof value[key] === 'number' && !had.names.includes(key) && !roles.includes(key),
  );
  const names = [...had.names, ...added];
  const outNames = [...had.outNames, ...added.map((name) => as?.(name) ?? name)];
  if (as !== null) checkAppended(outNames, [...keys, ...names]);
  const fresh = freshTables(plan, added);
  const columnOf = keys.map((key) => names.indexOf(key));
  const absent = [...names.keys()].filter((column) => !columnOf.includes(column));
  return { names, outNames, fresh, keys, columnOf, absent };
}

/** Throws if a column's field is no number, or missing where the plan forbids it. */
function checkFields({ keys, columnOf, names, absent }: Layout, values: readonly unknown[], plan: Plan): void {
  for (let i = 0; i < keys.length; i++) {
    if (columnOf[i]! >= 0) checkField(keys[i]!, values[i], plan);
  }
  if (absent.length > 0) checkField(names[absent[0]!]!, undefined, plan);
}

/** Throws if a field is no number, or missing where the plan forbids it. */
export function checkField(name: string, x: unknown, { missing }: Plan): void {
  if (x != null && typeof x !== 'number') {
    throw new SmoothingError('VALUE_KIND', `field '${name}' must be a number, got ${shown(x)}`);
  }
  if (missing === 'throw' && !Number.isFinite(x)) throw missingValue(`field '${name}'`, x);
}

/** Tables of columns, which start at the fields of a record if one is given. */
export function freshTables(plan: Plan, names: readonly string[]): Float64Array[] {
  const seeds = isRecord(plan.seed) ? plan.seed : {};
  return names.map((name) => tableOf(plan, seeds[name], name));
}

/** Objects with fields: not dates, nor what iterates (arrays, maps, Arrow's batches and tables), nor tensors. */
export function isRecord(value: unknown): value is Fields {
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
    return recordSmoother(plan, names, new Series(plan, freshTables(plan, names)));
  },
};
