import { makeData, RecordBatch, Schema, Struct, type Data } from 'apache-arrow';

import { batchOf, formOf, type ArrowBatch, type ArrowData, type ArrowSchema } from '../../../values/arrowData.js';

/** A batch of columns. Not by the constructor alone, which compares each of them with each other one: there may be thousands. */
export function recordBatch(schema: Schema, children: readonly Data[], rows: number): RecordBatch {
  const nothing = makeData({ type: new Struct([]), length: rows, nullCount: 0, children: [] });
  return withColumns(new RecordBatch(new Schema([]), nothing), schema, children);
}

/** A batch with other columns, as many rows of them. */
export function withColumns(batch: RecordBatch, schema: Schema, children: readonly Data[]): RecordBatch {
  const like = batch as unknown as ArrowBatch;
  const form = formOf(like, schema as unknown as ArrowSchema);
  return batchOf(like, form, children as unknown as readonly ArrowData[]) as unknown as RecordBatch;
}
