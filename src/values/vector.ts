import { SmoothingError } from '../errors.js';
import type { FloatVector } from '../kernels/vectors.js';
import type { Plan } from '../options.js';
import {
  ageBlock,
  blockArrays,
  blockStep,
  blockWeight,
  hasMissing,
  moveEach,
  moveWhole,
  newBlock,
  readBlock,
  type Block,
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
  readonly block: Block;
  readonly #plan: Plan;
  readonly #kind: string;
  #readout: Readout;
  #last: FloatVector | undefined;
  /** What is lent where it is not the shadow itself. */
  #lent: FloatVector | null = null;
  /** What came out last, for 'carry': the emitted copy is the receiver's to change. */
  #carried: FloatVector | null = null;

  constructor(plan: Plan, kind: string, block: Block, readout: Readout) {
    this.lends = plan.emit === 'live';
    this.block = block;
    this.#plan = plan;
    this.#kind = kind;
    this.#readout = readout;
  }

  get readout(): Readout {
    return this.#readout;
  }

  get step(): number {
    return blockStep(this.block);
  }

  get last(): FloatVector | undefined {
    if (this.#last === undefined && blockWeight(this.block) !== 0) this.#last = this.#read(this.#readout);
    return this.#last;
  }

  update(x: Vector, readout: Readout): FloatVector {
    this.#check(x);
    const [plan, block] = [this.#plan, this.block];
    let out: FloatVector | null = null;
    if (hasMissing(x, plan) || block.each !== null) {
      out = this.lends ? null : floats(this.#kind, x.length);
      moveEach(block, x, plan, readout, out);
    } else {
      moveWhole(block, x, plan);
    }
    this.#readout = readout;
    this.#last = out ?? this.#read(readout);
    if (plan.missing === 'carry') this.#carried = this.#last.slice();
    return this.#last;
  }

  #read(readout: Readout): FloatVector {
    const { block, lends } = this;
    const whole = blockWeight(block);
    if (lends && (whole === 1 || (readout === 'corrected' && whole !== 0))) return block.y;
    const out = lends ? (this.#lent ??= block.y.slice()) : floats(this.#kind, block.y.length);
    readBlock(block, readout, out);
    return out;
  }

  #check(x: Vector): void {
    if (!isVector(x) || kindOfVector(x) !== this.#kind) throw otherKind(`be a ${this.#kind}, as the first one was`, x);
    checkLength('the value', x, this.block.y.length);
  }

  age(): void {
    ageBlock(this.block, this.#plan);
  }

  again(): FloatVector | undefined {
    return this.#carried?.slice() ?? this.last;
  }

  state(): State {
    return { scalars: { type: this.#kind, readout: this.#readout }, shadows: blockArrays(this.block) };
  }
}

function checkLength(what: string, x: Vector, length: number): void {
  if (x.length === length) return;
  throw new SmoothingError('SHAPE_MISMATCH', `${what} must have ${length} elements, got ${x.length}`);
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
      checkLength('start.value', seed, first.length);
      y.set(seed);
    }
    return new VectorSmoother(plan, kind, newBlock(y, seed !== undefined), 'raw');
  },
};
