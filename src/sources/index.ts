export { fitDataset } from './fitDataset.js';
export { fromFit } from './fromFit.js';
export type { DatasetModel, FitLogs, FitModel, FitStep } from './training.js';
