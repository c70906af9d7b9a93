import { laws, MODEL_CHOICES, modelEngine, type Cell, type Kind } from '../laws.js';
import { BACKENDS, tf, withBackends } from '../support/backends.js';

type Floats = Float32Array | Float64Array;
type Row = readonly Cell[];

const numbers = (cells: Row): number[] => cells.map(Number);

const common = {
  width: 4,
  holes: [NaN, Infinity, -Infinity],
  engine: modelEngine,
  choices: MODEL_CHOICES,
} satisfies Partial<Kind>;

const weights = (kernel: () => tf.Tensor, bias: () => tf.Tensor) => () => ({ kernel: kernel(), bias: bias() });
const bias = (): tf.Tensor => tf.zeros([1]);

laws({
  ...common,
  name: 'weights in typed arrays',
  eps: 2 ** -23,
  round: Math.fround,
  of: (cells) => ({
    kernel: Float32Array.from(numbers(cells.slice(0, 3))),
    bias: Float64Array.from(numbers(cells.slice(3))),
  }),
  cells: (value) => {
    const { kernel, bias } = value as { kernel: Floats; bias: Floats };
    return [...kernel, ...bias];
  },
  free: () => {},
  longest: 1e5,
  misfits: [
    ['a number', () => 3, 'VALUE_KIND'],
    ['null', () => null, 'VALUE_KIND'],
    ['a name less', () => ({ kernel: new Float32Array(3) }), 'NAMES_MISMATCH'],
    [
      'a name more',
      () => ({ kernel: new Float32Array(3), bias: new Float64Array(1), scale: new Float32Array(1) }),
      'NAMES_MISMATCH',
    ],
    ['a longer weight', () => ({ kernel: new Float32Array(4), bias: new Float64Array(1) }), 'SHAPE_MISMATCH'],
    ['another class of array', () => ({ kernel: new Float32Array(3), bias: new Float32Array(1) }), 'DTYPE_MISMATCH'],
    ['an array of numbers', () => ({ kernel: [1, 2, 3], bias: new Float64Array(1) }), 'VALUE_KIND'],
  ],
  strangers: [
    ['a number', () => 3, 'VALUE_KIND'],
    ['null', () => null, 'VALUE_KIND'],
    ['no weights at all', () => ({}), 'NAMES_MISMATCH'],
    ['a list of weights', () => [new Float32Array(3)], 'VALUE_KIND'],
    ['a Map', () => new Map([['kernel', new Float32Array(3)]]), 'VALUE_KIND'],
    ['one typed array', () => new Float32Array(3), 'VALUE_KIND'],
    ['a record of numbers', () => ({ kernel: 3 }), 'VALUE_KIND'],
  ],
});

// Small tensors are averaged in JS where that is faster; those of more than 2048 elements by the backend's ops.
withBackends(BACKENDS, 'modelEma', () => {
  lawsOfTensors('weights in small tensors', 1);
  lawsOfTensors('weights in large tensors', 700);
});

/** A row of the kernel holds one cell, `columns` times. */
function lawsOfTensors(name: string, columns: number): void {
  const kernel = (): tf.Tensor => tf.zeros([3, columns]);
  const tiled = (cells: Row): number[] => numbers(cells).flatMap((cell) => Array.from({ length: columns }, () => cell));
  laws({
    ...common,
    name,
    eps: 2 ** -23,
    round: Math.fround,
    of: (cells) => ({
      kernel: tf.tensor2d(tiled(cells.slice(0, 3)), [3, columns]),
      bias: tf.tensor1d(numbers(cells.slice(3))),
    }),
    cells: (value) => {
      const { kernel, bias } = value as Record<string, tf.Tensor>;
      const values = Array.from(kernel!.dataSync());
      const rows = [0, 1, 2].map((row) => values.slice(row * columns, (row + 1) * columns));
      return [...rows.map(theOneOf), ...Array.from(bias!.dataSync())];
    },
    free: (value) => tf.dispose(value as Record<string, tf.Tensor>),
    longest: 1e3,
    misfits: [
      ['a tensor', kernel, 'VALUE_KIND'],
      ['an array of tensors', () => [kernel(), bias()], 'VALUE_KIND'],
      ['a name less', () => ({ kernel: kernel() }), 'NAMES_MISMATCH'],
      ['a name more', () => ({ kernel: kernel(), bias: bias(), scale: bias() }), 'NAMES_MISMATCH'],
      ['a shape that would broadcast', weights(() => tf.zeros([1, 1]), bias), 'SHAPE_MISMATCH'],
      ['another rank', weights(() => tf.zeros([3 * columns]), bias), 'SHAPE_MISMATCH'],
      ['another dtype', weights(kernel, () => tf.zeros([1], 'int32')), 'DTYPE_MISMATCH'],
      ['a typed array for a tensor', () => ({ kernel: new Float32Array(3), bias: bias() }), 'DTYPE_MISMATCH'],
      ['a disposed tensor', weights(kernel, disposed), 'TENSOR_DISPOSED'],
    ],
    strangers: [
      ['a disposed tensor', weights(kernel, disposed), 'TENSOR_DISPOSED'],
      ['a tensor', kernel, 'VALUE_KIND'],
    ],
  });
}

function theOneOf(cells: number[]): number {
  if (!cells.every((cell) => Object.is(cell, cells[0])))
    throw new Error(`equal elements came out unequal: ${cells.join(', ')}`);
  return cells[0]!;
}

function disposed(): tf.Tensor {
  const tensor = tf.zeros([1]);
  tensor.dispose();
  return tensor;
}
