import { RecordBatch, Table } from 'apache-arrow';

import { shown, SmoothingError } from '../errors.js';

/** Throws `VALUE_KIND` for what is not a RecordBatch; `who` must get one. */
export function requireBatch(value: unknown, who: string): void {
  if (value instanceof RecordBatch) return;
  const got = value instanceof Table ? 'a Table: pass its batches' : shown(value);
  throw new SmoothingError('VALUE_KIND', `${who} must get RecordBatches, got ${got}`);
}
