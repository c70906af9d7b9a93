import type { FloatVector } from '../kernels/vectors.js';
import type { Plan } from '../options.js';
import { noWeight, WEIGHT } from '../recurrence/weight.js';
import { batchSmoother } from '../values/batch.js';
import type { Block } from '../values/block.js';
import { numberSmoother } from '../values/number.js';
import { recordSmoother } from '../values/record.js';
import { emptySlot, emptySlots, SLOT, type Slot } from '../values/slots.js';
import type { Smoother, State } from '../values/smoother.js';
import { tensorSmoother } from '../values/tensor.js';
import { VECTORS, vectorSmoother, type VectorSmoother } from '../values/vector.js';
import { corrupt, entryOf, savedArray, savedCount, savedJson, savedWeights } from './saved.js';

type Names = readonly string[];

/** The smoother that a saved state goes on as, by kind of carrier. Throws `SNAPSHOT_CORRUPT` if it is not whole. */
const RESUME: Readonly<Record<string, (saved: State, plan: Plan) => unknown>> = {
  number: (saved, plan) => numberSmoother(plan, slotsOf(saved, 1)[0]!),
  record(saved, plan) {
    const names = savedJson<Names>(saved, 'columns');
    return recordSmoother(plan, names, slotsOf(saved, names.length));
  },
  batch(saved, plan) {
    const columns = savedJson<Names>(saved, 'columns');
    return batchSmoother(plan, columns, slotsOf(saved, columns.length));
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

function slotsOf(saved: State, n: number): Slot[] {
  const arrays = savedWeights(saved, SLOT, n);
  return emptySlots(n).map((slot, i) => Object.assign(slot, entryOf(arrays, i)));
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
  return vectorSmoother(plan, String(type), blockOf(saved, y), readout);
}

function blockOf(saved: State, y: FloatVector): Block {
  if (!('last' in saved.shadows)) return { y, all: entryOf(savedWeights(saved, WEIGHT, 1), 0), each: null };
  const arrays = savedWeights(saved, [...WEIGHT, 'last'], y.length);
  const each = Array.from(y, (mean, i) => Object.assign(emptySlot(), entryOf(arrays, i), { y: mean }));
  return { y, all: noWeight(), each };
}
