import type * as Tf from '@tensorflow/tfjs';
import { tensors } from './batches.js';
import { CLASSES, PIXELS, type Digit } from './digits.js';

export const LEARNING_RATE = 0.3;
const HIDDEN = 64;
export const DESCRIPTION: string = `dense ${PIXELS}-${HIDDEN}-${HIDDEN}-${CLASSES}, SGD at ${LEARNING_RATE}`;

/**
 * A small classifier, with plain SGD at a rate so high that its weights never come to rest: what averaging is for.
 * Dense layers, since tfjs's wasm backend has no gradient for convolutions. The same seed gives the same weights.
 */
export function createModel(tf: typeof Tf, seed: number): Tf.Sequential {
  const hidden = { units: HIDDEN, activation: 'relu' } as const;
  const normal = (nth: number) => tf.initializers.heNormal({ seed: seed + nth * 1000 });
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ ...hidden, name: 'first', inputShape: [PIXELS], kernelInitializer: normal(0) }),
      tf.layers.dense({ ...hidden, name: 'second', kernelInitializer: normal(1) }),
      tf.layers.dense({ name: 'digit', units: CLASSES, activation: 'softmax', kernelInitializer: normal(2) }),
    ],
  });
  model.compile({
    optimizer: tf.train.sgd(LEARNING_RATE),
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy'],
  });
  return model;
}

/** A function that says which share of the digits a model gets right, in [0, 1], with the weights it has at that moment. */
export function accuracyOn(tf: typeof Tf, digits: readonly Digit[]): (model: Tf.LayersModel) => number {
  const { xs, ys } = tensors(tf, digits);
  ys.dispose();
  return (model) => {
    const guesses = tf.tidy(() => (model.predict(xs) as Tf.Tensor2D).argMax(1).dataSync());
    return digits.filter(({ label }, i) => guesses[i] === label).length / digits.length;
  };
}
