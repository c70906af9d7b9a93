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

/** Averages of each, those in arrays side by side. If one can't begin, there are none. */
export function averagesOf(wanted: readonly Wanted[], moving: Moving): Average[] {
  const terms = moving.compensated ? 2 : 1;
  const rooms = arrays32(wanted.map(({ array, shape }) => (array === 'Float32Array' ? terms * sizeOf(shape) : 0)));
  const made: Average[] = [];
  try {
    for (const [i, one] of wanted.entries()) {
      made.push(one.array === null ? tensorAverageOf(one, moving) : arrayAverageOf(one, one.array, rooms[i]!, moving));
    }
    return made;
  } catch (error) {
    for (const one of made) one.dispose();
    throw error;
  }
}

/** Two-term, the low terms lie behind the values. */
function arrayAverageOf(wanted: Wanted, array: string, room: Float32Array, moving: Moving): Average {
  const size = sizeOf(wanted.shape);
  const { values, low } = wanted.begin();
  const all = array === 'Float32Array' ? room : floats(array, size);
  fill(all, values, size);
  if (low !== null) all.set(low, size);
  return new ArrayAverage(all, moving);
}

function tensorAverageOf(wanted: Wanted, moving: Moving): Average {
  const { shape } = wanted;
  const size = sizeOf(shape);
  const { values, low } = wanted.begin();
  const rest = moving.compensated ? (low === null ? new Float32Array(size) : Float32Array.from(low)) : null;
  const isNode = engine().backendName === 'tensorflow';
  if (readsAreFree() || (isNode && size <= SMALL)) {
    const own = new Float32Array(size);
    fill(own, values, size);
    return new HostAverage(own, rest, shape, moving);
  }
  const begin = tensorFrom(values, shape);
  const kernel = heapKernel();
  if (isNode && rest === null) return new NodeAverage(begin, moving);
  const lowTensor = rest === null ? null : tensorOf(rest, [size]);
  return kernel === null ? new OpsAverage(begin, lowTensor, moving) : new WasmAverage(begin, lowTensor, kernel, moving);
}

/** An empty average is NaN: it takes the first finite value. */
function fill(room: FloatVector, values: Beginning['values'], size: number): void {
  if (values === null) room.fill(NaN, 0, size);
  else room.set(isTensor(values) ? valuesOf(values) : values);
}

/** float32 and ours: data that nobody else has where that is what will move. */
function tensorFrom(values: Beginning['values'], shape: readonly number[]): Tensor {
  if (values === null) return tensorOf(new Float32Array(sizeOf(shape)).fill(NaN), shape);
  if (!isTensor(values)) return tensorOf(Float32Array.from(values), shape);
  if (values.dtype !== 'float32')
    return computed(({ runKernel }) => runKernel('Cast', { x: values }, { dtype: 'float32' }));
  return cloneTensor(values);
}
