import type { DataType, Field, Schema } from 'apache-arrow';

/**
 * A schema's fields as text that is equal exactly when batches of both may stand in one Arrow stream: names, order,
 * nullability and types with all their parameters.
 *
 * Left out are metadata and the ids of dictionaries: apache-arrow numbers dictionaries anew whenever it builds one, so
 * equal columns of two batches seldom have equal ids. Not apache-arrow's own `compareSchemas`, which takes two decimals of
 * another scale for equal and two dictionaries of another id for different.
 *
 * @param schema - of a batch
 * @returns canonical JSON
 * @example
 * ```ts
 * import { Field, Float64, Schema } from 'apache-arrow';
 * import { schemaSignature } from './schemaSignature.js';
 * console.log(schemaSignature(new Schema([new Field('loss', new Float64(), true)])));
 * // => [["loss",true,{"typeId":3,"precision":2}]]
 * ```
 */
export function schemaSignature(schema: Schema): string {
  return JSON.stringify(schema.fields.map(describeField));
}

function describeField(field: Field): unknown {
  return [field.name, field.nullable, describeType(field.type as DataType)];
}

function describeType(type: DataType): Record<string, unknown> {
  const described: Record<string, unknown> = { typeId: type.typeId };
  for (const [name, value] of Object.entries(type)) {
    if (name === 'id') continue;
    if (name === 'children') described[name] = (value as Field[]).map(describeField);
    else if (name === 'indices' || name === 'dictionary') described[name] = describeType(value as DataType);
    else if (ArrayBuffer.isView(value)) described[name] = Array.from(value as Int32Array);
    else if (value === null || typeof value !== 'object') described[name] = value ?? null;
  }
  return described;
}
