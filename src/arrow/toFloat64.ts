import {
  DataType,
  Field,
  Float64,
  makeData,
  Precision,
  RecordBatch,
  Schema,
  Struct,
  Vector,
  type Data,
} from 'apache-arrow';
import { map, type MonoTypeOperatorFunction } from 'rxjs';

import { shown, SmoothingError } from '../errors.js';
import { float64Values, isNumeric } from './float64Values.js';
import { requireBatch } from './requireBatch.js';

/** What follows from an input schema and the names alone. */
interface Layout {
  readonly output: Schema;
  /** Indices of the columns to convert. */
  readonly convert: readonly number[];
}

/**
 * Makes the named columns of Arrow batches Float64, which `emaScan` asks for: integers of 8 to 64 bits, signed or not, decimals
 * of 32 to 256 bits, Float16 and Float32. A column that is Float64 already passes as it is.
 *
 * Each value becomes the double nearest to it, ties to even: exact for everything but integers beyond 2^53 and decimals, where
 * 123.45 becomes the double that `123.45` is in JavaScript.
 *
 * Nulls stay null, in slices too. The other columns, nullability, and the metadata of fields, schema and batch are kept.
 *
 * @param columns - one or more names, as arguments or in lists
 * @returns an operator that emits batches of its own; their other columns and the null bitmaps share the input's memory
 * @throws SmoothingError `OPTION_VALUE` for no name, or one that is not a string, when the pipe is built. As notifications:
 *   `COLUMN_MISSING` for a name that a batch doesn't have, `COLUMN_TYPE` for a column of another type (a dictionary, a
 *   timestamp, a string, a boolean), `VALUE_KIND` for a value that is not a RecordBatch
 * @example
 * ```ts
 * import { tableFromArrays } from 'apache-arrow';
 * import { from } from 'rxjs';
 * import { biasCorrected, emaScan } from 'rx-ema';
 * import { toFloat64 } from 'rx-ema/arrow';
 *
 * const trades = tableFromArrays({ price: Int32Array.of(100, 104), size: BigInt64Array.of(2n, 1n) });
 * from(trades.batches)
 *   .pipe(toFloat64('price'), emaScan({ alpha: 0.5, columns: ['price'], start: 'first' }))
 *   .subscribe((batch) => console.log(String(batch.schema.fields[0]?.type), batch.getChild('price')?.toArray()));
 * // => Float64 Float64Array(2) [ 100, 102 ]
 * ```
 * @see `emaScan` and `ewm`, which refuse such columns as `COLUMN_TYPE`; IEEE 754 for the rounding
 */
export function toFloat64(...columns: (string | readonly string[])[]): MonoTypeOperatorFunction<RecordBatch> {
  const names = columns.flat();
  const wrong = names.find((name) => typeof name !== 'string');
  if (names.length === 0 || wrong !== undefined) {
    throw new SmoothingError(
      'OPTION_VALUE',
      `toFloat64 must get the names of columns, got ${names.length === 0 ? 'none' : shown(wrong)}`,
    );
  }
  return map((batch) => {
    requireBatch(batch, 'toFloat64');
    const layout = layoutOf(batch.schema, names);
    return layout.convert.length === 0 ? batch : rebuilt(batch, layout);
  });
}

/** Two columns of one name are both meant. */
function layoutOf(schema: Schema, names: readonly string[]): Layout {
  const all = schema.fields.map((field) => field.name);
  const missing = names.find((name) => !all.includes(name));
  if (missing !== undefined) {
    throw new SmoothingError(
      'COLUMN_MISSING',
      `toFloat64 must name columns of the batch (${all.join(', ')}), got ${shown(missing)}`,
    );
  }
  const convert: number[] = [];
  const fields = schema.fields.map((field, i) => {
    if (!names.includes(field.name) || isDouble(field.type as DataType)) return field;
    checkType(field);
    convert.push(i);
    return new Field(field.name, new Float64(), field.nullable, field.metadata);
  });
  const { metadata, dictionaries, metadataVersion } = schema;
  return { convert, output: new Schema(fields, metadata, dictionaries, metadataVersion) };
}

function isDouble(type: DataType): boolean {
  return DataType.isFloat(type) && type.precision === Precision.DOUBLE;
}

function checkType({ name, type }: Field): void {
  if (isNumeric(type as DataType)) return;
  throw new SmoothingError(
    'COLUMN_TYPE',
    `column ${shown(name)} must be of integers, decimals or floats, got ${String(type)}`,
  );
}

function rebuilt(batch: RecordBatch, { output, convert }: Layout): RecordBatch {
  const children = [...batch.data.children];
  for (const i of convert) children[i] = doubles(children[i]!);
  const type = new Struct(output.fields);
  const data = makeData({ type, length: batch.numRows, nullCount: 0, children });
  return new RecordBatch(output, data, batch.metadata);
}

function doubles(column: Data | Vector): Data {
  const type = new Float64();
  if (column instanceof Vector || column.length === 0) return makeData({ type, data: new Float64Array(0) }); // of an empty Table
  const { length, offset, nullCount, nullBitmap } = column;
  const data = float64Values(column);
  // A slice's bitmap is not cut: it goes with its offset, while the values begin at the slice
  return nullCount > 0 ? makeData({ type, data, length, offset, nullCount, nullBitmap }) : makeData({ type, data });
}
