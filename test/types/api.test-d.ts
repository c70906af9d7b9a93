// Compile-only (`npm run check`): what must infer, and what must be a type error.
import type * as tf from '@tensorflow/tfjs';
import type { RecordBatch } from 'apache-arrow';
import {
  assignWeights,
  biasCorrected,
  cosineDecay,
  Ema,
  emaBank,
  emaScan,
  ewm,
  EwmState,
  halfLifeRampDecay,
  inverseGammaDecay,
  mergeSnapshots,
  ModelEma,
  modelEma,
  postHocEma,
  powerDecay,
  rampDecay,
  refreshNorm,
  scaleDecay,
  warmupDecay,
  weightsOf,
  withEmaWeights,
  type Bands,
  type BatchLike,
  type DecaySchedule,
  type PostHocEma,
  type SafetensorsArray,
  type Snapshot,
  type TensorLike,
  type WeightMap,
} from 'rx-ema';
import { toSafetensors } from 'rx-ema/sinks';
import { dashboard, type Dashboard } from 'rx-ema/dashboard';
import {
  type CheckpointWeights,
  fromArrow,
  fromCsv,
  fromFit,
  fromJsonl,
  fromParquet,
  fromSafetensors,
  fromTfevents,
  readSafetensors,
  type SafetensorsFile,
} from 'rx-ema/sources';
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
const bankOfBatches = batch$.pipe(emaBank({ decays: [0.5, 0.9] }));
is<typeof bankOfBatches, Observable<RecordBatch>>(true);
const bankOfColumns = batch$.pipe(
  emaBank({ halfLives: horizons, columns: ['price'], as: (column, horizon) => `${column}${horizon.toFixed(0)}` }),
);
is<typeof bankOfColumns, Observable<RecordBatch>>(true);
const anyBank = emaBank({ decays: [0.5] });
const [bankedNumbers, bankedBatches] = [of(1).pipe(anyBank), batch$.pipe(anyBank)];
is<typeof bankedNumbers, Observable<Float64Array>>(true);
is<typeof bankedBatches, Observable<RecordBatch>>(true);
const mixedBank = (batch$ as Observable<RecordBatch | null>).pipe(emaBank({ decays: [0.5] }));
is<typeof mixedBank, Observable<RecordBatch | Float64Array>>(true);

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
const asTimm = weights$.pipe(modelEma({ decay: powerDecay({ sigmaRel: 0.1 }), stepsPerUpdate: 60, rule: 'timm' }));
is<typeof asTimm, Observable<WeightMap<tf.Tensor>>>(true);
const withCounts = new ModelEma<Float32Array | BigInt64Array>({ decay: 0.9, rule: 'torch' });
is<typeof withCounts.shadow, WeightMap<Float32Array | BigInt64Array>>(true);
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

// ---- files of weights -----------------------------------------------------------------------------------------------

const saved: number = toSafetensors('ema.safetensors', modelShadow, { model: weightsOf({}), metadata: { run: '7' } });
toSafetensors('ema.safetensors', new ModelEma<Float32Array>({ decay: 0.9 }), { dtype: 'BF16' });
toSafetensors('w.safetensors', { a: new Float32Array(2), b: new BigInt64Array(1) });
const file: SafetensorsFile = readSafetensors('ema.safetensors');
const wentOn = new ModelEma<tf.Tensor>({ decay: 0.9999 }, file.snapshot);
is<typeof file.model, Record<string, SafetensorsArray> | undefined>(true);
is<typeof file.holds, 'weights' | 'shadow'>(true);
const shapeOfOne: readonly number[] | undefined = file.weights['w']?.shape;
const checkpoints = fromSafetensors(['a.safetensors'], { follow: true }).pipe(
  modelEma({
    decay: 0.9,
    rule: (name, w) => (name.includes('steps') || w instanceof BigInt64Array ? 'ignore' : 'average'),
  }),
);
is<typeof checkpoints, Observable<WeightMap<SafetensorsArray>>>(true);
// @ts-expect-error floats are narrowed to halves alone
toSafetensors('w.safetensors', {}, { dtype: 'F32' });
// @ts-expect-error metadata are strings
toSafetensors('w.safetensors', {}, { metadata: { step: 3 } });
// @ts-expect-error a list of numbers is no weight
toSafetensors('w.safetensors', { w: [1] });
// @ts-expect-error a file is read by its path
readSafetensors(new Uint8Array(8));

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
const both: Snapshot = mergeSnapshots(snapshot, snapshot);
const resumed = of(1).pipe(emaScan(new Ema<number>({ alpha: 0.5 }, both)), biasCorrected());
is<typeof resumed, Observable<number>>(true);
const plain = new Ema({ alpha: 0.5 });
is<typeof plain, Ema>(true);
const schedules: DecaySchedule[] = [
  rampDecay({ decay: 0.99, tau: 20, startAfter: 3 }),
  warmupDecay({ decay: 0.99, min: 0.1, max: 0.9 }),
  inverseGammaDecay({ decay: 0.9999 }),
  inverseGammaDecay({ decay: 0.9999, gamma: 2, power: 0.75, startAfter: 3 }),
  cosineDecay({ decay: 0.996, steps: 1000, max: 0.9999 }),
  powerDecay({ sigmaRel: 0.1 }),
  powerDecay({ gamma: 6.94, min: 0.1 }),
  halfLifeRampDecay({ halfLife: 500, rampRatio: 0.05 }),
];
const scaledDecay = scaleDecay(0.999, 8);
is<typeof scaledDecay, number>(true);
const scaledSchedule = scaleDecay(({ step }) => step / (step + 1), 0.5);
is<typeof scaledSchedule, DecaySchedule>(true);

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
const fromList: WeightMap<TensorLike> = weightsOf([variable]);
const fromArrays = weightsOf({ w: new Float32Array(2), b: new Float32Array(2) });
is<typeof fromArrays, WeightMap<Float32Array<ArrayBuffer>>>(true);
const fromVariables = weightsOf({ w: variable });
is<typeof fromVariables, WeightMap<TensorLike>>(true);
const plainLoop = of({ w: new Float64Array(2) }).pipe(
  map((weights) => weightsOf(weights)),
  modelEma({ decay: 0.9 }),
);
const asArrays: Observable<WeightMap<Float64Array>> = plainLoop;
const refreshed = refreshNorm(model, [tensor]);
is<typeof refreshed, Observable<number>>(true);
const refreshedMore = [
  refreshNorm(model, of([tensor, tensor])),
  refreshNorm(model, of({ xs: tensor, ys: tensor })),
  refreshNorm(model, Promise.resolve(tensor)),
];
const variables: Observable<WeightMap> = of({ kernel: variable }).pipe(
  map((weights) => weightsOf(weights)),
  modelEma({ halfLife: 100 }),
);

// ---- the pandas family ------------------------------------------------------------------------------------------------

const std = of(1).pipe(ewm({ span: 20 }).std());
is<typeof std, Observable<number>>(true);
const stdOfRecords = of({ loss: 1 }).pipe(ewm({ span: 20 }).std());
is<typeof stdOfRecords, Observable<{ loss: number }>>(true);
const cov = of({ x: 1, y: 2 }).pipe(
  ewm<{ x: number; y: number }>({ alpha: 0.5, adjust: false }).cov('x', 'y', { bias: true }),
);
is<typeof cov, Observable<number>>(true);
const corr = of({ x: 1, y: 2 }).pipe(ewm({ halfLifeMs: 5, adjust: false }).corr('x', 'y'));
is<typeof corr, Observable<number>>(true);
const corrOfBatches = batch$.pipe(ewm<RecordBatch>({ halfLifeMs: 5, time: 'at', by: 'symbol' }).corr('x', 'y'));
is<typeof corrOfBatches, Observable<RecordBatch>>(true);
const corrOfWholes = batch$.pipe(ewm<RecordBatch>({ alpha: 0.5, by: (batch) => batch.numRows }).corr('x', 'y'));
is<typeof corrOfWholes, Observable<RecordBatch>>(true);
const keyedWholes = new Ema<RecordBatch>({ decay: 0.9, by: (batch) => batch.schema.metadata.get('device') ?? null });
is<typeof keyedWholes, Ema<RecordBatch>>(true);
// @ts-expect-error a function stands alone
emaScan<RecordBatch>({ decay: 0.9, by: ['symbol', (batch: RecordBatch) => batch.numRows] });
// @ts-expect-error a list is no key
emaScan<RecordBatch>({ decay: 0.9, by: (batch) => [batch.numRows] });
const covOfBatches = batch$.pipe(ewm({ com: 5, ignoreNa: true, minPeriods: 3 }).cov('x', 'y'));
is<typeof covOfBatches, Observable<RecordBatch>>(true);
const bands = of(1).pipe(ewm({ span: 20 }).bands({ width: 3 }));
is<typeof bands, Observable<Bands>>(true);
const bandsOfRecords = of({ loss: 1 }).pipe(ewm<{ loss: number }>({ span: 20, columns: ['loss'] }).bands());
is<typeof bandsOfRecords, Observable<{ loss: number }>>(true);
const smoothing = ewm({ alpha: 0.5 }).mean();
const [meanOfNumbers, meanOfBatches] = [of(1).pipe(smoothing), batch$.pipe(smoothing)];
is<typeof meanOfNumbers, Observable<number>>(true);
is<typeof meanOfBatches, Observable<RecordBatch>>(true);
const sums = of(1, null).pipe(ewm<number | null>({ halfLife: 3, missing: 'skip' }).sum());
is<typeof sums, Observable<number | null>>(true);

interface Quote {
  x: number;
  y: number;
  symbol: string;
}
const variance = new EwmState({ alpha: 0.5 }, { stat: 'var', bias: true });
is<typeof variance, EwmState>(true);
const varianceOut = of(1).pipe(ewm(variance));
is<typeof varianceOut, Observable<number>>(true);
const quotes = new EwmState<Quote>({ span: 5, by: 'symbol' }, { stat: 'mean' }, variance.snapshot());
const quotesOut = of({ x: 1, y: 2, symbol: 'a' }).pipe(ewm(quotes));
is<typeof quotesOut, Observable<Quote>>(true);
const covState = new EwmState<Quote>({ span: 5 }, { stat: 'cov', x: 'x', y: 'y', bias: true });
is<ReturnType<typeof covState.update>, number>(true);
const covLast: number | undefined = covState.get();
const corrState = new EwmState<RecordBatch>({ halfLifeMs: 5, time: 'at' }, { stat: 'corr', x: 'x', y: 'y' });
const corrStates = batch$.pipe(ewm(corrState));
is<typeof corrStates, Observable<RecordBatch>>(true);
const bandState = new EwmState({ alpha: 0.5 }, { stat: 'bands', width: 3 });
is<ReturnType<typeof bandState.update>, Bands>(true);
const gappyBands = new EwmState<number | null>({ alpha: 0.5 }, { stat: 'bands' });
is<ReturnType<typeof gappyBands.update>, Bands | null>(true);
const recordBands = new EwmState<Quote>({ alpha: 0.5 }, { stat: 'bands' });
is<ReturnType<typeof recordBands.update>, Quote>(true);

// @ts-expect-error no such statistic
new EwmState({ alpha: 0.5 }, { stat: 'median' }).reset();
// @ts-expect-error a sum has no bias
new EwmState({ alpha: 0.5 }, { stat: 'sum', bias: true }).reset();
// @ts-expect-error of two fields
new EwmState<Quote>({ alpha: 0.5 }, { stat: 'cov', x: 'x' }).reset();
// @ts-expect-error no such field
new EwmState<Quote>({ alpha: 0.5 }, { stat: 'corr', x: 'x', y: 'z' }).reset();
// @ts-expect-error none given
new EwmState({}, { stat: 'mean' }).reset();
// @ts-expect-error an Ema is emaScan's
ewm(new Ema({ alpha: 0.5 }));
// @ts-expect-error an EwmState is ewm's
emaScan(variance);

// @ts-expect-error none given
ewm({});
// @ts-expect-error two given
ewm({ alpha: 0.5, span: 3 });
// @ts-expect-error pandas has no decay
ewm({ decay: 0.5 });
// @ts-expect-error nor a tau
ewm({ tau: 5 });
// @ts-expect-error nor schedules
ewm({ alpha: () => 0.5 });
// @ts-expect-error time elapses over missing values too
ewm({ halfLifeMs: 5, ignoreNa: true });
// @ts-expect-error a stamp has no meaning for a decay per step
ewm<{ at: number }>({ span: 5, time: 'at' });
// @ts-expect-error adjust says what a value stands for
ewm({ halfLifeMs: 5, hold: 'next' });
// @ts-expect-error a start is adjust's matter
ewm({ span: 5, start: 'first' });
// @ts-expect-error no such field
ewm<{ x: number }>({ span: 5 }).cov('x', 'z');
// @ts-expect-error numbers have no fields
ewm<number>({ span: 5 }).corr('x', 'y');
// @ts-expect-error a correlation has no bias
ewm({ span: 5 }).corr('x', 'y', { bias: true });
// @ts-expect-error a band has a width
ewm({ span: 5 }).bands({ bias: true });

const averagedFile: Observable<CheckpointWeights> = fromSafetensors('run').pipe(
  modelEma({ decay: 0.9, rule: 'torch' }),
);
const accuracy: Observable<number> = averagedFile.pipe(map((weights) => withEmaWeights(model, weights, () => 0.9)));
const inside: number = withEmaWeights(model, readSafetensors('ema.safetensors').weights, () => 1);
assignWeights(model, readSafetensors('model.safetensors').weights);
assignWeights({ w: new Float32Array(2) }, { w: new Float32Array(2) });
declare const dataset: tf.data.Dataset<{ xs: tf.Tensor; ys: tf.Tensor }>;
const ofDataset: Observable<number> = refreshNorm(model, dataset);

const made = postHocEma({ snapshots: [snapshot], sigmaRel: 0.1, step: 100 });
is<typeof made, PostHocEma<Float32Array>>(true);
const several = postHocEma<Float64Array>({ snapshots: new Set([snapshot]), sigmaRel: [0.1, 0.2] });
is<typeof several, PostHocEma<Float64Array>[]>(true);
void [accuracy, inside, ofDataset, withEmaWeights(model, made.weights, () => 1)];

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
// @ts-expect-error no such library
modelEma<tf.Tensor>({ decay: 0.9, rule: 'optax' });
// @ts-expect-error a power average has one width
powerDecay({ sigmaRel: 0.1, gamma: 6.94 });
// @ts-expect-error and needs one
powerDecay({ min: 0.1 });
// @ts-expect-error a cosine has an end
cosineDecay({ decay: 0.9 });
// @ts-expect-error the ratio is required
scaleDecay(0.9);
// @ts-expect-error two given
emaBank({ decays: [0.5], halfLives: [2] });
// @ts-expect-error a bank is of several
emaBank({ decays: 0.5 });
// @ts-expect-error a bank takes numbers and batches
of('1').pipe(emaBank({ decays: [0.5] }));
// @ts-expect-error numbers have no columns
of(1).pipe(emaBank({ decays: [0.5], columns: ['x'] }));
// @ts-expect-error nor names
emaBank<number>({ decays: [0.5], as: (column) => column });
// @ts-expect-error a name is text
batch$.pipe(emaBank({ decays: [0.5], as: (_column, horizon) => horizon }));
// @ts-expect-error an Ema of numbers takes no strings
new Ema<number>({ alpha: 0.5 }).update('1');
// @ts-expect-error numbers are no batches
refreshNorm(model, of(1));
// @ts-expect-error a tensor is no stream of them
refreshNorm(model, tensor);
// @ts-expect-error biasCorrected takes no options
biasCorrected({});
// @ts-expect-error a fit needs a width
postHocEma({ snapshots: [] });
// @ts-expect-error a ModelEma is no map of weights
assignWeights(model, new ModelEma({ decay: 0.9 }));
// @ts-expect-error tau is required
rampDecay({ decay: 0.9 });
// @ts-expect-error the count of updates is read only
modelShadow.updates = 3;

void [asTimm, withCounts, scaledDecay, scaledSchedule, saved, wentOn, checkpoints, shapeOfOne];
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
// what a dashboard shows: numbers, records of any kind, points, steps of a fit, scalars, arrays of them
interface Reading {
  loss: number;
}
const boards: Promise<Dashboard>[] = [
  dashboard(of(1, 2)),
  dashboard(of<Reading>({ loss: 1 })),
  dashboard(of([{ run: 'a', step: 1, atMs: NaN, values: { loss: 1 } }]), { port: 0, title: 'a' }),
  dashboard(fromFit(model, tensor, tensor)),
  dashboard(fromTfevents('runs')),
  dashboard([{ loss: 1 }]),
];
// @ts-expect-error texts are no metrics
void dashboard(of('loss'));
// @ts-expect-error an unknown option
void dashboard(of(1), { prot: 80 });

// what files hold: rows of known columns, records of a type that is said, scalars, batches
const rowsOfFiles: [
  Observable<Record<string, number | string | null>>,
  Observable<Reading>,
  Observable<{ tag: string; value: number }>,
  Observable<RecordBatch>,
  Observable<RecordBatch>,
] = [
  fromCsv('run.csv', { follow: true, text: ['phase'] }).pipe(emaScan({ halfLife: 20, columns: ['loss'] })),
  fromJsonl<Reading>('run.jsonl', { onBadRow: 'skip' }).pipe(emaScan({ halfLife: 20 })),
  fromTfevents('runs').pipe(emaScan({ halfLife: 20, by: ['run', 'tag'], columns: ['value'] })),
  fromParquet('run.parquet', { columns: ['loss'] }).pipe(emaScan({ halfLife: 20 })),
  fromArrow('run.arrow', { follow: true }).pipe(emaScan({ halfLife: 20 })),
];
const left: number = fromCsv('run.csv', { onBadRow: 'skip' }).skipped;
// @ts-expect-error a Parquet file can't be followed
fromParquet('run.parquet', { follow: true });
// @ts-expect-error bad rows are thrown or skipped
fromCsv('run.csv', { onBadRow: 'ignore' });

void boards;
void [rowsOfFiles, left];
void [std, stdOfRecords, cov, corr, corrOfBatches, covOfBatches, bands, bandsOfRecords, sums];
void [meanOfNumbers, meanOfBatches, varianceOut, quotesOut, covLast, corrStates];
void [fromList, asArrays, refreshedMore];
