import {
  Dictionary,
  Field,
  Float64,
  Int32,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { EMA_CHOICES, emaEngine, laws, START, type Cell } from '../laws.js';

// What every kind owes, it owes by key and with weights too: here there is one key, and all weigh the same.

// A key is known from its first value on: gaps before that do not age its start.
const KEYED_CHOICES = EMA_CHOICES.filter(({ ages, start }) => !(ages === true && start === START));

const NAMES = ['loss', 'acc'];
const HOLES: readonly Cell[] = [NaN, Infinity, -Infinity];
const one = {
  width: 1,
  eps: 0,
  round: (x: number) => x,
  of: (cells: readonly Cell[]) => cells[0],
  cells: (value: unknown) => [value as Cell],
  free: () => {},
  choices: EMA_CHOICES,
  misfits: [
    ['a string', () => '3', 'VALUE_KIND'],
    ['a record', () => ({ loss: 3 }), 'VALUE_KIND'],
  ],
  strangers: [['a string', () => '3', 'VALUE_KIND']],
} as const;

laws({
  ...one,
  name: 'numbers by key',
  holes: HOLES,
  choices: KEYED_CHOICES,
  engine: (options, from) => emaEngine({ by: () => 'k', maxKeys: 1, ...options }, from),
  longest: 1e4,
});

laws({
  ...one,
  name: 'numbers with weights',
  holes: HOLES,
  // W is no share of 1, and settles but for rounding
  eps: 2 ** -52,
  engine: (options, from) => emaEngine({ weight: () => 1, ...options }, from),
  longest: 1e4,
});

laws({
  ...one,
  name: 'records by key with weights',
  width: 2,
  eps: 2 ** -52,
  holes: [...HOLES, null, undefined],
  wholes: false,
  choices: KEYED_CHOICES,
  of: (cells) => ({ key: 'k', n: 1, ...Object.fromEntries(NAMES.map((name, i) => [name, cells[i]])) }),
  cells: (value) => NAMES.map((name) => (value as Record<string, Cell>)[name]),
  engine: (options, from) => emaEngine({ columns: NAMES, by: 'key', weight: 'n', ...options }, from),
  longest: 1e4,
  misfits: [
    ['a number', () => 3, 'VALUE_KIND'],
    ['a field that is a string', () => ({ key: 'k', n: 1, loss: 1, acc: '2' }), 'VALUE_KIND'],
    ['a key that is an object', () => ({ key: {}, n: 1, loss: 1, acc: 2 }), 'KEY_KIND'],
    ['a weight that is a string', () => ({ key: 'k', n: '1', loss: 1, acc: 2 }), 'WEIGHT_RANGE'],
    ['a weight below zero', () => ({ key: 'k', n: -1, loss: 1, acc: 2 }), 'WEIGHT_RANGE'],
  ],
  strangers: [
    ['an array', () => [{ key: 'k', n: 1, loss: 3, acc: 4 }], 'VALUE_KIND'],
    ['a key that is an object', () => ({ key: {}, n: 1, loss: 1, acc: 2 }), 'KEY_KIND'],
  ],
});

const KEY = new Dictionary(new Utf8(), new Int32());
const FIELDS = [...NAMES.map((name) => new Field(name, new Float64(), true)), new Field('key', KEY, true)];

function rowOf(cells: readonly Cell[], fields = FIELDS): RecordBatch {
  const floats = cells.map((cell) => vectorFromArray([cell as number | null], new Float64()).data[0]!);
  const key = vectorFromArray(['k'], KEY).data[0]!;
  const children = [...floats, key].slice(0, fields.length);
  return new RecordBatch(new Schema(fields), makeData({ type: new Struct(fields), length: 1, nullCount: 0, children }));
}

laws({
  ...one,
  name: 'Arrow batch by key',
  width: 2,
  holes: [null, ...HOLES],
  notYet: null,
  choices: KEYED_CHOICES,
  of: (cells) => rowOf(cells),
  cells: (value) => NAMES.map((name) => (value as RecordBatch).getChild(name)!.get(0) as Cell),
  engine: (options, from) => emaEngine({ by: 'key', ...options }, from),
  longest: 1e4,
  misfits: [
    ['a number', () => 3, 'VALUE_KIND'],
    ['a batch without its key', () => rowOf([1, 2], FIELDS.slice(0, 2)), 'COLUMN_MISSING'],
  ],
  strangers: [['a batch without its key', () => rowOf([1, 2], FIELDS.slice(0, 2)), 'COLUMN_MISSING']],
});
