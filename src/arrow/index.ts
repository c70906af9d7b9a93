export type { ByteWritable } from './byteSink.js';
export { toFloat64 } from './toFloat64.js';
export { writeArrow, type WrittenArrow } from './writeArrow.js';
