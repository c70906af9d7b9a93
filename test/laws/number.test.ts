import { EMA_CHOICES, emaEngine, laws } from '../laws.js';

laws({
  name: 'numbers',
  width: 1,
  holes: [NaN, Infinity, -Infinity, null, undefined],
  eps: 0,
  round: (x) => x,
  of: ([cell]) => cell,
  cells: (value) => [value as number],
  free: () => {},
  engine: emaEngine,
  choices: EMA_CHOICES,
  longest: 1e6,
  misfits: [
    ['a string', () => '3', 'VALUE_KIND'],
    ['a bigint', () => 3n, 'VALUE_KIND'],
    ['a boolean', () => true, 'VALUE_KIND'],
    ['a record', () => ({ loss: 3 }), 'VALUE_KIND'],
    ['a vector', () => Float64Array.of(3), 'VALUE_KIND'],
  ],
  strangers: [
    ['a string', () => '3', 'VALUE_KIND'],
    ['an array', () => [3], 'VALUE_KIND'],
    ['a date', () => new Date(0), 'VALUE_KIND'],
    ['a map', () => new Map([['loss', 3]]), 'VALUE_KIND'],
    ['a function', () => Math.abs, 'VALUE_KIND'],
  ],
});
