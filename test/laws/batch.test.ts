import {
  Bool,
  Field,
  Float16,
  Float32,
  Float64,
  Int32,
  makeData,
  Precision,
  RecordBatch,
  Schema,
  Struct,
  tableFromArrays,
  Utf8,
  vectorFromArray,
  type DataType,
  type Float,
} from 'apache-arrow';
import { fromHalf, toHalf } from '../../src/values/half.js';
import { EMA_CHOICES, emaEngine, laws, type Cell } from '../laws.js';

const COLUMNS = ['price', 'volume', 'spread'];

/** One row; a null cell is an Arrow null. Beside it a column that is not smoothed. */
function rowOf(type: Float, cells: readonly Cell[], columns = COLUMNS): RecordBatch {
  const fields = columns.map((name) => new Field(name, type as DataType, true));
  const children = cells.map((cell) => {
    const values = cell === null ? 7 : Number(cell); // under a null lies anything
    const data =
      type.precision === Precision.HALF
        ? Uint16Array.of(toHalf(values))
        : type.precision === Precision.SINGLE
          ? Float32Array.of(values)
          : Float64Array.of(values);
    return makeData({
      type,
      length: 1,
      data,
      nullBitmap: Uint8Array.of(cell === null ? 0 : 1),
      nullCount: cell === null ? 1 : 0,
    } as never);
  });
  const symbol = vectorFromArray(['A'], new Utf8()).data[0]!;
  const schema = new Schema([...fields, new Field('symbol', symbol.type)]);
  const data = makeData({
    type: new Struct(schema.fields),
    length: 1,
    nullCount: 0,
    children: [...children, symbol] as never,
  });
  return new RecordBatch(schema, data);
}

function cellsOf(batch: RecordBatch): Cell[] {
  return COLUMNS.map((name) => {
    const column = batch.getChild(name)!;
    return column.get(0) as Cell;
  });
}

// A batch of a row each: longer columns are one batch in test/values/batch.test.ts.
describeWidth('Arrow batch of float64', new Float64(), 0, (x) => x, 1e4);
describeWidth('Arrow batch of float32', new Float32(), 2 ** -23, Math.fround, 1e4);
describeWidth('Arrow batch of float16', new Float16(), 2 ** -10, (x) => fromHalf(toHalf(x)), 1e4);

function describeWidth(name: string, type: Float, eps: number, round: (x: number) => number, longest: number): void {
  laws({
    name,
    width: 3,
    holes: [null, NaN, Infinity, -Infinity],
    notYet: null,
    eps,
    round,
    of: (cells) => rowOf(type, cells),
    cells: (value) => cellsOf(value as RecordBatch),
    free: () => {},
    engine: emaEngine,
    choices: EMA_CHOICES,
    longest,
    misfits: [
      ['a number', () => 3, 'VALUE_KIND'],
      ['a record', () => ({ price: 1, volume: 2, spread: 3 }), 'VALUE_KIND'],
      ['a Table', () => tableFromArrays({ price: Float64Array.of(1) }), 'VALUE_KIND'],
      ['a batch that lacks a column', () => rowOf(type, [1, 2], ['price', 'volume']), 'SCHEMA_CHANGED'],
      ['a batch with a column more', () => rowOf(type, [1, 2, 3, 4], [...COLUMNS, 'fee']), 'SCHEMA_CHANGED'],
      [
        'a batch of another width',
        () => rowOf(type.precision === Precision.DOUBLE ? new Float32() : new Float64(), [1, 2, 3]),
        'SCHEMA_CHANGED',
      ],
    ],
    strangers: [
      ['a Table', () => tableFromArrays({ price: Float64Array.of(1) }), 'VALUE_KIND'],
      ['a batch without a floating column', () => integers(), 'COLUMN_MISSING'],
    ],
  });
}

function integers(): RecordBatch {
  const schema = new Schema([new Field('count', new Int32()), new Field('ok', new Bool())]);
  const children = [vectorFromArray([1], new Int32()).data[0]!, vectorFromArray([true], new Bool()).data[0]!];
  return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length: 1, nullCount: 0, children }));
}
