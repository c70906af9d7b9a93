import {
  type DataType,
  Decimal,
  Dictionary,
  Field,
  FixedSizeList,
  Float32,
  Float64,
  Int16,
  Int32,
  List,
  Schema,
  Struct,
  TimestampMillisecond,
  TimestampSecond,
  Utf8,
} from 'apache-arrow';
import { expect, it } from 'vitest';
import { schemaSignature } from '../../src/arrow/schemaSignature.js';

const signature = (type: DataType, nullable = true, metadata?: Map<string, string>) =>
  schemaSignature(new Schema([new Field('x', type, nullable, metadata)]));
const dictionary = (id: number) => new Dictionary(new Utf8(), new Int32(), id);
const item = (type: DataType) => new Field('item', type, true);

it('is as its docstring says', () => {
  const schema = new Schema([new Field('loss', new Float64(), true)]);
  expect(schemaSignature(schema)).toBe('[["loss",true,{"typeId":3,"precision":2}]]');
});

it.each<[string, DataType, DataType]>([
  ['the precision of a float', new Float32(), new Float64()],
  ['the width of an integer', new Int16(), new Int32()],
  ['the scale of a decimal', new Decimal(2, 20, 128), new Decimal(3, 20, 128)],
  ['the width of a decimal', new Decimal(2, 20, 128), new Decimal(2, 20, 256)],
  ['the unit of a timestamp', new TimestampSecond(), new TimestampMillisecond()],
  ['the zone of a timestamp', new TimestampSecond('UTC'), new TimestampSecond()],
  ['the size of a list', new FixedSizeList(2, item(new Int32())), new FixedSizeList(3, item(new Int32()))],
  ['the items of a list', new List(item(new Int32())), new List(item(new Int16()))],
  ['a field of a struct', new Struct([item(new Int32())]), new Struct([item(new Int16())])],
  ['the codes of a dictionary', new Dictionary(new Utf8(), new Int16(), 1), new Dictionary(new Utf8(), new Int32(), 1)],
  [
    'the values of a dictionary',
    new Dictionary(new Utf8(), new Int32(), 1),
    new Dictionary(new Int16(), new Int32(), 1),
  ],
])('tells %s', (_what, one, other) => {
  expect(signature(one)).not.toBe(signature(other));
});

it('tells nullability, names, order and number of fields', () => {
  const [a, b] = [new Field('a', new Int32(), true), new Field('b', new Int32(), true)];
  const all = [[a], [b], [a, b], [b, a], [a, new Field('b', new Int32(), false)]].map((fields) =>
    schemaSignature(new Schema(fields)),
  );
  expect(new Set(all).size).toBe(all.length);
});

it('does not tell the id of a dictionary, nor metadata', () => {
  expect(signature(dictionary(1))).toBe(signature(dictionary(2)));
  expect(signature(new Int32(), true, new Map([['unit', 'm']]))).toBe(signature(new Int32()));
});
