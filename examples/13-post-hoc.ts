// How long should the average be? Train once, keep two tracks of it, and look at every length afterwards.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { forkJoin, last, lastValueFrom, map, share, tap } from 'rxjs';
import { ModelEma, modelEma, postHocEma, powerDecay, weightsOf, withEmaWeights } from 'rx-ema';
import { toSafetensors } from 'rx-ema/sinks';
import { fitDataset, readSafetensors } from 'rx-ema/sources';
import { trainingBatches } from './train/batches.js';
import { loadDigits } from './train/digits.js';
import { accuracyOn, createModel } from './train/model.js';

tf.env().set('IS_TEST', true); // tfjs greets on its cpu backend unless it believes it is tested
await tf.setBackend('cpu');

const folder = mkdtempSync(join(tmpdir(), 'rx-ema-'));
const { train, test } = loadDigits();
const model = createModel(tf, 1);
const accuracy = accuracyOn(tf, test);

// Two averages whose lengths grow with the run, each saved every twenty steps.
const files: string[] = [];
const weights$ = fitDataset(model, trainingBatches(tf, train, 1), { epochs: 6 }).pipe(
  map(() => weightsOf(model)),
  share(),
);
const tracks = [0.05, 0.1].map((sigmaRel) => {
  const ema = new ModelEma({ decay: powerDecay({ sigmaRel }) });
  return weights$.pipe(
    modelEma(ema),
    tap(() => {
      if (ema.updates === 0 || ema.updates % 20 !== 0) return;
      const file = join(folder, `${sigmaRel}-${ema.updates}.safetensors`);
      toSafetensors(file, ema);
      files.push(file);
    }),
    last(),
  );
});
await lastValueFrom(forkJoin(tracks));

const snapshots = files.map((file) => readSafetensors(file).snapshot);
const percent = (share: number): string =>
  `${(100 * share).toFixed(1)} %  ${'#'.repeat(Math.round((share - 0.8) * 400))}`;
console.log(`${files.length} snapshots of two tracks; accuracy on the test digits, from 80 % on`);
console.log(` sigmaRel  residual  accuracy\n      raw         -   ${percent(accuracy(model))}`);
const widths = [0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.12, 0.15, 0.18, 0.21, 0.24];
for (const { sigmaRel, residual, weights } of postHocEma({ snapshots, sigmaRel: widths })) {
  const averaged = withEmaWeights(model, weights, () => accuracy(model));
  const fit = `${(100 * residual).toFixed(2)} %`.padStart(9);
  console.log(`${sigmaRel.toFixed(2).padStart(9)} ${fit}   ${percent(averaged)}`);
}
rmSync(folder, { recursive: true });
