import { tf } from './backends.js';

/** x + w of TensorFlow's graph format, as `tf.loadGraphModel` makes it: a model whose weights are constants. */
export function graphModel(): Promise<tf.GraphModel> {
  const float = { dtype: { type: 'DT_FLOAT' } };
  const node = [
    { name: 'x', op: 'Placeholder', attr: { ...float, shape: { shape: { dim: [{ size: '1' }] } } } },
    { name: 'w', op: 'Const', attr: float },
    { name: 'y', op: 'AddV2', input: ['x', 'w'], attr: { T: { type: 'DT_FLOAT' } } },
  ];
  return tf.loadGraphModel(
    tf.io.fromMemory({
      modelTopology: { node, versions: { producer: 1 } },
      weightSpecs: [{ name: 'w', shape: [1], dtype: 'float32' }],
      weightData: Float32Array.of(3).buffer,
    }),
  );
}
