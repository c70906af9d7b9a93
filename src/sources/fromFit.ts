import type { Observable } from 'rxjs';
import { fromTraining, type FitModel, type FitStep } from './training.js';

/**
 * `model.fit` as an Observable of its steps: the metrics of each batch, the moment it is trained.
 *
 * Cold: each subscription trains (the model goes on from the weights it has), so `share()` before the second reader.
 * Emits inside tfjs's `onBatchEnd`, before the next batch begins: `weightsOf(model)` read in a synchronous pipe are the
 * weights of that very step. Nothing is buffered. Completes when training ends. Unsubscribing (`take`, `takeUntil`,
 * `switchMap`) sets `model.stopTraining`: the batch in progress is finished, nothing is emitted any more, and a new
 * subscription to the same model waits for that. The user's own `callbacks` are called, before each emission; an array
 * may not mix `tf.Callback` objects and plain ones (tfjs's rule).
 *
 * @param model - a compiled `tf.LayersModel`, from any copy of tfjs
 * @param xs - as `model.fit` takes them
 * @param ys - as `model.fit` takes them
 * @param options - as `model.fit` takes them, with two other defaults: `verbose: 0`, and `yieldEvery: 50`: every 50 ms the
 * event loop gets a turn, so that timers, sockets and unsubscription work while training. `'batch'` is smoother and
 * slower; `'never'` keeps everything waiting until the end
 * @returns a cold Observable of `FitStep`: `epoch` and `step` from 1, `atMs` in ms since the Unix epoch, `logs` with `loss`
 * and the model's metrics as numbers. Whatever tfjs throws is an error notification
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { lastValueFrom, map, toArray } from 'rxjs';
 * import { biasCorrected, emaScan } from 'rx-ema';
 * import { fromFit } from 'rx-ema/sources';
 *
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1], kernelInitializer: 'zeros' })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const [xs, ys] = [tf.tensor2d([[0], [1], [2], [3]]), tf.tensor2d([[1], [3], [5], [7]])];
 * const loss$ = fromFit(model, xs, ys, { epochs: 30, batchSize: 2 }).pipe(map((step) => step.logs.loss));
 * const smooth = await lastValueFrom(loss$.pipe(emaScan({ decay: 0.9 }), biasCorrected(), toArray()));
 * console.log(smooth.length, smooth.at(-1)! < smooth[0]!);
 * // => 60 true
 * ```
 * @example A loop over `trainOnBatch`: yield each step from an async generator. `defer` makes it cold; unsubscribing ends
 * it at its next `yield`; `tf.nextFrame()` now and then gives the event loop its turn.
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { defer, lastValueFrom, map, take, toArray } from 'rxjs';
 *
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1], kernelInitializer: 'zeros' })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const [xs, ys] = [tf.tensor2d([[0], [1], [2], [3]]), tf.tensor2d([[1], [3], [5], [7]])];
 *
 * async function* training(steps: number) {
 *   for (let step = 1; step <= steps; step++) {
 *     const loss = Number(await model.trainOnBatch(xs, ys));
 *     yield { epoch: step, step, atMs: performance.timeOrigin + performance.now(), logs: { loss } };
 *     if (step % 10 === 0) await tf.nextFrame();
 *   }
 * }
 * const step$ = defer(() => training(50));
 * const losses = await lastValueFrom(step$.pipe(map((step) => step.logs.loss), take(20), toArray()));
 * console.log(losses.length, losses[0]);
 * // => 20 21
 * ```
 * @see `fitDataset` for data that is made or read while training
 */
export function fromFit<M extends FitModel>(
  model: M,
  xs: Parameters<M['fit']>[0],
  ys: Parameters<M['fit']>[1],
  options?: Parameters<M['fit']>[2],
): Observable<FitStep> {
  return fromTraining(model, options ?? {}, (withCallbacks) => model.fit(xs, ys, withCallbacks as never));
}
