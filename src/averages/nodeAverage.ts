import { lerp32 } from '../kernels/lerp32.js';
import { computed, engine, kept, valuesOf, type Backend, type Tensor } from '../values/tensorOps.js';
import type { Average, Moving } from './average.js';

type Attribute = Readonly<{ name: string; type: number; value: unknown }>;
/** A tensor of TensorFlow's, which is not one of tfjs's until it is wrapped. */
type Id = number;
type Made = Readonly<{ id: Id }>;

/** tfjs-node's backend, as far as TensorFlow's ops go: they are called without a tensor of tfjs for every step. */
interface NodeBackend extends Backend {
  readonly binding: {
    readonly TF_FLOAT: number;
    readonly TF_ATTR_TYPE: number;
    readonly TF_ATTR_STRING: number;
    readonly TF_ATTR_SHAPE: number;
    readonly TF_ATTR_BOOL: number;
    createTensor(shape: readonly number[], dtype: number, values: Float32Array): Id;
    deleteTensor(id: Id): void;
    tensorDataSync(id: Id): Float32Array;
    executeOp(name: string, attributes: readonly Attribute[], inputs: readonly Id[], outputs: number): Made[];
  };
  getInputTensorIds(tensors: readonly Tensor[]): Id[];
  createOutputTensor(made: Made): Tensor;
}

/**
 * The average of a tensor of tfjs-node, in a resource variable of TensorFlow's that moves in place. TensorFlow copies the
 * variable first where somebody else still holds what was read from it.
 */
export class NodeAverage implements Average {
  readonly #backend = engine().backend as NodeBackend;
  readonly #guarded: boolean;
  readonly #variable: Id;
  #shown: Tensor;
  /** The gain as a scalar of the backend. */
  #gain: { readonly value: number; readonly id: Id } | null = null;

  /** @param begin - float32; disposed here */
  constructor(begin: Tensor, { guarded }: Moving) {
    this.#guarded = guarded;
    const { TF_ATTR_STRING, TF_ATTR_SHAPE } = this.#backend.binding;
    const attributes = [
      { name: 'container', type: TF_ATTR_STRING, value: '' },
      { name: 'shared_name', type: TF_ATTR_STRING, value: `rx-ema/${crypto.randomUUID()}` },
      this.#float('dtype'),
      { name: 'shape', type: TF_ATTR_SHAPE, value: begin.shape },
    ];
    [this.#variable] = this.#run('VarHandleOp', attributes, []) as [Id];
    this.#assign(this.#idOf(begin));
    begin.dispose();
    this.#shown = this.#read();
  }

  get shown(): Tensor {
    return this.#shown;
  }

  get stands(): boolean {
    return engine().backend === this.#backend;
  }

  move(x: Tensor, gain: number): number {
    const { binding } = this.#backend;
    const value =
      x.dtype === 'float32' ? x : computed(({ runKernel }) => runKernel('Cast', { x }, { dtype: 'float32' }));
    const [back] = this.#run('Sub', [this.#float('T')], [this.#idOf(this.#shown), this.#idOf(value)]) as [Id];
    let refused = 0;
    if (Math.fround(gain) === 1 || (this.#guarded && !this.#isFinite(back))) {
      refused = this.#moveEach(valuesOf(value) as Float32Array, gain);
    } else {
      this.#shown.dispose(); // before the step: what is read of a variable would make it a copy
      const attributes = [this.#float('T'), { name: 'use_locking', type: binding.TF_ATTR_BOOL, value: false }];
      this.#run('ResourceApplyGradientDescent', attributes, [this.#variable, this.#idOfGain(gain), back], 0);
    }
    binding.deleteTensor(back);
    if (value !== x) value.dispose();
    this.#shown = this.#read();
    return refused;
  }

  /** True if the sum of the squares is: where it overflows, the slow way is as right. */
  #isFinite(gap: Id): boolean {
    const [sum] = this.#run('L2Loss', [this.#float('T')], [gap]) as [Id];
    const [half] = this.#backend.binding.tensorDataSync(sum);
    this.#backend.binding.deleteTensor(sum);
    return Number.isFinite(half);
  }

  #moveEach(x: Float32Array, gain: number): number {
    const { binding } = this.#backend;
    const y = Float32Array.from(this.values());
    const refused = lerp32(y, null, x, gain, this.#guarded);
    const id = binding.createTensor(this.#shown.shape, binding.TF_FLOAT, y);
    this.#shown.dispose();
    this.#assign(id);
    binding.deleteTensor(id);
    return refused;
  }

  #assign(id: Id): void {
    this.#run('AssignVariableOp', [this.#float('dtype')], [this.#variable, id], 0);
  }

  #read(): Tensor {
    const [made] = this.#backend.binding.executeOp('ReadVariableOp', [this.#float('dtype')], [this.#variable], 1);
    return kept(this.#backend.createOutputTensor(made!));
  }

  #run(name: string, attributes: readonly Attribute[], inputs: readonly Id[], outputs = 1): Id[] {
    return this.#backend.binding.executeOp(name, attributes, inputs, outputs).map(({ id }) => id);
  }

  #idOf(tensor: Tensor): Id {
    return this.#backend.getInputTensorIds([tensor])[0]!;
  }

  #idOfGain(value: number): Id {
    const { binding } = this.#backend;
    if (this.#gain?.value !== value) {
      if (this.#gain !== null) binding.deleteTensor(this.#gain.id);
      this.#gain = { value, id: binding.createTensor([], binding.TF_FLOAT, Float32Array.of(value)) };
    }
    return this.#gain.id;
  }

  #float(name: string): Attribute {
    const { TF_ATTR_TYPE, TF_FLOAT } = this.#backend.binding;
    return { name, type: TF_ATTR_TYPE, value: TF_FLOAT };
  }

  copy(): Tensor {
    return kept(this.#shown.clone());
  }

  values(): Float32Array {
    return valuesOf(this.#shown) as Float32Array;
  }

  low(): null {
    return null;
  }

  dispose(lent = false): void {
    const { binding } = this.#backend;
    if (!lent) this.#shown.dispose();
    this.#run('DestroyResourceOp', [], [this.#variable], 0);
    binding.deleteTensor(this.#variable);
    if (this.#gain !== null) binding.deleteTensor(this.#gain.id);
    this.#gain = null;
  }
}
