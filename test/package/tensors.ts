// A program of someone who has tfjs beside it.
import * as tf from '@tensorflow/tfjs';
import { from, lastValueFrom } from 'rxjs';
import { biasCorrected, emaScan, weightsOf } from 'rx-ema';
import { fromFit } from 'rx-ema/sources';

tf.env().set('IS_TEST', true);
await tf.setBackend('cpu');
const tensors = [tf.tensor1d([1, 2]), tf.tensor1d([3, 4])];
const last: tf.Tensor1D = await lastValueFrom(from(tensors).pipe(emaScan({ decay: 0.5 }), biasCorrected()));
console.log(
  last.shape,
  Array.from(last.dataSync(), (x) => x.toFixed(4)),
);
tf.dispose([last, ...tensors]);

const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [1], units: 1, name: 'line' })] });
console.log(Object.keys(weightsOf(model)).join(' '));
model.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError' });
const step = await lastValueFrom(fromFit(model, tf.tensor2d([[1]]), tf.tensor2d([[2]]), { epochs: 3 }));
console.log(step.epoch, step.step);
