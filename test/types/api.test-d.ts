// Compile-only (`npm run check`): what must infer, and what must be a type error.
import type * as tf from '@tensorflow/tfjs';
import type { RecordBatch } from 'apache-arrow';
import {
  biasCorrected,
  Ema,
  emaBank,
  emaScan,
  ModelEma,
  modelEma,
  rampDecay,
  warmupDecay,
  weightsOf,
  withEmaWeights,
  type BatchLike,
  type DecaySchedule,
  type Snapshot,
  type TensorLike,
  type WeightMap,
} from 'rx-ema';
import { map, of, pipe, type Observable } from 'rxjs';

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- X makes the comparison exact
type Eq<A, B> = (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : false;
const is = <A, B>(_same: Eq<A, B>): void => {};

// ---- T in, T out ----------------------------------------------------------------------------------------------------

const numbers = of(1, 2).pipe(emaScan({ decay: 0.9 }), biasCorrected());
is<typeof numbers, Observable<number>>(true);

const records = of({ loss: 1, at: 3, name: 'x' }).pipe(
  emaScan({ halfLife: 60, columns: ['loss'] }),
  biasCorrected(),
  map((r) => r.loss),
);
is<typeof records, Observable<number>>(true);

declare const batch$: Observable<RecordBatch>;
const batches = batch$.pipe(emaScan({ span: 20, columns: ['price'], as: (name) => `${name}_ema` }), biasCorrected());
is<typeof batches, Observable<RecordBatch>>(true);

declare const tensor$: Observable<tf.Tensor>;
const tensors = tensor$.pipe(emaScan({ decay: ({ step }) => step / (step + 1), emit: 'copy' }), biasCorrected());
is<typeof tensors, Observable<tf.Tensor>>(true);

const ints = of(new Int32Array(2)).pipe(emaScan({ alpha: 0.5 }));
is<typeof ints, Observable<Float64Array>>(true);
const floats32: Observable<Float32Array> = of(new Float32Array(2)).pipe(emaScan({ tau: 5 }));
const seeded: Observable<Float32Array> = of(new Float32Array(2)).pipe(
  emaScan({ alpha: 0.5, start: { value: new Float32Array(2) } }),
);
const nullable = of(1, null).pipe(emaScan<number | null>({ com: 3, missing: 'carry', ages: true, start: 'first' }));
is<typeof nullable, Observable<number | null>>(true);
const sma = of(1).pipe(emaScan({ alpha: 0.5, start: { sma: 3 } }));
is<typeof sma, Observable<number>>(true);

const bank = of(1).pipe(emaBank({ decays: [0.5, 0.9] }));
is<typeof bank, Observable<Float64Array>>(true);
const horizons = [5, 50] as const;
const gappyBank = of(1, null).pipe(emaBank({ halfLives: horizons }));
is<typeof gappyBank, Observable<Float64Array>>(true);

// ---- weights --------------------------------------------------------------------------------------------------------

declare const weights$: Observable<WeightMap<tf.Tensor>>;
const shadows = weights$.pipe(
  modelEma({
    decay: 0.9999,
    rule: (name, w) => (name.includes('lora') ? 'average' : w.dtype === 'int32' ? 'copy' : 'ignore'),
  }),
  biasCorrected(),
);
is<typeof shadows, Observable<WeightMap<tf.Tensor>>>(true);
const floats = of({ w: new Float32Array(2) }).pipe(modelEma({ decay: 0.9 }));
const asMap: Observable<WeightMap<Float32Array>> = floats;
const modelShadow = new ModelEma<tf.Tensor>({ decay: 0.9999 });
const fromClass: Observable<WeightMap<tf.Tensor>> = weights$.pipe(modelEma(modelShadow));
const score = withEmaWeights({}, modelShadow.shadow, async () => 3);
is<typeof score, Promise<number>>(true);
const plainScore = withEmaWeights({}, { w: new Float64Array(2) }, () => 'x' as const);
is<typeof plainScore, 'x'>(true);
const fromPyTorch = new ModelEma({ tau: 3, stepsPerUpdate: 10, missing: 'throw' }, { shadow: {}, updates: 3 });
is<typeof fromPyTorch, ModelEma>(true);

// ---- one smoother, reused without a source ---------------------------------------------------------------------------

const smooth = pipe(emaScan({ decay: 0.9 }), biasCorrected());
const reused = of(1).pipe(smooth);
is<typeof reused, Observable<number>>(true);
const reusedRecord = of({ loss: 1 }).pipe(smooth);
is<typeof reusedRecord, Observable<{ loss: number }>>(true);

// ---- the engines ----------------------------------------------------------------------------------------------------

const ema = new Ema<number>({ alpha: 0.5 });
for (const x of [1, 2, 3]) ema.update(x, 'raw');
const got: number | undefined = ema.get();
const snapshot: Snapshot = ema.snapshot();
const resumed = of(1).pipe(emaScan(new Ema<number>({ alpha: 0.5 }, snapshot)), biasCorrected());
is<typeof resumed, Observable<number>>(true);
const plain = new Ema({ alpha: 0.5 });
is<typeof plain, Ema>(true);
const schedules: DecaySchedule[] = [
  rampDecay({ decay: 0.99, tau: 20, startAfter: 3 }),
  warmupDecay({ decay: 0.99, min: 0.1, max: 0.9 }),
];

// ---- the libraries' own classes fit the structural types --------------------------------------------------------------

declare const batch: RecordBatch;
const like: BatchLike = batch;
declare const tensor: tf.Tensor2D;
declare const variable: tf.Variable;
const tensorLikes: TensorLike[] = [tensor, variable];
declare const model: tf.LayersModel;
const named: WeightMap = weightsOf(model);
const evaluated = withEmaWeights(model, named, () => model.evaluate(tensor, tensor));
is<typeof evaluated, tf.Scalar | tf.Scalar[]>(true);
const variables: Observable<WeightMap> = of({ kernel: variable }).pipe(
  map((weights) => weightsOf(weights)),
  modelEma({ halfLife: 100 }),
);

// ---- what must not compile --------------------------------------------------------------------------------------------

// @ts-expect-error a bare number says neither decay nor alpha
emaScan(0.9);
// @ts-expect-error none given
emaScan<number>({});
// @ts-expect-error two given
emaScan<number>({ decay: 0.9, span: 3 });
// @ts-expect-error a span has no schedule
emaScan({ span: () => 3 });
// @ts-expect-error no such option
of(1).pipe(emaScan({ decay: 0.9, time: () => 3 }));
// @ts-expect-error no such start
of(1).pipe(emaScan({ decay: 0.9, start: 'last' }));
// @ts-expect-error a start of another kind
of(1).pipe(emaScan<number>({ decay: 0.9, start: { value: 'x' } }));
// @ts-expect-error no such field
of({ loss: 1 }).pipe(emaScan({ decay: 0.9, columns: ['los'] }));
// @ts-expect-error numbers have no columns
of(1).pipe(emaScan<number>({ decay: 0.9, columns: ['x'] }));
// @ts-expect-error modelEma copies the first weights; biasCorrected() behind it starts empty
modelEma({ decay: 0.9, start: 'zero' });
// @ts-expect-error weights have no span
modelEma({ span: 3 });
// @ts-expect-error weights are not carried
modelEma({ decay: 0.9, missing: 'carry' });
// @ts-expect-error no such rule
modelEma<tf.Tensor>({ decay: 0.9, rule: () => 'freeze' });
// @ts-expect-error two given
emaBank({ decays: [0.5], halfLives: [2] });
// @ts-expect-error a bank is of several
emaBank({ decays: 0.5 });
// @ts-expect-error a bank takes numbers
of('1').pipe(emaBank({ decays: [0.5] }));
// @ts-expect-error an Ema of numbers takes no strings
new Ema<number>({ alpha: 0.5 }).update('1');
// @ts-expect-error biasCorrected takes no options
biasCorrected({});
// @ts-expect-error tau is required
rampDecay({ decay: 0.9 });
// @ts-expect-error the count of updates is read only
modelShadow.updates = 3;

void [tensors, batches, numbers, records, shadows, asMap, ints, floats32, seeded, nullable, sma, reused, reusedRecord];
void [
  got,
  resumed,
  plain,
  fromClass,
  score,
  plainScore,
  fromPyTorch,
  schedules,
  like,
  tensorLikes,
  evaluated,
  variables,
];
