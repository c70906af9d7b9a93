import { SmoothingError } from '../errors.js';
import type { FloatVector } from '../kernels/vectors.js';
import type { Plan } from '../options.js';
import {
  ageBlock,
  blockArrays,
  blockStep,
  blockWeight,
  emptyBlock,
  hasMissing,
  moveEach,
  moveWhole,
  readBlock,
  seededBlock,
  showMissing,
  type BlockWeights,
} from './block.js';
import { otherKind, type Carrier, type Readout, type Smoother, type State } from './smoother.js';

type Vector = ArrayLike<number> & ArrayBufferView;

/** Typed arrays that average as they are, and those that widen to Float64Array. */
const FLOATS = ['Float32Array', 'Float64Array'];
const INTS = ['Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array'];
const KINDS = new Set([...FLOATS, ...INTS]);

const kindOfVector = (value: Vector): string => value.constructor.name;

export function isVector(value: unknown): value is Vector {
  return ArrayBuffer.isView(value) && KINDS.has(value.constructor.name);
}

/** A new vector of the kind that averages of `kind` have. */
export function floats(kind: string, length: number): FloatVector {
  return kind === 'Float32Array' ? new Float32Array(length) : new Float64Array(length);
}

export class VectorSmoother implements Smoother<Vector> {
  readonly lends: boolean;
  readonly #plan: Plan;
  readonly #kind: string;
  /** The shadow, which moves in place, and what it rests on. */
  readonly y: FloatVector;
  readonly block: BlockWeights;
  #readout: Readout;
  #last: FloatVector | undefined;
  /** What is lent where it is not y itself. */
  #lent: FloatVector | null = null;
  /** What came out last, for 'carry': the emitted copy is the receiver's to change. */
  #carried: FloatVector | null = null;

  constructor(plan: Plan, kind: string, y: FloatVector, block: BlockWeights, readout: Readout) {
    this.lends = plan.emit === 'live';
    this.#plan = plan;
    this.#kind = kind;
    this.y = y;
    this.block = block;
    this.#readout = readout;
  }

  get readout(): Readout {
    return this.#readout;
  }

  get step(): number {
    return blockStep(this.block);
  }

  get last(): FloatVector | undefined {
    if (this.#last === undefined && blockWeight(this.block) !== 0) this.#last = this.#emit(this.#readout);
    return this.#last;
  }

  update(x: Vector, readout: Readout): FloatVector {
    this.#check(x);
    const [plan, block, y] = [this.#plan, this.block, this.y];
    const missing = hasMissing(x, plan);
    if (missing || block.each !== null) moveEach(block, y, x, plan, readout);
    else moveWhole(block, y, x, plan);
    this.#readout = readout;
    const out = this.#emit(readout);
    if (missing && !this.lends) showMissing(block, x, plan, out);
    this.#last = out;
    if (plan.missing === 'carry') this.#carried = out.slice();
    return out;
  }

  #emit(readout: Readout): FloatVector {
    const whole = blockWeight(this.block);
    if (this.lends && (whole === 1 || (readout === 'corrected' && whole !== 0))) return this.y;
    const out = this.lends ? (this.#lent ??= this.y.slice()) : floats(this.#kind, this.y.length);
    readBlock(this.block, this.y, readout, out);
    return out;
  }

  #check(x: Vector): void {
    if (!isVector(x) || kindOfVector(x) !== this.#kind) throw otherKind(`be a ${this.#kind}, as the first one was`, x);
    if (x.length !== this.y.length) {
      throw new SmoothingError(
        'SHAPE_MISMATCH',
        `the value must have ${this.y.length} elements, as the first one had, got ${x.length}`,
      );
    }
  }

  age(): void {
    ageBlock(this.block, this.#plan);
  }

  again(): FloatVector | undefined {
    return this.#carried?.slice() ?? this.last;
  }

  state(): State {
    return {
      scalars: { type: this.#kind, readout: this.#readout },
      shadows: { y: this.y, ...blockArrays(this.block) },
    };
  }

  release(): void {}
  dispose(): void {}
}

/** Typed arrays: a gain for the whole. */
export const vectors: Carrier<Vector> = {
  kind: 'vector',
  accepts: isVector,
  begin(first, plan) {
    const kind = kindOfVector(first);
    const y = floats(kind, first.length).fill(NaN);
    const { seed } = plan;
    if (seed === undefined) return new VectorSmoother(plan, kind, y, emptyBlock(), 'raw');
    if (!isVector(seed)) throw otherKind('be of the kind of start.value', first);
    if (seed.length !== first.length) {
      throw new SmoothingError('SHAPE_MISMATCH', `start.value must have ${first.length} elements, got ${seed.length}`);
    }
    y.set(seed);
    return new VectorSmoother(plan, kind, y, seededBlock(), 'raw');
  },
};
