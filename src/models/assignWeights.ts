import { contentsFor, put, type Contents } from './contents.js';
import { assertNoSwap } from './swaps.js';
import { liveWeights } from './weightsOf.js';

/**
 * Puts weights into a model for good: those of a file that a training goes on from, or averages that it is to be used with.
 *
 * @param model - as for `weightsOf`: a tfjs layers model, a list of variables, variables or typed arrays by name
 * @param weights - tensors or typed arrays by name, which stay yours; names of the model that they lack are left alone
 * @throws SmoothingError before anything is written: `VALUE_KIND`, `NAMES_MISMATCH` for a name the model lacks, `SHAPE_MISMATCH`, `DTYPE_MISMATCH`,
 * `TENSOR_DISPOSED`, `SWAP_ACTIVE` inside `withEmaWeights`
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { assignWeights } from 'rx-ema';
 * const model = tf.sequential({ layers: [tf.layers.dense({ name: 'out', units: 1, inputShape: [2] })] });
 * assignWeights(model, { 'out/kernel': Float32Array.of(3, 4) }); // or readSafetensors(path).weights
 * console.log(model.getWeights()[0]!.dataSync());
 * // => Float32Array(2) [ 3, 4 ]
 * ```
 * @see `withEmaWeights` for weights that stay only as long as a function runs
 */
export function assignWeights(model: object, weights: Contents): void {
  const own = liveWeights(model);
  const entries = contentsFor(own, weights, 'the weights');
  assertNoSwap([model, ...Object.values(own)], 'weights must be assigned outside of a swap');
  for (const [name, contents] of entries) put(own[name]!, contents);
}
