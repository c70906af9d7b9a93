// Evaluating with averaged weights: they are in the model for as long as the evaluation runs, and then its own are back.
import * as tf from '@tensorflow/tfjs';
import { lastValueFrom, map } from 'rxjs';
import { modelEma, refreshNorm, weightsOf, withEmaWeights } from 'rx-ema';
import { fitDataset } from 'rx-ema/sources';
import { tensors, trainingBatches } from './train/batches.js';
import { loadDigits } from './train/digits.js';

tf.env().set('IS_TEST', true); // tfjs greets on its cpu backend unless it believes it is tested
await tf.setBackend('cpu');

const { train, test } = loadDigits();
const held = tensors(tf, test);
const model = tf.sequential({
  layers: [
    tf.layers.dense({ units: 32, inputShape: [64], kernelInitializer: tf.initializers.heNormal({ seed: 1 }) }),
    tf.layers.batchNormalization({ momentum: 0.9 }),
    tf.layers.reLU(),
    tf.layers.dense({ units: 10, activation: 'softmax', kernelInitializer: tf.initializers.heNormal({ seed: 2 }) }),
  ],
});
model.compile({ optimizer: tf.train.sgd(1), loss: 'categoricalCrossentropy', metrics: ['accuracy'] }); // a rate far too high

// rule 'torch': the statistics of batch normalization are no parameters, so the shadow has the latest ones.
const shadow = await lastValueFrom(
  fitDataset(model, trainingBatches(tf, train, 3), { epochs: 8 }).pipe(
    map(() => weightsOf(model)),
    modelEma({ decay: 0.99, rule: 'torch' }),
  ),
);

const accuracy = (): string => {
  const [loss, right] = tf.tidy(() => (model.evaluate(held.xs, held.ys) as tf.Scalar[]).map((x) => x.dataSync()[0]!));
  return `loss ${loss!.toFixed(3)}   accuracy ${(100 * right!).toFixed(1)} %`;
};
const before = accuracy();
console.log(`raw weights                          ${before}`);
console.log(`averaged, statistics of the raw      ${withEmaWeights(model, shadow, accuracy)}`);

// An async body: the swap ends when its promise settles. The statistics are estimated anew for the averaged weights.
const refreshed = await withEmaWeights(model, shadow, async () => {
  const count = await lastValueFrom(refreshNorm(model, trainingBatches(tf, train, 4)));
  return `averaged, statistics of ${count} batches   ${accuracy()}`;
});
console.log(refreshed);

try {
  withEmaWeights(model, shadow, () => {
    throw new Error('an evaluation that breaks off');
  });
} catch (error) {
  console.log(`\n${(error as Error).message}: the model has its own weights again: ${accuracy() === before}`);
}
