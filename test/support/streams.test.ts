import { describe, expect, it } from 'vitest';
import { batchesOf, offRows, streamsOf, toleranceOf, type Row } from './streams.js';

const rows: Row[] = [
  { x: 1, at: 1_700_000_000_000, key: 'a', weight: 2 },
  { x: null, at: 1_700_000_000_250, key: 'b' },
  { x: NaN, at: null, key: 'a' },
  { x: 4, at: 1_700_000_000_500, key: 'c' },
  { x: -Infinity, at: 1_700_000_000_750, key: 'b' },
];

describe('rows as streams', () => {
  it('are the same rows in batches, null and NaN apart, each with a dictionary of its own', () => {
    for (const type of ['Float64', 'Float32', 'Float16'] as const) {
      const batches = batchesOf(rows, 2, type);
      expect(batches.map(({ numRows }) => numRows)).toEqual([2, 2, 1]);
      const back = batches.flatMap((batch) => [...batch].map((row) => row.toJSON()));
      expect(back).toEqual(rows.map((row) => ({ ...row, weight: row.weight ?? 1 })));
    }
  });

  it('are one batch of no rows when there are none', () => {
    expect(batchesOf([], 3).map(({ numRows, numCols }) => [numRows, numCols])).toEqual([[0, 1]]);
  });

  it('come through emaScan alike, whatever carries them', async () => {
    const some = [1, 5, null, 4, 2].map((x) => ({ x }));
    const call = { operator: 'emaScan', statistic: 'mean', options: { alpha: 0.5, start: 'first' } } as const;
    const expected = [1, 3, null, 3.5, 2.75];
    const streams = streamsOf(some, call);
    expect(streams.map(({ name }) => name)).toEqual(['numbers', 'records', 'one batch', 'batches of three rows']);
    for (const stream of streams) {
      const actual = await stream.smooth(some, call, 'Float64');
      expect(offRows(actual, expected, toleranceOf('mean', some, expected), stream.nulls)).toEqual([]);
    }
  });

  it('are off where a number, a null, NaN or a row is another one', () => {
    expect(off([1.05, 1.2, Infinity], [1, 1, Infinity])).toEqual([1]);
    expect(off([NaN, null, NaN], [NaN, null, null])).toEqual([2]);
    expect(off([NaN, null, null], [null, null, NaN], false)).toEqual([2]);
    expect(off([1], [1, 1])).toEqual([1]);
    expect(off([NaN, -Infinity, null], [1, Infinity, 1])).toEqual([0, 1, 2]);
  });
});

const off = (actual: (number | null)[], expected: (number | null)[], nulls = true): number[] =>
  offRows(actual, expected, [0.1, 0.1, 0.1], nulls).map(({ row }) => row);
