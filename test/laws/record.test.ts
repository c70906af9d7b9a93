import { tableFromArrays } from 'apache-arrow';
import { beforeAll } from 'vitest';
import { EMA_CHOICES, emaEngine, laws, START, type Cell } from '../laws.js';
import { tf, use } from '../support/backends.js';

beforeAll(() => use('cpu'));

const KEYS = ['loss', 'acc', 'rate'];

const record = (cells: readonly Cell[]): Record<string, unknown> => ({
  name: 'run 7',
  ...Object.fromEntries(KEYS.map((key, i) => [key, cells[i]]).filter(([, cell]) => cell !== 'absent')),
});

laws({
  name: 'records',
  width: 3,
  holes: [NaN, Infinity, -Infinity, null, undefined, 'absent'],
  eps: 0,
  round: (x) => x,
  of: record,
  cells: (value) => KEYS.map((key) => (key in (value as object) ? (value as Record<string, Cell>)[key] : 'absent')),
  free: () => {},
  engine: (options, from) => emaEngine({ columns: KEYS, ...options }, from),
  choices: EMA_CHOICES,
  longest: 1e5,
  misfits: [
    ['a number', () => 3, 'VALUE_KIND'],
    ['a field that is a string', () => ({ loss: 1, acc: '2', rate: 3 }), 'VALUE_KIND'],
    ['a field that is an object', () => ({ loss: 1, acc: 2, rate: { value: 3 } }), 'VALUE_KIND'],
    ['a vector', () => Float64Array.of(1, 2, 3), 'VALUE_KIND'],
    ['an array', () => [1, 2, 3], 'VALUE_KIND'],
    ['a map', () => new Map([['loss', 1]]), 'VALUE_KIND'],
    ['a tensor', () => tf.tensor1d([1, 2, 3]), 'VALUE_KIND'],
    ['an Arrow table', () => tableFromArrays({ loss: Float64Array.of(1) }), 'VALUE_KIND'],
    ['an Arrow batch', () => tableFromArrays({ loss: Float64Array.of(1) }).batches[0], 'VALUE_KIND'],
  ],
  strangers: [
    ['an array', () => [{ loss: 3 }], 'VALUE_KIND'],
    ['a field that is a string', () => ({ loss: '1', acc: 2, rate: 3 }), 'VALUE_KIND'],
  ],
});

laws({
  name: 'records whose fields are found by themselves',
  width: 2,
  holes: [NaN, Infinity],
  eps: 0,
  round: (x) => x,
  of: (cells) => ({ loss: cells[0], name: 'run 7', acc: cells[1] }),
  cells: (value) => ['loss', 'acc'].map((key) => (value as Record<string, Cell>)[key]),
  free: () => {},
  engine: emaEngine,
  // a field that is not named is known from its first number on: gaps before that do not age its start
  choices: EMA_CHOICES.filter(({ ages, start }) => !(ages === true && start === START)),
  longest: 1e5,
  misfits: [
    ['a new field beside one that is a string', () => ({ loss: '1', acc: 2, rate: 3 }), 'VALUE_KIND'],
    ['a number that became a date', () => ({ loss: new Date(0), acc: 2 }), 'VALUE_KIND'],
  ],
  strangers: [['weights by name', () => ({ w: Float32Array.of(1) }), 'VALUE_KIND']],
});
