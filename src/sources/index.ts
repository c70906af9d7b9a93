export { fitDataset } from './fitDataset.js';
export { fromFit } from './fromFit.js';
export { fromSafetensors, type CheckpointWeights, type FromSafetensorsOptions } from './fromSafetensors.js';
export { fromTfevents } from './fromTfevents.js';
export type { Scalar } from './eventScalars.js';
export { readSafetensors, type SafetensorsFile } from './readSafetensors.js';
export type { DatasetModel, FitLogs, FitModel, FitStep } from './training.js';
