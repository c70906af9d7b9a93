import type { EventScalars, Scalar } from './eventScalars.js';
import type { TfRecord } from './tfRecords.js';
import { Malformed } from './wire.js';

/**
 * The scalars of the event in a record; none if there is something else in it.
 *
 * @param fail - is told what the record must be then
 */
export function scalarsIn(
  record: TfRecord,
  scalars: EventScalars,
  fail: (record: TfRecord, what: string, cause: unknown) => void,
): readonly Scalar[] {
  try {
    return scalars.read(record.bytes, record.begin, record.end);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    fail(record, `be an event of TensorFlow, got ${error.message}`, error);
    return [];
  }
}
