import { defer, finalize, from, map, of, reduce, type Observable, type ObservableInput } from 'rxjs';
import { shown, SmoothingError } from '../src/errors.js';
import { checkLayersModel } from '../src/models/normLayers.js';
import { NormRefresh } from '../src/models/normRefresh.js';
import type { TensorLike } from '../src/types.js';
import { disposeTensors } from '../src/values/tensorOps.js';

/** One batch of a model's inputs, as `model.apply` takes them, or as the records of tf.data have them. */
export type NormInputs = TensorLike | readonly TensorLike[] | { readonly xs: TensorLike | readonly TensorLike[] };

/** Batches of inputs: an Observable of them, anything that RxJS's `from` takes, or a `tf.data.Dataset`. */
export type NormSource = ObservableInput<NormInputs> | { iterator(): Promise<NormIterator> };
interface NormIterator {
  next(): Promise<{ readonly value: unknown; readonly done?: boolean }>;
}

/**
 * Re-estimates the moving statistics of batch normalization for the weights that a model has now: those that training
 * left belong to the raw weights of its last steps, not to averaged ones.
 *
 * moving mean, moving variance ← plain means over the batches of each batch's mean and variance.
 *
 * Every batch goes through the model in training mode, normalized by itself, with dropout and noise active, as torch's
 * `update_bn` has it, and counts the same whatever its size. The variance is the biased one that tfjs trains with, the sum
 * of squares / n, where torch has n − 1. A layer that a batch passes more than once (shared, or in `timeDistributed` at
 * each step) counts each time. Found are the layers of the model, of models inside it, and inside wrappers; not those that
 * a layer of your own holds otherwise.
 *
 * The model keeps its old statistics until `data$` completes; after an error, or unsubscribed before, they stay. No other
 * weight changes, and neither does `momentum`.
 *
 * @param model - a tfjs layers model
 * @param data$ - batches of inputs: tensors, lists of them for a model of several inputs, or `{ xs }`. They stay the
 * caller's, and are read before the next is asked for; those of a `tf.data.Dataset` are disposed
 * @returns a cold Observable of how many batches there were, so that it can be awaited: 0 at once, `data$` not subscribed
 * to, for a model without batch normalization
 * @throws SmoothingError `VALUE_KIND` for anything but a layers model and batches. Error notifications: `VALUE_KIND`,
 * `TENSOR_DISPOSED`, `MISSING_VALUE` if there is no batch, `SWAP_ACTIVE` if `withEmaWeights` swaps or ends meanwhile;
 * tfjs's own where inputs do not fit the model
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { lastValueFrom, of } from 'rxjs';
 * import { encodeSafetensors, refreshNorm, weightsOf, withEmaWeights } from 'rx-ema';
 * const dense = tf.layers.dense({ name: 'in', units: 1, inputShape: [1], kernelInitializer: 'ones' });
 * const model = tf.sequential({ layers: [dense, tf.layers.batchNormalization({ name: 'norm' })] });
 * const shadow = { 'in/kernel': Float32Array.of(2) };
 * const mean = () => model.layers[1]!.getWeights()[2]!.dataSync()[0];
 *
 * const bytes = await withEmaWeights(model, shadow, async () => {
 *   const batches = await lastValueFrom(refreshNorm(model, of(tf.tensor2d([[1], [3]]), tf.tensor2d([[5], [7]]))));
 *   console.log(batches, mean()); // evaluate here
 *   return encodeSafetensors(weightsOf(model)); // for keeps: averages and their statistics, to a file
 * });
 * console.log(bytes.length > 0, mean()); // the model's own statistics again
 * // => 2 8
 * // => true 0
 * ```
 * @see torch `optim.swa_utils.update_bn`; `withEmaWeights`
 */
export function refreshNorm(model: object, data$: NormSource): Observable<number> {
  checkLayersModel(model);
  const batch$ = batchesOf(data$);
  return defer(() => {
    const refresh = new NormRefresh(model);
    if (refresh.isIdle) return of(0);
    return batch$.pipe(
      reduce((_, batch) => refresh.take(batch), 0),
      map((batches) => {
        refresh.finish();
        return batches;
      }),
      finalize(() => refresh.dispose()),
    );
  });
}

function batchesOf(data$: NormSource): Observable<unknown> {
  if (typeof (data$ as { iterator?: unknown } | null | undefined)?.iterator === 'function') {
    return defer(() => eachOf(data$ as Extract<NormSource, { iterator: unknown }>));
  }
  try {
    return from(data$ as ObservableInput<NormInputs>);
  } catch {
    const must = 'data$ must be an Observable of batches, an iterable of them or a tf.data.Dataset';
    throw new SmoothingError('VALUE_KIND', `${must}, got ${shown(data$)}`);
  }
}

async function* eachOf(dataset: Extract<NormSource, { iterator: unknown }>): AsyncGenerator {
  const batches = await dataset.iterator();
  for (;;) {
    const { value, done = false } = await batches.next();
    if (done) return;
    try {
      yield value;
    } finally {
      disposeTensors(value);
    }
  }
}
