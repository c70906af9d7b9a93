import { shown, SmoothingError } from '../errors.js';
import { grown, MISSING, type Law, type Run } from '../kernels/law.js';
import { bad, type Plan } from '../options.js';
import { settle } from '../recurrence/weight.js';
import type { Arrived } from './arrivals.js';

/** A run of rows yet to be filled in. */
export function newRun(rows: number): Run {
  return {
    rows,
    x: new Float64Array(rows),
    valid: null,
    bit: 0,
    there: new Uint8Array(rows),
    slots: null,
    fresh: null,
    seed: null,
    elapsed: null,
    weights: null,
    out: new Float64Array(rows),
    gone: new Uint8Array(rows),
    left: null,
  };
}

/** True if a value is a step under this plan, false if it is missing. */
export function counts(x: number, plan: Plan): boolean {
  return x - x === 0 || plan.missing === 'propagate';
}

/** What rows came with, for the run that takes them in; `seed` is how a slot of the column starts. */
export function receive(run: Run, arrived: Arrived | null, seed: Float64Array): void {
  if (arrived !== null) Object.assign(run, arrived, { seed });
}

/**
 * Takes one value in: what comes out, which of a missing one is what came in unless the plan carries. One that is left
 * out, or "not yet", is NaN.
 */
export function takeOne<X>(run: Run, table: Float64Array, x: X, plan: Plan, raw: boolean): X | number {
  const left = run.left?.[0] === 1;
  const came = typeof x === 'number' && !left && counts(x, plan);
  const { law } = plan;
  if (came) {
    if (law.take !== undefined && run.slots === null && run.weights === null) return law.take(table, x, raw);
    run.x[0] = x;
  }
  run.there![0] = came ? 1 : 0;
  run.gone[0] = 0;
  law.scan(table, run, raw);
  const gone = run.gone[0];
  if (gone === 0) return run.out[0]!;
  return gone === MISSING && !left && (plan.echoes || typeof x !== 'number') ? x : NaN;
}

/** A table of one slot, which starts at `seed` if the plan starts at a value; `name` is the column's, of several. */
export function tableOf(plan: Plan, seed?: unknown, name?: string): Float64Array {
  const table = grown(plan.law, 1);
  if (plan.seed === undefined) return table;
  if (typeof seed !== 'number' || !Number.isFinite(seed)) {
    throw bad(name === undefined ? 'start.value' : `start.value.${name}`, 'be finite', seed);
  }
  table[plan.law.fields.indexOf('y')] = seed;
  settle(table);
  return table;
}

/** A gap in the one slot of each table. */
export function ageTables(plan: Plan, tables: readonly Float64Array[]): void {
  const run = newRun(1);
  run.weights = plan.weight === null ? null : new Float64Array(1); // a sum of weights is no share of 1, and fades in its own way
  transact(plan, tables, (each) => each.forEach((table) => takeOne(run, table, undefined, plan, false)));
}

/** Moves the tables; where a schedule may throw on the way, copies, which then become the tables. */
export function transact(
  plan: Plan,
  tables: readonly Float64Array[],
  move: (tables: readonly Float64Array[]) => void,
): void {
  if (!plan.law.mayThrow) return move(tables);
  const copies = tables.map((table) => table.slice());
  move(copies);
  tables.forEach((table, i) => table.set(copies[i]!));
}

/** Throws if the names of appended columns are not new. */
export function checkAppended(names: readonly string[], taken: readonly string[]): void {
  names.forEach((name, i) => {
    if (typeof name === 'string' && !taken.includes(name) && names.indexOf(name) === i) return;
    throw new SmoothingError('COLUMN_COLLISION', `as must give new names, got ${shown(name)}`);
  });
}

/** Steps of the slot that has taken the most, among `slots` if they are given. */
export function mostSteps({ fields, fresh }: Law, tables: readonly Float64Array[], slots?: Iterable<number>): number {
  const at = fields.indexOf('step');
  const size = fresh.length;
  let most = 0;
  for (const table of tables) {
    for (const slot of slots ?? Array(table.length / size).keys()) most = Math.max(most, table[slot * size + at]!);
  }
  return most;
}
