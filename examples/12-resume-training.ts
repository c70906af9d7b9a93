// A training run that is killed and goes on: weights and shadow are in one file, which is replaced whole or not at all.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { assignWeights, ModelEma, rampDecay, weightsOf } from 'rx-ema';
import { toSafetensors } from 'rx-ema/sinks';
import { readSafetensors } from 'rx-ema/sources';

tf.env().set('IS_TEST', true); // tfjs greets on its cpu backend unless it believes it is tested
await tf.setBackend('cpu');

const folder = mkdtempSync(join(tmpdir(), 'rx-ema-'));
const options = { decay: rampDecay({ decay: 0.99, tau: 50 }), compensated: true };

/** Fits y = 2x − 1 to noisy points, from where the file says; `killedAt` ends it there. */
async function train(path: string, killedAt = Infinity): Promise<ModelEma> {
  const model = tf.sequential({
    layers: [tf.layers.dense({ name: 'line', units: 1, inputShape: [1], kernelInitializer: 'zeros' })],
  });
  model.compile({ optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError' });
  const file = existsSync(path) ? readSafetensors(path) : null;
  const ema = new ModelEma(options, file?.snapshot);
  if (file === null) {
    ema.update(weightsOf(model)); // the first weights are no step: from here on, `updates` is the step
  } else {
    assignWeights(model, file.model!); // plain SGD has no state of its own; that of other optimizers is yours to keep
    console.log(`  goes on at step ${ema.updates}`);
  }
  for (let step = ema.updates + 1; step <= 300; step++) {
    const x = tf.tensor2d([[Math.sin(step * 12.9898)]]);
    const y = tf.tidy(() =>
      x
        .mul(2)
        .sub(1)
        .add(Math.cos(step * 78.233)),
    );
    await model.trainOnBatch(x, y);
    tf.dispose([x, y]);
    if (step >= killedAt) return ema; // as if the process had ended here: what was not saved is lost
    ema.update(weightsOf(model));
    if (step % 50 === 0) toSafetensors(path, ema, { model: weightsOf(model) });
  }
  return ema;
}

const whole = await train(join(folder, 'whole.safetensors'));
const path = join(folder, 'killed.safetensors');
for (const killedAt of [80, 230, 299]) {
  console.log(`until it is killed at step ${killedAt}`);
  await train(path, killedAt);
}
const resumed = await train(path);
const values = (ema: ModelEma): number[] => Object.values(ema.shadow).map((w) => (w as tf.Tensor).dataSync()[0]!);
const [slope, offset] = values(resumed);
console.log(`\nshadow: ${slope!.toFixed(4)} x + ${offset!.toFixed(4)} after ${resumed.updates} updates`);
console.log(`the same numbers as without an end: ${values(resumed).every((w, i) => Object.is(w, values(whole)[i]))}`);
console.log(`in the file: ${Object.keys(readSafetensors(path).dtypes).join(', ')}`);
rmSync(folder, { recursive: true });
