import { arrays32 } from '../kernels/lerp32Wasm.js';
import type { FloatVector } from '../kernels/vectors.js';
import {
  cloneTensor,
  computed,
  engine,
  isTensor,
  readsAreFree,
  tensorOf,
  valuesOf,
  type Tensor,
} from '../values/tensorOps.js';
import { sizeOf } from '../values/shapes.js';
import { floats } from '../values/vector.js';
import { ArrayAverage } from './arrayAverage.js';
import type { Average, Beginning, Moving } from './average.js';
import { HostAverage } from './hostAverage.js';
import { NodeAverage } from './nodeAverage.js';
import { OpsAverage } from './opsAverage.js';
import { heapKernel, WasmAverage } from './wasmAverage.js';

/** A weight whose average is to begin. */
export interface Wanted {
  readonly shape: readonly number[];
  /** The class of a typed array; null for a tensor. */
  readonly array: string | null;
  /** Asked for when it is this one's turn, so that no more is in memory than that. */
  begin(): Beginning;
}

/** tfjs-node's ops take longer to call than a tensor of so many elements takes in JavaScript, reading it included. */
const SMALL = 2048;

/** Averages of each, those in arrays side by side. */
export function averagesOf(wanted: readonly Wanted[], moving: Moving): Average[] {
  const terms = moving.compensated ? 2 : 1;
  const inArrays = wanted.map((one) => one.array === 'Float32Array' || (one.array === null && isHosted(one)));
  const rooms = arrays32(wanted.map(({ shape }, i) => (inArrays[i] ? terms * sizeOf(shape) : 0)));
  return wanted.map((one, i) => averageOf(one, inArrays[i] ? rooms[i]! : null, moving));
}

/** True where a tensor's average is best kept in an array of our own. */
function isHosted({ shape }: Wanted): boolean {
  return readsAreFree() || (engine().backendName === 'tensorflow' && sizeOf(shape) <= SMALL);
}

function averageOf(wanted: Wanted, room: Float32Array | null, moving: Moving): Average {
  const { shape, array } = wanted;
  if (array !== null) return new ArrayAverage(filled(room ?? floats(array, sizeOf(shape)), wanted), moving);
  if (room !== null) return new HostAverage(filled(room, wanted) as Float32Array, moving, shape);
  const { values, low } = wanted.begin();
  const begin = tensorFrom(values, shape);
  const size = sizeOf(shape);
  const rest = moving.compensated
    ? tensorOf(low === null ? new Float32Array(size) : Float32Array.from(low), [size])
    : null;
  const kernel = heapKernel();
  if (kernel !== null) return new WasmAverage(begin, rest, kernel, moving);
  if (engine().backendName === 'tensorflow' && rest === null) return new NodeAverage(begin, moving);
  return new OpsAverage(begin, rest, moving);
}

/** An empty average is NaN: it takes the first finite value. */
function filled(room: FloatVector, wanted: Wanted): FloatVector {
  const { values, low } = wanted.begin();
  if (values === null) room.fill(NaN, 0, sizeOf(wanted.shape));
  else room.set(isTensor(values) ? valuesOf(values) : values);
  if (low !== null) room.set(low, sizeOf(wanted.shape));
  return room;
}

/** float32 and ours: data that nobody else has where that is what will move. */
function tensorFrom(values: Beginning['values'], shape: readonly number[]): Tensor {
  if (values === null) return tensorOf(new Float32Array(sizeOf(shape)).fill(NaN), shape);
  if (!isTensor(values)) return tensorOf(Float32Array.from(values), shape);
  if (values.dtype !== 'float32')
    return computed(({ runKernel }) => runKernel('Cast', { x: values }, { dtype: 'float32' }));
  return cloneTensor(values);
}
