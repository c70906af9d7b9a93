import type { FloatVector } from '../kernels/vectors.js';
import type { Plan } from '../options.js';
import {
  ageBlock,
  blockStep,
  blockWeight,
  hasMissing,
  lastOfEach,
  moveEach,
  moveWhole,
  newBlock,
  readBlock,
  type Block,
} from './block.js';
import { otherKind, type Carrier, type Readout, type Smoother } from './smoother.js';
import { checkShape } from './tensorOps.js';

type Vector = ArrayLike<number> & ArrayBufferView;

/** Typed arrays that average as they are, and those that widen to Float64Array. */
const FLOATS = ['Float32Array', 'Float64Array'];
const INTS = ['Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array'];
export const VECTORS: ReadonlySet<unknown> = new Set([...FLOATS, ...INTS]);

const kindOfVector = (value: Vector): string => value.constructor.name;

export function isVector(value: unknown): value is Vector {
  return ArrayBuffer.isView(value) && VECTORS.has(value.constructor.name);
}

/** A new vector of the kind that averages of `kind` have. */
export function floats(kind: string, length: number): FloatVector {
  return kind === 'Float32Array' ? new Float32Array(length) : new Float64Array(length);
}

/** A vector's smoother, whose state tensors share. */
export interface VectorSmoother extends Smoother<Vector> {
  readonly block: Block;
  readout(): Readout;
  update(x: Vector, readout: Readout): FloatVector;
  again(): FloatVector | undefined;
}

export function vectorSmoother(plan: Plan, kind: string, block: Block, readout: Readout): VectorSmoother {
  const lends = plan.emit === 'live';
  let last: FloatVector | undefined;
  /** What is lent where it is not the shadow itself. */
  let lent: FloatVector | undefined;

  function read(): FloatVector {
    const whole = blockWeight(block);
    if (lends && whole && (whole === 1 || readout === 'corrected')) return block.y;
    const out = lends ? (lent ??= block.y.slice()) : floats(kind, block.y.length);
    readBlock(block, readout, plan, out);
    return out;
  }

  return {
    lends,
    block,
    readout: () => readout,
    step: () => blockStep(block, plan),
    last() {
      return (last ??= this.again() ?? (blockWeight(block) === 0 ? undefined : read()));
    },
    update(x, as) {
      if (!isVector(x) || kindOfVector(x) !== kind) throw otherKind(`be a ${kind}, as the first one was`, x);
      checkShape('the value', { shape: [x.length] }, [block.y.length]);
      let out: FloatVector | undefined;
      // under 'carry' every element has a slot, which knows what came out last
      if (hasMissing(x, plan) || block.each !== null || plan.missing === 'carry') {
        if (!lends) out = floats(kind, x.length);
        moveEach(block, x, plan, as, out);
      } else {
        moveWhole(block, x, plan);
      }
      readout = as;
      return (last = out ?? read());
    },
    age: () => ageBlock(block, plan),
    again() {
      if (block.each === null) return undefined;
      const again = floats(kind, block.y.length);
      lastOfEach(block, plan, again);
      return again;
    },
    parts: () => ({ block, scalars: { type: kind, length: block.y.length, readout } }),
  };
}

/** Typed arrays: a gain for the whole. */
export const vectors: Carrier<Vector> = {
  kind: 'vector',
  accepts: isVector,
  begin(first, plan) {
    const { seed } = plan;
    const kind = kindOfVector(first);
    const y = floats(kind, first.length).fill(NaN);
    if (seed !== undefined) {
      if (!isVector(seed)) throw otherKind('be of the kind of start.value', first);
      checkShape('start.value', { shape: [seed.length] }, [first.length]);
      y.set(seed);
    }
    return vectorSmoother(plan, kind, newBlock(y, seed !== undefined, plan), 'raw');
  },
};
