export { emaScan } from './emaScan.js';
export { biasCorrected } from './biasCorrected.js';
export { Ema } from '../src/ema.js';
export { rampDecay } from '../src/decay/rampDecay.js';
export { warmupDecay } from '../src/decay/warmupDecay.js';
export { SmoothingError, type SmoothingErrorCode } from '../src/errors.js';
export type { Bounds, DecaySchedule } from '../src/decay/schedule.js';
export type { EmaOptions, Forget, Missing, PlainOptions } from '../src/options.js';
export type { BatchLike, IntVector, SavedArray, Smoothed, Snapshot, TensorLike, WeightMap } from '../src/types.js';
