import type { FloatVector } from '../kernels/vectors.js';
import type { Plan } from '../options.js';
import { noWeight, WEIGHT } from '../recurrence/weight.js';
import { isTimed } from '../values/arrivals.js';
import { batchSmoother, seedsOf } from '../values/batch.js';
import type { Block } from '../values/block.js';
import { numberSmoother } from '../values/number.js';
import { freshTables, recordSmoother } from '../values/record.js';
import { Series } from '../values/series.js';
import { sizeOf } from '../values/shapes.js';
import { tableOf } from '../values/slots.js';
import type { Smoother, State } from '../values/smoother.js';
import { tensorSmoother } from '../values/tensor.js';
import { VECTORS, vectorSmoother, type VectorSmoother } from '../values/vector.js';
import { corrupt, savedArray, savedCount, savedJson, savedKeys, savedTable } from './saved.js';

type Names = readonly string[];

/** The smoother that a saved state goes on as, by kind of carrier. Throws `SNAPSHOT_CORRUPT` if it is not whole. */
export type Resumers = Readonly<Record<string, (saved: State, plan: Plan) => unknown>>;

/** Numbers, records and batches. */
export const SERIES_RESUMERS: Resumers = {
  number: (saved, plan) => numberSmoother(plan, seriesOf(saved, plan, [tableOf(plan, plan.seed)])),
  record(saved, plan) {
    const names = savedJson<Names>(saved, 'columns');
    return recordSmoother(plan, names, seriesOf(saved, plan, freshTables(plan, names)));
  },
  batch(saved, plan) {
    const columns = savedJson<Names>(saved, 'columns');
    return batchSmoother(plan, columns, batchSeriesOf(saved, plan, columns), String(saved.scalars['roles']));
  },
};

/** What an `Ema` takes. */
export const RESUMERS: Resumers = {
  ...SERIES_RESUMERS,
  vector: vectorOf,
  tensor(saved, plan) {
    const shape = savedJson<readonly number[]>(saved, 'shape');
    const vector = vectorOf(saved, { ...plan, emit: plan.emit ?? 'live' });
    if (vector.block.y.length !== sizeOf(shape)) throw corrupt(`${vector.block.y.length} elements of a tensor`);
    return tensorSmoother(plan, shape, String(saved.scalars['dtype']), vector);
  },
};

export function resume<T>(resumers: Resumers, kind: string, saved: State, plan: Plan): Smoother<T> {
  const make = Object.hasOwn(resumers, kind) ? resumers[kind] : undefined;
  if (make === undefined) throw corrupt(`a state of kind '${kind}'`);
  return make(saved, plan) as Smoother<T>;
}

/** The series behind batches, of so many of their columns, as `name: type`. */
export function batchSeriesOf(saved: State, plan: Plan, columns: Names): Series {
  const series = seriesOf(saved, plan, seedsOf(plan, columns.map(nameOf)));
  series.rows = savedCount(saved, 'rows');
  return series;
}

/** A series of columns that start like `seeds`, as it was saved. */
export function seriesOf(saved: State, plan: Plan, seeds: readonly Float64Array[]): Series {
  const series = new Series(plan, seeds);
  const { arrivals, tables } = series;
  const size = plan.law.fields.length;
  const keys = plan.by === null ? [null] : savedKeys(saved);
  if (arrivals !== null) {
    arrivals.slots = keys.length;
    const stamps = savedArray(saved, 'stamps', Float64Array, 2 * keys.length);
    if (isTimed(plan)) arrivals.stamps = stamps;
    arrivals.dropped = savedCount(saved, 'dropped');
    arrivals.late = savedCount(saved, 'late');
    if (plan.by !== null) keys.forEach((key, slot) => arrivals.slotOf.set(key, slot));
  }
  const shares = plan.law.fields.includes('rest') && plan.weight === null;
  const all = savedTable(saved, plan.law.fields, seeds.length * keys.length, shares);
  seeds.forEach((_, i) => (tables[i] = all.slice(i * keys.length * size, (i + 1) * keys.length * size)));
  return series;
}

/** The name in `name: type`. */
export const nameOf = (column: string): string => column.slice(0, column.lastIndexOf(': '));

function vectorOf(saved: State, plan: Plan): VectorSmoother {
  const { type, readout } = saved.scalars;
  if (!VECTORS.has(type)) throw corrupt(`a vector of '${String(type)}'`);
  if (readout !== 'raw' && readout !== 'corrected') throw corrupt(`a readout of '${String(readout)}'`);
  const length = savedCount(saved, 'length');
  const y =
    type === 'Float32Array'
      ? savedArray(saved, 'y', Float32Array, length)
      : savedArray(saved, 'y', Float64Array, length);
  return vectorSmoother(plan, String(type), blockOf(saved, y, plan), readout);
}

function blockOf(saved: State, y: FloatVector, { law }: Plan): Block {
  if (!('last' in saved.shadows)) return { y, all: savedTable(saved, WEIGHT, 1), each: null };
  const shadows = { ...saved.shadows, y: Float64Array.from(y) };
  return { y, all: noWeight(), each: savedTable({ ...saved, shadows }, law.fields, y.length) };
}
