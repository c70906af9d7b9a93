import type { FloatVector } from '../kernels/vectors.js';
import type { Plan } from '../options.js';
import { noWeight, WEIGHT } from '../recurrence/weight.js';
import { batchSmoother } from '../values/batch.js';
import type { Block } from '../values/block.js';
import { numberSmoother } from '../values/number.js';
import { recordSmoother } from '../values/record.js';
import type { Smoother, State } from '../values/smoother.js';
import { tensorSmoother } from '../values/tensor.js';
import { VECTORS, vectorSmoother, type VectorSmoother } from '../values/vector.js';
import { corrupt, savedArray, savedCount, savedJson, savedTable } from './saved.js';

type Names = readonly string[];

/** The smoother that a saved state goes on as, by kind of carrier. Throws `SNAPSHOT_CORRUPT` if it is not whole. */
const RESUME: Readonly<Record<string, (saved: State, plan: Plan) => unknown>> = {
  number: (saved, plan) => numberSmoother(plan, savedTable(saved, plan.law.fields, 1)),
  record(saved, plan) {
    const names = savedJson<Names>(saved, 'columns');
    return recordSmoother(plan, names, tablesOf(saved, plan, names.length));
  },
  batch(saved, plan) {
    const columns = savedJson<Names>(saved, 'columns');
    return batchSmoother(plan, columns, tablesOf(saved, plan, columns.length));
  },
  vector: vectorOf,
  tensor(saved, plan) {
    const shape = savedJson<readonly number[]>(saved, 'shape');
    const vector = vectorOf(saved, { ...plan, emit: plan.emit ?? 'live' });
    if (vector.block.y.length !== shape.reduce((a, b) => a * b, 1))
      throw corrupt(`${vector.block.y.length} elements of a tensor`);
    return tensorSmoother(plan, shape, String(saved.scalars['dtype']), vector);
  },
};

export function resume<T>(kind: unknown, saved: State, plan: Plan): Smoother<T> {
  const make = Object.hasOwn(RESUME, String(kind)) ? RESUME[String(kind)] : undefined;
  if (make === undefined) throw corrupt(`a state of kind '${String(kind)}'`);
  return make(saved, plan) as Smoother<T>;
}

/** A table for each column. */
function tablesOf(saved: State, { law }: Plan, columns: number): Float64Array[] {
  const all = savedTable(saved, law.fields, columns);
  const size = law.fields.length;
  return Array.from({ length: columns }, (_, i) => all.slice(i * size, (i + 1) * size));
}

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
