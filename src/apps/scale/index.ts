export type { Codec } from './codec.js';
export { arrowBatches } from './codecs/arrowBatches.js';
export { float64, type Float64Options } from './codecs/float64.js';
export { jsonRecords } from './codecs/jsonRecords.js';
export type { KafkaClient } from './rdkafka/client.js';
export { runWorker } from './runWorker.js';
export type { PartitionState, WorkerEma, WorkerOptions, WorkerState } from './worker.js';
