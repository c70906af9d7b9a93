import {
  Dictionary,
  Field,
  Float64,
  Int32,
  makeData,
  makeVector,
  RecordBatch,
  Schema,
  Struct,
  TimestampMillisecond,
  Utf8,
  type Data,
  type Vector,
} from 'apache-arrow';
import { StreamEncoder } from '../../../arrow/streamEncoder.js';
import type { ExportedCurve } from './exported.js';

/** Curves one below the other, as an Arrow IPC stream, a batch for each: null is a time that nobody said, or no average. */
export function* arrowOf(curves: Iterable<ExportedCurve>, runs: readonly string[], tags: readonly string[]) {
  const names = { run: new Names(runs), metric: new Names(tags) };
  const schema = new Schema([
    new Field('run', names.run.type),
    new Field('metric', names.metric.type),
    new Field('step', new Float64()),
    new Field('time', new TimestampMillisecond(), true),
    new Field('value', new Float64()),
    new Field('smoothed', new Float64(), true),
  ]);
  const encoder = new StreamEncoder();
  for (const curve of curves) {
    const length = curve.values.length;
    const columns = [
      names.run.column(curve.run, length),
      names.metric.column(curve.tag, length),
      makeData({ type: new Float64(), data: Float64Array.from(curve.steps) }),
      stamps(curve.times),
      makeData({ type: new Float64(), data: Float64Array.from(curve.values) }),
      makeData({ type: new Float64(), data: Float64Array.from(curve.smoothed), ...validity(curve.smoothed) }),
    ];
    const type = new Struct(schema.fields);
    yield encoder.encode(
      new RecordBatch(schema, makeData({ type, length, nullCount: 0, children: columns as Data[] })),
    );
  }
  yield encoder.end();
}

/** A column that says one name in every row of a batch, by its place in a dictionary of all of them. */
class Names {
  readonly type: Dictionary<Utf8, Int32> = new Dictionary(new Utf8(), new Int32());
  readonly #all: readonly string[];
  readonly #dictionary: Vector<Utf8>;

  constructor(all: readonly string[]) {
    this.#all = [...new Set(all)];
    this.#dictionary = textsOf(this.#all);
  }

  column(name: string, length: number): Data<Dictionary<Utf8, Int32>> {
    const data = new Int32Array(length).fill(this.#all.indexOf(name));
    return makeData({ type: this.type, length, nullCount: 0, data, dictionary: this.#dictionary });
  }
}

/** By hand: Arrow's builders make functions out of text, which a page that is served strictly may not. */
function textsOf(texts: readonly string[]): Vector<Utf8> {
  const encoded = texts.map((text) => new TextEncoder().encode(text));
  const valueOffsets = new Int32Array(texts.length + 1);
  for (const [i, { length }] of encoded.entries()) valueOffsets[i + 1] = valueOffsets[i]! + length;
  const data = new Uint8Array(valueOffsets.at(-1)!);
  for (const [i, bytes] of encoded.entries()) data.set(bytes, valueOffsets[i]);
  return makeVector(makeData({ type: new Utf8(), length: texts.length, nullCount: 0, valueOffsets, data }));
}

function stamps(times: Float64Array): Data<TimestampMillisecond> {
  const data = BigInt64Array.from(times, (ms) => BigInt(Number.isNaN(ms) ? 0 : Math.round(ms)));
  return makeData({ type: new TimestampMillisecond(), data, ...validity(times) });
}

/** Which rows are numbers, as Arrow has it. */
function validity(numbers: ArrayLike<number>): { nullCount: number; nullBitmap: Uint8Array } {
  const nullBitmap = new Uint8Array(Math.ceil(numbers.length / 8));
  let nullCount = 0;
  for (let i = 0; i < numbers.length; i++) {
    if (Number.isNaN(numbers[i])) nullCount++;
    else nullBitmap[i >> 3]! |= 1 << (i & 7);
  }
  return { nullCount, nullBitmap };
}
