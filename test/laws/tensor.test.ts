import { EMA_CHOICES, emaEngine, laws, type Kind } from '../laws.js';
import { BACKENDS, tf, withBackends } from '../support/backends.js';

/** The longest stream is 1000 tensors: each costs about a tenth of a millisecond. */
const tensors: Kind = {
  name: 'tensors',
  width: 4,
  holes: [NaN, Infinity, -Infinity],
  eps: 2 ** -23,
  round: Math.fround,
  of: (cells) => tf.tensor2d(cells.map(Number), [2, 2]),
  cells: (value) => Array.from((value as tf.Tensor).dataSync()),
  free: (value) => (value as tf.Tensor).dispose(),
  engine: emaEngine,
  choices: EMA_CHOICES,
  longest: 1e3,
  misfits: [
    ['a number', () => 3, 'VALUE_KIND'],
    ['a Float32Array', () => new Float32Array(4), 'VALUE_KIND'],
    ['another rank of the same size', () => tf.zeros([4]), 'SHAPE_MISMATCH'],
    ['a shape that would broadcast', () => tf.zeros([1, 2]), 'SHAPE_MISMATCH'],
    ['a scalar', () => tf.scalar(1), 'SHAPE_MISMATCH'],
    ['an int32 tensor', () => tf.zeros([2, 2], 'int32'), 'DTYPE_MISMATCH'],
    ['a disposed tensor', disposed, 'TENSOR_DISPOSED'],
  ],
  strangers: [
    ['a disposed tensor', disposed, 'TENSOR_DISPOSED'],
    ['a tensor of strings', () => tf.tensor(['a', 'b'], [2], 'string'), 'DTYPE_MISMATCH'],
  ],
};

const integers: Kind = {
  ...tensors,
  name: 'int32 tensors',
  holes: [],
  round: (x) => Math.max(-65536, Math.min(65536, Math.round(x))) + 0,
  of: (cells) => tf.tensor2d(cells.map(Number), [2, 2], 'int32'),
  misfits: [['a float32 tensor', () => tf.zeros([2, 2]), 'DTYPE_MISMATCH']],
  strangers: [],
  longest: 10,
};

withBackends(BACKENDS, 'emaScan', () => {
  laws(tensors);
  laws(integers);
});

function disposed(): tf.Tensor {
  const tensor = tf.zeros([2, 2]);
  tensor.dispose();
  return tensor;
}
