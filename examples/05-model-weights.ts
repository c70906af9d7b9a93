// EMA weights: a model trained by noisy SGD ends wherever its last batch threw it; the averaged weights do not.
import * as tf from '@tensorflow/tfjs';
import { filter, map } from 'rxjs';
import { modelEma, rampDecay, weightsOf, withEmaWeights } from 'rx-ema';
import { fromFit } from 'rx-ema/sources';

tf.env().set('IS_TEST', true); // tfjs greets on its cpu backend unless it believes it is tested
await tf.setBackend('cpu');

// y = 2 a − 3 b + 1, with a lot of noise.
const n = 2048;
const xs = tf.randomNormal([n, 2], 0, 1, 'float32', 1);
const ys = tf.tidy(() =>
  xs
    .matMul(tf.tensor2d([[2], [-3]]))
    .add(1)
    .add(tf.randomNormal([n, 1], 0, 2, 'float32', 2)),
);
const model = tf.sequential({
  layers: [tf.layers.dense({ name: 'line', units: 1, inputShape: [2], kernelInitializer: 'zeros' })],
});
model.compile({ optimizer: tf.train.sgd(0.2), loss: 'meanSquaredError' });

const weights = (): string =>
  model
    .getWeights()
    .map((w) => [...w.dataSync()].map((x) => x.toFixed(3)).join(', '))
    .join(' | ');
let last = 0;

fromFit(model, xs, ys, { epochs: 4, batchSize: 8, shuffle: false })
  .pipe(
    // The weights of this very step: weightsOf gives the live variables, and modelEma reads them at once.
    map(({ step }) => {
      last = step;
      return weightsOf(model);
    }),
    modelEma({ decay: rampDecay({ decay: 0.99, tau: 100 }) }),
    filter(() => last % 200 === 0),
  )
  .subscribe({
    next(shadow) {
      const raw = weights();
      const averaged = withEmaWeights(model, shadow, weights);
      console.log(`step ${String(last).padStart(4)}   raw ${raw.padEnd(24)}  averaged ${averaged}`);
    },
    complete: () => console.log('truth       2.000, -3.000 | 1.000'),
  });
