export { fitDataset } from './fitDataset.js';
export { fromCsv, type CsvRow, type FromCsvOptions } from './fromCsv.js';
export { fromFit } from './fromFit.js';
export { fromJsonl, type FromJsonlOptions, type JsonRecord } from './fromJsonl.js';
export { fromSafetensors, type CheckpointWeights, type FromSafetensorsOptions } from './fromSafetensors.js';
export { readSafetensors, type SafetensorsFile } from './readSafetensors.js';
export type { Rows, RowsOptions } from './rows.js';
export type { DatasetModel, FitLogs, FitModel, FitStep } from './training.js';
