import { tf } from '../support/backends.js';

// While it believes it is tested, tfjs takes the copies that a fused layer saves for its gradient for leaks of the
// kernel, and throws: no dense layer could be trained on wasm or the native backend.
tf.env().set('IS_TEST', false);
tf.env().set('PROD', true);

/** y = 2x + 1 in eight points, and a model that can learn it: with batches of 2 an epoch is four steps. */
export function line() {
  const xs = tf.tensor2d([0, 1, 2, 3, 4, 5, 6, 7], [8, 1]);
  const ys = tf.tensor2d([1, 3, 5, 7, 9, 11, 13, 15], [8, 1]);
  const layer = tf.layers.dense({ name: 'line', units: 1, inputShape: [1], kernelInitializer: 'zeros' });
  const model = tf.sequential({ layers: [layer] });
  model.compile({ optimizer: tf.train.sgd(0.01), loss: 'meanSquaredError', metrics: ['mae'] });
  const dispose = () => {
    model.dispose();
    tf.dispose([xs, ys]);
  };
  return { model, xs, ys, dispose };
}

/** The same points as a dataset; `onBatch` is told before each is made. */
export function points(onPoint: (index: number) => void = () => {}) {
  return tf.data.generator(function* () {
    for (let x = 0; x < 8; x++) {
      onPoint(x);
      yield { xs: tf.tensor1d([x]), ys: tf.tensor1d([2 * x + 1]) };
    }
  });
}
