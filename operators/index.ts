export { emaScan } from './emaScan.js';
export { biasCorrected } from './biasCorrected.js';
export { emaBank, type Banked } from './emaBank.js';
export { modelEma } from './modelEma.js';
export { refreshNorm, type NormInputs, type NormSource } from './refreshNorm.js';
export { ewm, type Bands, type Ewm, type PlainEwm } from './ewm.js';
export type { BankOptions, PlainBankOptions } from '../src/bankOptions.js';
export type { EwmOptions, EwmStatistic, PlainEwmOptions } from '../src/ewmOptions.js';
export { Ema } from '../src/ema.js';
export { EwmState, type EwmStateConstructor } from '../src/ewmState.js';
export { ModelEma } from '../src/modelEma.js';
export { weightsOf } from '../src/models/weightsOf.js';
export { postHocEma, type PostHocEma, type PostHocOptions } from '../src/models/postHocEma.js';
export { assignWeights } from '../src/models/assignWeights.js';
export type { Contents } from '../src/models/contents.js';
export { withEmaWeights } from '../src/models/withEmaWeights.js';
export { rampDecay } from '../src/decay/rampDecay.js';
export { warmupDecay } from '../src/decay/warmupDecay.js';
export { inverseGammaDecay } from '../src/decay/inverseGammaDecay.js';
export { cosineDecay } from '../src/decay/cosineDecay.js';
export { powerDecay } from '../src/decay/powerDecay.js';
export { halfLifeRampDecay } from '../src/decay/halfLifeRampDecay.js';
export { scaleDecay } from '../src/decay/scaleDecay.js';
export { mergeSnapshots } from '../src/state/mergeSnapshots.js';
export { fromBytes, toBytes } from '../src/state/snapshotBytes.js';
export {
  decodeSafetensors,
  encodeSafetensors,
  safetensorsChunks,
  type Safetensors,
  type SafetensorsArray,
  type SafetensorsOptions,
  type SafetensorsWeights,
} from '../src/state/safetensors.js';
export { SmoothingError, type SmoothingErrorCode } from '../src/errors.js';
export type { Bounds, DecaySchedule } from '../src/decay/schedule.js';
export type { EmaOptions, Forget, Hold, Missing, PlainOptions } from '../src/options.js';
export type { ModelEmaOptions } from '../src/modelOptions.js';
export type { BatchLike, IntVector, Key, SavedArray, Smoothed, Snapshot, TensorLike, WeightMap } from '../src/types.js';
