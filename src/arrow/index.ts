export type { ByteWritable } from './byteSink.js';
export { writeArrow, type WrittenArrow } from './writeArrow.js';
