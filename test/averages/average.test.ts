import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Average, Moving } from '../../src/averages/average.js';
import { averagesOf } from '../../src/averages/averageOf.js';
import { OpsAverage } from '../../src/averages/opsAverage.js';
import { lerp32 } from '../../src/kernels/lerp32.js';
import { tensorOf, valuesOf, type Tensor } from '../../src/values/tensorOps.js';
import { BACKENDS, tf, use, withBackends } from '../support/backends.js';

const MAX32 = 2 ** 128 - 2 ** 104;
const cell = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -(2 ** 20), max: 2 ** 20 }).map((k) => k / 1024) }, // TensorFlow has no subnormals
  fc.constantFrom(0, NaN, Infinity, -Infinity, MAX32, -MAX32),
);
const gains = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1, 1e-4));
const rows = (n: number): fc.Arbitrary<number[][]> =>
  fc.array(fc.array(cell, { minLength: n, maxLength: n }), { minLength: 2, maxLength: 5 });

/** What an average of that kind, begun with the first row, shows after each of the others, and how many it left out. */
function shown(average: Average, updates: readonly Float32Array[], gain: number): unknown {
  let refused = 0;
  const values = updates.map((x) => {
    const value = tensorOf(x.slice(), [x.length]);
    refused += average.move(value, gain);
    value.dispose();
    return Array.from(average.values());
  });
  refused += average.refusedMeanwhile?.() ?? 0;
  const low = Array.from(average.low() ?? []);
  average.dispose();
  return { values, refused, low };
}

function byTwin([first, ...updates]: readonly Float32Array[], gain: number, moving: Moving): unknown {
  const y = first!.slice();
  const low = moving.compensated ? new Float32Array(y.length) : null;
  let refused = 0;
  const values = updates.map((x) => {
    refused += lerp32(y, low, x, gain, moving.guarded);
    return Array.from(y);
  });
  return { values, refused, low: Array.from(low ?? []) };
}

const begun = (first: Float32Array, moving: Moving): Average =>
  averagesOf([{ shape: [first.length], array: null, begin: () => ({ values: first, low: null }) }], moving)[0]!;

function byOps(first: Float32Array, moving: Moving): Average {
  const low = moving.compensated ? tensorOf(new Float32Array(first.length), [first.length]) : null;
  return new OpsAverage(tensorOf(first.slice(), [first.length]), low, moving);
}

const filled = (size: number, value: number): Float32Array => new Float32Array(size).fill(value);

/** Where an average is after 2000 updates of 2, at a gain so small that rounding can take a step whole. */
function crawled(average: Average, size: number): number {
  const target = tensorOf(filled(size, 2), [size]);
  for (let n = 0; n < 2000; n++) average.move(target, 1e-7);
  const value = average.values()[0]!;
  for (const one of [average, target]) one.dispose();
  return value;
}

/** float32 all the way; TensorFlow may fuse a product and a sum, which rounds once instead of twice. */
const tolerance = (backend: string): number => (backend === 'tensorflow' ? 2 ** -22 : 0);

function expectSame(got: unknown, want: unknown, relative: number): void {
  if (relative === 0) {
    expect(got).toEqual(want);
    return;
  }
  const [ours, theirs] = [got, want].map((all) => (all as { values: number[][] }).values.flat()) as [
    number[],
    number[],
  ];
  const off = theirs.filter((value, i) => {
    if (!Number.isFinite(value)) return !Object.is(ours[i], value);
    return !(Math.abs(ours[i]! - value) <= relative * Math.max(1000, Math.abs(value)));
  });
  expect(off).toEqual([]);
  expect((got as { refused: number }).refused).toBe((want as { refused: number }).refused);
}

withBackends(BACKENDS, 'an average of a tensor', (backend) => {
  const kinds: [string, number, (first: Float32Array, moving: Moving) => Average][] = [
    ['small', 7, begun],
    ['large', 3000, (first, moving) => begun(first, moving)],
    ['by ops alone', 7, byOps],
  ];
  for (const [name, size, make] of kinds) {
    for (const compensated of [false, true]) {
      const title = `${name}${compensated ? ', two-term' : ''}`;
      it(`${title}: moves as the kernel's twin does, whatever is not finite`, () => {
        const before = tf.memory().numTensors;
        fc.assert(
          fc.property(rows(7), gains, (cells, gain) => {
            const tiled = cells.map((row) => Float32Array.from({ length: size }, (_, i) => row[i % row.length]!));
            const [first, ...updates] = tiled;
            const moving = { guarded: true, compensated };
            // two terms by TensorFlow's ops differ where it fuses; what they are for is tested below
            const relative = compensated && backend === 'tensorflow' ? 2 ** -20 : tolerance(backend);
            expectSame(shown(make(first!, moving), updates, gain), byTwin(tiled, gain, moving), relative);
          }),
          { numRuns: size > 100 ? 20 : 60 },
        );
        expect(tf.memory().numTensors).toBe(before);
      });
    }

    it(`${name}: without a guard, what is not finite goes on as IEEE has it`, () => {
      const first = Float32Array.from({ length: size }, () => 1);
      const updates = [NaN, 3, Infinity].map((x, k) =>
        Float32Array.from({ length: size }, (_, i) => (i === k ? x : 2)),
      );
      const moving = { guarded: false, compensated: false };
      const twin = byTwin([first, ...updates], 0.5, moving);
      expectSame(shown(make(first, moving), updates, 0.5), twin, tolerance(backend));
    });

    it(`${name}, two-term: target 2 from 1 at decay 0.9999 loses nothing to rounding (maths M10)`, () => {
      const exact = 2 - (1 - 1e-7) ** 2000; // one ulp of 1 is 1.2e-7: a step alone moves nothing, or too much
      const ended = [true, false].map((compensated) =>
        crawled(make(filled(size, 1), { guarded: true, compensated }), size),
      );
      expect(Math.abs(ended[0]! - exact)).toBeLessThan(1e-7);
      expect(Math.abs(ended[1]! - exact)).toBeGreaterThan(1e-5);
    });
  }
});

describe('an average whose backend changes', () => {
  const moving = { guarded: true, compensated: true };

  it.each(['cpu', 'wasm'] as const)('no longer stands after %s, and its values say where to go on', async (backend) => {
    await use(backend);
    const average = begun(Float32Array.of(1, 2), moving);
    expect(average.stands).toBe(true);
    await use(backend === 'cpu' ? 'wasm' : 'cpu');
    expect(average.stands).toBe(false);
    expect(Array.from(average.values())).toEqual([1, 2]);
    average.dispose();
  });

  it.each(['cpu', 'wasm'] as const)('does not stand on %s while somebody shares its data', async (backend) => {
    await use(backend);
    const average = begun(Float32Array.of(1, 2), moving);
    const variable = tf.variable(tf.tensor1d([0, 0]));
    variable.assign(average.shown as unknown as tf.Tensor1D);
    expect(average.stands).toBe(false);
    variable.dispose();
    expect(average.stands).toBe(true);
    average.dispose();
  });

  it('tensors of one map may lie anywhere', async () => {
    await use('cpu');
    const elsewhere = tensorOf(Float32Array.of(4, 4), [2]);
    await use('wasm');
    const average = begun(Float32Array.of(0, 0), { guarded: true, compensated: false });
    average.move(elsewhere, 0.5);
    expect(Array.from(valuesOf(average.shown as Tensor))).toEqual([2, 2]);
    average.dispose();
    elsewhere.dispose();
  });
});
