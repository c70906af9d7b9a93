export type { ArrowSource, ByteReadable, ByteResponse } from './byteChunks.js';
export type { ByteWritable } from './byteSink.js';
export { readArrow } from './readArrow.js';
export { toFloat64 } from './toFloat64.js';
export { writeArrow, type WrittenArrow } from './writeArrow.js';
