import type * as Tf from '@tensorflow/tfjs';
import { filter, map, share, shareReplay, startWith, takeUntil, withLatestFrom, type Observable } from 'rxjs';
import { biasCorrected, emaScan, modelEma, rampDecay, weightsOf, withEmaWeights, type WeightMap } from 'rx-ema';
import { fitDataset, type FitLogs } from 'rx-ema/sources';
import { BATCH_SIZE, trainingBatches } from './batches.js';
import type { Digits } from './digits.js';
import { accuracyOn, createModel } from './model.js';

/** One training step: the metrics of its batch, as they are and smoothed. */
export interface Point {
  readonly epoch: number;
  readonly step: number;
  readonly atMs: number;
  readonly value: FitLogs;
  /** `emaScan`: begins at zero. */
  readonly ema: FitLogs;
  /** `emaScan`, `biasCorrected()`: the same without the bias of that start. */
  readonly corrected: FitLogs;
}

/** Accuracy on the test digits after an epoch, in [0, 1]: with the model's own weights, and with the averaged ones. */
export interface Score {
  readonly epoch: number;
  readonly step: number;
  readonly atMs: number;
  readonly raw: number;
  readonly ema: number;
}

export interface Training {
  readonly point$: Observable<Point>;
  readonly score$: Observable<Score>;
  /** The averaged weights, live: a map that changes with every step. */
  readonly shadow$: Observable<WeightMap>;
  readonly stepsPerEpoch: number;
}

/** A run as observables. It starts with the first subscription and ends after `epochs`, or when `stop$` says so. */
export function train(
  tf: typeof Tf,
  digits: Digits,
  { seed, epochs }: { readonly seed: number; readonly epochs: number },
  stop$: Observable<unknown>,
): Training {
  const model = createModel(tf, seed);
  const accuracy = accuracyOn(tf, digits.test);
  const stepsPerEpoch = Math.floor(digits.train.length / BATCH_SIZE);

  const step$ = fitDataset(model, trainingBatches(tf, digits.train, seed), { epochs }).pipe(takeUntil(stop$), share());

  const logs$ = step$.pipe(map(({ logs }) => logs));
  const point$ = step$.pipe(
    withLatestFrom(
      logs$.pipe(emaScan({ decay: 0.98 })),
      logs$.pipe(emaScan({ decay: 0.98 }), biasCorrected()), //
    ),
    map(([{ logs, ...at }, ema, corrected]): Point => ({ ...at, value: logs, ema, corrected })),
    share(),
  );

  const shadow$ = step$.pipe(
    startWith(undefined), // the average starts from the weights before the first step
    map(() => weightsOf(model)),
    modelEma({ decay: rampDecay({ decay: 0.99, tau: 200 }) }),
    shareReplay({ bufferSize: 1, refCount: true }),
  );

  const score$ = step$.pipe(
    withLatestFrom(shadow$),
    filter(([{ step }]) => step % stepsPerEpoch === 0),
    map(([{ epoch, step, atMs }, shadow]): Score => {
      const ema = withEmaWeights(model, shadow, () => accuracy(model));
      return { epoch, step, atMs, raw: accuracy(model), ema };
    }),
    share(),
  );

  return { point$, score$, shadow$, stepsPerEpoch };
}
