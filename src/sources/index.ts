export { fitDataset } from './fitDataset.js';
export { fromFit } from './fromFit.js';
export { fromSafetensors, type CheckpointWeights, type FromSafetensorsOptions } from './fromSafetensors.js';
export { readSafetensors, type SafetensorsFile } from './readSafetensors.js';
export type { DatasetModel, FitLogs, FitModel, FitStep } from './training.js';
