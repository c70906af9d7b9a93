import { describe, expect, it } from 'vitest';
import type { Average, Moving } from '../../src/averages/average.js';
import { averagesOf } from '../../src/averages/averageOf.js';
import { OpsAverage } from '../../src/averages/opsAverage.js';
import { tensorOf, valuesOf, type Tensor } from '../../src/values/tensorOps.js';
import { BACKENDS, tf, use, withBackends } from '../support/backends.js';
import { crawlsBeside, movesOtherwise, propagatesOtherwise, WAYS } from './twin.js';

withBackends(BACKENDS, 'an average of a tensor', (backend) => {
  // float32 all the way; TensorFlow may fuse a product and a sum, which rounds once instead of twice
  const tolerance = backend === 'tensorflow' ? 2 ** -22 : 0;

  describe.each(Object.entries(WAYS))('%s', (_, way) => {
    it.each([false, true])("moves as the kernel's twin does, whatever is not finite (two-term: %s)", (compensated) => {
      const before = tf.memory().numTensors;
      // two terms by TensorFlow's ops differ where it fuses; what they are for is tested below
      expect(movesOtherwise(way, compensated, compensated ? 4 * tolerance : tolerance, 60)).toBeNull();
      expect(tf.memory().numTensors).toBe(before);
    });

    it('without a guard, what is not finite goes on as IEEE has it', () => {
      expect(propagatesOtherwise(way, tolerance)).toEqual([]);
    });

    it('two-term: target 2 from 1 at decay 0.9999999 loses nothing to rounding (maths M10)', () => {
      expect(crawlsBeside(way, true, 2000)).toBeLessThan(1e-7);
      expect(crawlsBeside(way, false, 2000)).toBeGreaterThan(1e-5);
    });
  });
});

withBackends(['wasm', 'tensorflow'], 'an average by ops', () => {
  it('counts what it refuses one by one, also beyond the 2²⁴ to which float32 does', () => {
    const size = 2 ** 22;
    const before = tf.memory().numTensors;
    const average = new OpsAverage(tensorOf(new Float32Array(size), [size]), null, {
      guarded: true,
      compensated: false,
    });
    const [none, one] = [size, 1].map((holes) => tensorOf(new Float32Array(size).fill(NaN, 0, holes), [size]));
    for (let n = 0; n < 5; n++) average.move(none!, 0.5);
    for (let n = 0; n < 2; n++) average.move(one!, 0.5);
    for (let n = 0; n < 2; n++) expect(average.refusedMeanwhile()).toBe(n === 0 ? 5 * size + 2 : 0);
    average.move(one!, 0.5);
    expect(average.refusedMeanwhile()).toBe(1);
    for (const each of [average, none, one]) each!.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

const begun = (first: Float32Array, moving: Moving): Average =>
  averagesOf([{ shape: [first.length], array: null, begin: () => ({ values: first, low: null }) }], moving)[0]!;

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

  it('does not stand on wasm while somebody shares its data', async () => {
    await use('wasm');
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
