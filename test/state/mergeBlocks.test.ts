import { setBackend, tensor1d, type Tensor1D } from '@tensorflow/tfjs';
import * as fc from 'fast-check';
import { mergeSnapshots } from 'rx-ema';
import { beforeAll, describe, expect, it } from 'vitest';
import { refusal } from '../refusal.js';
import { cell, ema, merged, mergesLikeOneRun, number, run, unlike, type Options } from '../support/merging.js';

beforeAll(() => setBackend('cpu'));

const vectorsOf = (rows: fc.Arbitrary<(number | null)[][]>, Kind: typeof Float64Array | typeof Float32Array) =>
  rows.map((all) => all.map((row, i) => (i % 7 === 3 ? null : Kind.from(row.map((x) => x ?? NaN)))));

const code = (left: unknown, right: unknown): string => {
  const [one, other] = [left, right].map((value) => run(ema({ decay: 0.5 }), [value]).engine.snapshot());
  return refusal(() => mergeSnapshots(one!, other!)).code;
};

describe('vectors and tensors', () => {
  const cellsArb = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 16 });
  const wholeArb = fc.array(fc.tuple(number, number, number), { minLength: 1, maxLength: 16 });

  it.each<Options>([{}, { ages: true }, { missing: 'carry' }, { missing: 'carry', ages: true }])(
    'under %o merge like one run',
    (own) => {
      for (const readout of ['raw', 'corrected'] as const) {
        for (const rows of [cellsArb, wholeArb] as fc.Arbitrary<(number | null)[][]>[]) {
          const make = ema({ halfLife: 2.7, ...own }, readout);
          // elements that begin to differ know nothing of what came out before, unless that is to be carried
          const but = own['missing'] === 'carry' ? '' : 'last';
          mergesLikeOneRun(make, vectorsOf(rows, Float64Array), { runs: 60, but });
          mergesLikeOneRun(make, vectorsOf(rows, Float32Array), { tolerance: 3e-6, runs: 60, but });
        }
      }
    },
  );

  it('of tensors too', () => {
    const make = ema({ decay: 0.5, emit: 'copy' });
    const values = [[4, NaN], [8, 2], [NaN, 6]].map((row) => tensor1d(row)); // prettier-ignore
    const through = run(make, values);
    const again = run(make, values.slice(2), merged(make, [values.slice(0, 1), values.slice(1, 2)], 'left'));
    const [got, want] = [again.out[0], through.out[2]].map((out) => [...(out as Tensor1D).dataSync()]);
    expect(unlike(got, want, 1e-6)).toBeNull();
    expect((again.engine.get() as Tensor1D).shape).toEqual([2]);
  });

  it('of no elements merge', () => {
    const make = ema({ decay: 0.5 });
    const half = run(make, [new Float64Array(0)]).engine.snapshot();
    expect(mergeSnapshots(half, half)).toEqual(run(make, [new Float64Array(0), new Float64Array(0)]).engine.snapshot());
  });

  it('of other shapes or types are refused', () => {
    expect(code(new Float64Array(2), new Float32Array(2))).toBe('VALUE_KIND');
    expect(code(new Float64Array(2), new Float64Array(3))).toBe('SHAPE_MISMATCH');
    expect(code(tensor1d([1, 2]), tensor1d([1, 2, 3]))).toBe('SHAPE_MISMATCH');
    expect(code(tensor1d([1, 2]), tensor1d([1, 2], 'int32'))).toBe('DTYPE_MISMATCH');
    expect(code(tensor1d([1, 2]), new Float32Array(2))).toBe('VALUE_KIND');
  });
});
