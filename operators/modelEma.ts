import type { MonoTypeOperatorFunction } from 'rxjs';
import { ModelEma } from '../src/modelEma.js';
import { resolveModelEma, type ModelEmaOptions } from '../src/modelOptions.js';
import type { TensorLike, WeightMap } from '../src/types.js';
import type { Readout } from '../src/values/smoother.js';
import { withReadout } from './readout.js';
import { smoothed, type Session } from './smoothing.js';

/**
 * Averages a model's weights as they train: the "EMA weights" or shadow that evaluates better than the last step's.
 *
 * shadow ← shadow + (1 − d(n))·(weights − shadow), weight by weight, matched by name. The first weights are copied and
 * are no step; n counts updates from 1. With {@link biasCorrected} directly behind, the shadow starts empty instead and
 * the first weights are step 1.
 *
 * Floats are averaged and the rest is copied, unless `rule` says otherwise; elements that are not finite are left out. A
 * changed set of names or shapes is an error. Read live weights synchronously: an `observeOn` or `buffer` **before**
 * this operator would average later ones.
 *
 * @param options - exactly one of `decay` in [0, 1], `alpha` in [0, 1], `halfLife` > 0, `tau` > 0 (steps; `decay` and
 * `alpha` also as a schedule), and `rule`, `stepsPerUpdate`, `missing`, `emit`; or a `ModelEma` to go on from: one live
 * subscription at a time (`STATE_IN_USE`), and the shadow stays its own
 * @returns the shadow by name: live (the same map, until the next update begins), or with `emit: 'copy'` the receiver's.
 * The last live one is the receiver's after complete or unsubscribe; after an error it is disposed
 * @throws SmoothingError `DECAY_CHOICE`, `DECAY_RANGE`, `OPTION_UNKNOWN`, `OPTION_VALUE`, when the pipe is built; the
 * codes of `ModelEma.update`, `STATE_IN_USE` and `STATE_STARTED` come as error notifications: also `SWAP_ACTIVE`, if training
 * goes on while an asynchronous `withEmaWeights` is not done
 * @example
 * ```ts
 * import { of } from 'rxjs';
 * import { modelEma, rampDecay } from 'rx-ema';
 * of({ w: Float32Array.of(0) }, { w: Float32Array.of(1) }, { w: Float32Array.of(1) })
 *   .pipe(modelEma({ decay: rampDecay({ decay: 0.9, tau: 2 }) }))
 *   .subscribe(({ w }) => console.log(w![0]!.toFixed(4)));
 * // => 0.0000
 * // => 0.6459
 * // => 0.7985
 * ```
 * @see `emaScan` for single tensors; ultralytics/yolov5 `ModelEMA`; torch `AveragedModel`
 */
export function modelEma<W = TensorLike>(
  options: ModelEmaOptions<W> | ModelEma<W>,
): MonoTypeOperatorFunction<WeightMap<W>> {
  const open = options instanceof ModelEma ? (readout: Readout) => resumed(options, readout) : opener(options);
  return (source) =>
    withReadout(
      smoothed(source, () => open('raw'), 'raw'),
      () => smoothed(source, () => open('corrected'), 'corrected'),
    );
}

type ModelSession<W> = Session<WeightMap<W>, WeightMap<W>>;

function opener<W>(options: ModelEmaOptions<W>): (readout: Readout) => ModelSession<W> {
  resolveModelEma(options); // what can be known now is said now
  const own = { ...options };
  return (readout) => {
    const engine = new ModelEma<W>(own);
    engine.acquire(readout);
    return { engine, end: (failed) => engine.end(failed) };
  };
}

function resumed<W>(engine: ModelEma<W>, readout: Readout): ModelSession<W> {
  return { engine, leave: engine.acquire(readout) };
}
