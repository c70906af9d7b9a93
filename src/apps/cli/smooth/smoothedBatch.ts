import { Field, Schema, type Data, type RecordBatch } from 'apache-arrow';

import { withColumns } from './recordBatch.js';

/** A batch with its smoothed columns in the place of what they were made of, or behind all columns as `<column>_ema`. */
export function smoothedBatch(batch: RecordBatch, smoothed: ReadonlyMap<string, Data>, append: boolean): RecordBatch {
  const { schema } = batch;
  const fieldOf = (field: Field, name: string): Field =>
    new Field(name, smoothed.get(field.name)!.type, field.nullable, field.metadata);
  const ours = schema.fields.filter(({ name }) => smoothed.has(name));
  const fields = append
    ? [...schema.fields, ...ours.map((field) => fieldOf(field, appendedName(field.name)))]
    : schema.fields.map((field) => (smoothed.has(field.name) ? fieldOf(field, field.name) : field));
  const children = schema.fields.map(({ name }, i) => (append ? null : smoothed.get(name)) ?? batch.data.children[i]!);
  if (append) children.push(...ours.map(({ name }) => smoothed.get(name)!));
  return withColumns(batch, new Schema(fields, schema.metadata, schema.dictionaries), children);
}

/** What a smoothed column is called beside its own. */
export function appendedName(column: string): string {
  return `${column}_ema`;
}
