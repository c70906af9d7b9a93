import type { Observable, Subscriber } from 'rxjs';
import { fromTraining, type DatasetModel, type FitStep } from './training.js';
import { disposeTensors } from '../values/tensorOps.js';

/**
 * `model.fitDataset` as an Observable of its steps: as {@link fromFit}, for data that is made or read while training
 * (`tf.data.generator`, `tf.data.csv`), so that shuffling and augmentation can be seeded.
 *
 * Cold, one subscription at a time per model, emitted inside tfjs's `onBatchEnd`; unsubscribing stops training, also while
 * it waits for data, and disposes the batch that arrives too late.
 *
 * @param model - a compiled `tf.LayersModel`, from any copy of tfjs
 * @param dataset - of `{ xs, ys }`, batched, as `model.fitDataset` takes it
 * @param options - as `model.fitDataset` takes them, with `verbose: 0` and `yieldEvery: 50` (ms) for defaults
 * @returns a cold Observable of `FitStep`: `epoch` and `step` from 1, `atMs` in ms since the Unix epoch, `logs` with `loss`
 * and the model's metrics as numbers. Whatever tfjs or the dataset throws is an error notification
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { lastValueFrom, map, toArray } from 'rxjs';
 * import { fitDataset } from 'rx-ema/sources';
 *
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1], kernelInitializer: 'zeros' })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const line = tf.data.generator(function* () {
 *   for (const x of [0, 1, 2, 3]) yield { xs: tf.tensor1d([x]), ys: tf.tensor1d([2 * x + 1]) };
 * });
 * const step$ = fitDataset(model, line.batch(2), { epochs: 2 });
 * console.log(await lastValueFrom(step$.pipe(map((at) => `${at.epoch}/${at.step}`), toArray())));
 * // => [ '1/1', '1/2', '2/3', '2/4' ]
 * ```
 * @see `fromFit` for data that is there as tensors, and for loops over `trainOnBatch`
 */
export function fitDataset<M extends DatasetModel>(
  model: M,
  dataset: Parameters<M['fitDataset']>[0],
  options: Parameters<M['fitDataset']>[1],
): Observable<FitStep> {
  return fromTraining(model, options, (withCallbacks, subscriber) =>
    model.fitDataset(untilClosed(subscriber, model, dataset) as never, withCallbacks as never),
  );
}

interface Batches {
  readonly size?: number;
  iterator(): Promise<{ next(): Promise<IteratorResult<unknown>> }>;
}

/** The same batches, until the subscriber has gone: tfjs looks at `stopTraining` only behind a batch. */
function untilClosed(subscriber: Subscriber<FitStep>, model: DatasetModel, dataset: Batches): Batches {
  return {
    ...(dataset.size === undefined ? {} : { size: dataset.size }),
    async iterator() {
      const batches = await dataset.iterator();
      return {
        async next() {
          const result = await batches.next();
          if (!subscriber.closed) return result;
          disposeTensors(result.value);
          model.stopTraining = true;
          return { done: false, value: null }; // tfjs skips it and ends the epoch in order, without a warning
        },
      };
    },
  };
}
