import { EMA_CHOICES, emaEngine, laws, type Cell, type Kind } from '../laws.js';

const common = {
  width: 4,
  free: () => {},
  engine: emaEngine,
  choices: EMA_CHOICES,
  cells: (value) => Array.from(value as Float64Array),
  strangers: [
    ['an array of numbers', () => [1, 2, 3, 4], 'VALUE_KIND'],
    ['bigints', () => BigInt64Array.of(1n), 'VALUE_KIND'],
    ['a DataView', () => new DataView(new ArrayBuffer(8)), 'VALUE_KIND'],
    ['bytes without numbers', () => new ArrayBuffer(8), 'VALUE_KIND'],
  ],
} satisfies Partial<Kind>;

const numbers = (cells: readonly Cell[]): number[] => cells.map(Number);

laws({
  ...common,
  name: 'Float64Array',
  holes: [NaN, Infinity, -Infinity],
  eps: 0,
  round: (x) => x,
  of: (cells) => Float64Array.from(numbers(cells)),
  longest: 1e6,
  misfits: [
    ['a longer one', () => new Float64Array(5), 'SHAPE_MISMATCH'],
    ['an empty one', () => new Float64Array(0), 'SHAPE_MISMATCH'],
    ['a Float32Array', () => new Float32Array(4), 'VALUE_KIND'],
    ['an Int32Array', () => new Int32Array(4), 'VALUE_KIND'],
    ['a number', () => 3, 'VALUE_KIND'],
    ['an array of numbers', () => [1, 2, 3, 4], 'VALUE_KIND'],
  ],
});

laws({
  ...common,
  name: 'Float32Array',
  holes: [NaN, Infinity, -Infinity],
  eps: 2 ** -23,
  round: Math.fround,
  of: (cells) => Float32Array.from(numbers(cells)),
  longest: 1e5,
  misfits: [
    ['a shorter one', () => new Float32Array(3), 'SHAPE_MISMATCH'],
    ['a Float64Array', () => new Float64Array(4), 'VALUE_KIND'],
  ],
});

laws({
  ...common,
  name: 'Int16Array',
  holes: [],
  eps: 0,
  round: (x) => Math.max(-32768, Math.min(32767, Math.round(x))) + 0,
  of: (cells) => Int16Array.from(numbers(cells)),
  longest: 1e5,
  misfits: [
    ['a longer one', () => new Int16Array(5), 'SHAPE_MISMATCH'],
    ['a Uint16Array', () => new Uint16Array(4), 'VALUE_KIND'],
  ],
});
