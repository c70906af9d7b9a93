import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { biasCorrected, ModelEma, modelEma, type ModelEmaOptions, type WeightMap } from 'rx-ema';
import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { BACKENDS, tf, use, withBackends, type Backend } from './support/backends.js';
import type { LongRun } from './support/longRun.js';
import { describeWith, nativeTfjs } from './support/need.js';
import { ROOT } from './support/workspace.js';

type Tensors = WeightMap<tf.Tensor>;
type Options = ModelEmaOptions<tf.Tensor>;

const MB = 1e6;
/** What a process may grow by without anything of ours: V8's own pages and compiled code. 4 kB a step would be as much. */
const RUNTIME = 32 * MB;

const WAYS: readonly Partial<Omit<Options, 'decay' | 'alpha' | 'halfLife' | 'tau'>>[] = [
  {},
  { emit: 'copy' },
  { compensated: true },
  { compensated: true, emit: 'copy' },
  { missing: 'propagate' },
  { rule: () => 'average' },
  { rule: (name) => (name === 'count' ? 'ignore' : 'copy') },
];
const all = WAYS.map((way) => ({ decay: 0.9, ...way }) satisfies Options);

/** Small and large, floats and integers, now and then torn. */
const weights = (n: number): Tensors => ({
  kernel: tf.tensor2d(
    Float32Array.from({ length: 3000 }, (_, i) => (i === n % 7 ? NaN : n)),
    [30, 100],
  ),
  bias: tf.tensor1d([n, n % 3 === 0 ? Infinity : 1]),
  total: tf.tensor1d(new Int32Array(2100).fill(n)),
  count: tf.scalar(n, 'int32'),
});
const free = (map: Tensors): void => tf.dispose(map);

/** What tfjs holds, and what TensorFlow holds for it. */
function held(): { tensors: number; bytes: number; native: number } {
  const { numTensors, numBytes } = tf.memory();
  const { binding } = tf.backend() as unknown as { binding?: { getNumOfTensors(): number } };
  return { tensors: numTensors, bytes: numBytes, native: binding?.getNumOfTensors() ?? 0 };
}

function updated(ema: ModelEma<tf.Tensor>, updates: number, emit: Options['emit']): void {
  for (let n = 0; n < updates; n++) {
    const given = weights(n);
    const out = ema.update(given);
    free(given);
    if (emit === 'copy') free(out);
  }
}

withBackends(BACKENDS, 'what model weights hold', (backend) => {
  const ends: [string, (source: Subject<Tensors>, stop: () => void) => void, fails: boolean][] = [
    ['complete', (source) => source.complete(), false],
    ['unsubscribe', (_, stop) => stop(), false],
    ['an error of the source', (source) => source.error(new Error('no more')), true],
    ['a map that is refused', (source) => source.next({}), true],
  ];
  describe.each(ends)('ends with %s', (_, end, fails) => {
    it.each(all)('%o', (options) => {
      for (const corrected of [false, true]) {
        const before = held();
        const source = new Subject<Tensors>();
        const raw = source.pipe(modelEma<tf.Tensor>(options));
        let last: Tensors = {};
        const subscription = (corrected ? raw.pipe(biasCorrected()) : raw).subscribe({
          next: (out) => {
            if (options.emit === 'copy') free(last);
            last = out;
          },
          error: () => {},
        });
        for (let n = 0; n < 5; n++) {
          const given = weights(n);
          source.next(given);
          free(given);
        }
        end(source, () => subscription.unsubscribe());
        if (!fails || options.emit === 'copy') free(last);
        expect(held()).toEqual(before);
      }
    });
  });

  it.each(all)('%o: stays as it is from update to update, and ends with reset() and dispose()', (options) => {
    const before = held();
    const ema = new ModelEma<tf.Tensor>(options);
    for (const end of ['reset', 'dispose'] as const) {
      updated(ema, 3, options.emit);
      const early = held();
      updated(ema, 50, options.emit);
      expect(held()).toEqual(early);
      ema[end]();
      expect(held()).toEqual(before);
    }
  });

  it.each(all)('%o: ends when a run goes on from a snapshot, or from a shadow', (options) => {
    const before = held();
    const first = new ModelEma<tf.Tensor>(options);
    updated(first, 3, options.emit);
    const shadow = weights(1);
    for (const from of [first.snapshot(), { shadow, updates: 3 }]) {
      const resumed = new ModelEma<tf.Tensor>(options, from);
      updated(resumed, 3, options.emit);
      expect(resumed.updates).toBeGreaterThan(3);
      resumed.dispose();
    }
    free(shadow);
    first.dispose();
    expect(held()).toEqual(before);
  });

  it('is nothing after a refused first map', () => {
    const before = held();
    const ema = new ModelEma<tf.Tensor>({ decay: 0.9 });
    const given = { ...weights(1), last: 'no weight' as never };
    expect(() => ema.update(given)).toThrow('must be');
    free(given);
    expect(held()).toEqual(before);
  });

  it('is the shadow, byte by byte: floats of four bytes, low terms beside them where there are two terms', () => {
    const before = held();
    const given = { a: tf.ones([5000]), b: tf.ones([300]), count: tf.scalar(1, 'int32') };
    const map = held().bytes - before.bytes;
    for (const compensated of [false, true]) {
      const ema = new ModelEma<tf.Tensor>({ decay: 0.9, compensated });
      for (let n = 0; n < 3; n++) ema.update(given);
      void ema.refused; // or the count waits on the backend
      const shadow = held().bytes - before.bytes - map;
      // low terms of what is averaged in arrays of our own are no tensors
      const tensorTerms = { cpu: 0, wasm: 5300, tensorflow: 5000 }[backend];
      expect(shadow).toBe(map + (compensated ? 4 * tensorTerms : 0));
      ema.dispose();
    }
    free(given);
  });

  it('of many runs, one after the other, is that of one', () => {
    const given = { w: tf.ones([1e6]) };
    const once = (): void => {
      const ema = new ModelEma<tf.Tensor>({ decay: 0.9 });
      for (let n = 0; n < 3; n++) ema.update(given);
      ema.dispose();
    };
    for (let n = 0; n < 20; n++) once();
    const early = process.memoryUsage.rss();
    for (let n = 0; n < 100; n++) once();
    expect(process.memoryUsage.rss() - early).toBeLessThan(100 * MB); // the shadows of all would be 400 MB
    free(given);
  });
});

describeWith(nativeTfjs, 'a run that goes from backend to backend', () => {
  it.each(all)('%o: holds no more on each than if it had begun there, and leaves nothing behind', async (options) => {
    const path: Backend[] = ['cpu', 'wasm', 'tensorflow', 'cpu', 'tensorflow', 'wasm'];
    for (const backend of path) await use(backend);
    const before = held();
    const ema = new ModelEma<tf.Tensor>(options);
    for (const backend of path) {
      await use(backend);
      updated(ema, 3, options.emit);
      void ema.refused;
      const moved = held();
      const fresh = new ModelEma<tf.Tensor>(options);
      updated(fresh, 3, options.emit);
      void fresh.refused;
      expect(held().bytes - moved.bytes).toBe(moved.bytes - before.bytes);
      fresh.dispose();
    }
    ema.dispose();
    await use('tensorflow');
    const { native } = held();
    await use('wasm');
    expect([held(), native]).toEqual([before, 0]);
  });
});

/** @param sizes - elements of each tensor */
async function longRun(
  where: Backend | 'arrays',
  emit: 'live' | 'copy',
  sizes: number[],
  early: number,
  late: number,
): Promise<LongRun> {
  const given = JSON.stringify([where, emit, sizes, early, late]);
  const script = ['--import', 'tsx', 'test/support/longRun.ts', given];
  const { stdout } = await promisify(execFile)(process.execPath, script, { cwd: ROOT });
  return JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as LongRun;
}

function longRuns(where: Backend | 'arrays'): void {
  it.each(['live', 'copy'] as const)('is flat over 10 000 updates (emit: %s)', async (emit) => {
    const { early, late, begun, shadowBytes } = await longRun(where, emit, [1e5, 5e4, 1e4, 300, 2], 2000, 10_000);
    // copies come and go, as do the arrays that averages move into on cpu, and malloc keeps pages of some: tens of MB, more or
    // fewer from one second to the next, of the gigabytes that came and went
    const comesAndGoes = emit === 'copy' || where === 'cpu';
    expect(late.rss - early.rss).toBeLessThan(comesAndGoes ? 3 * RUNTIME : RUNTIME);
    expect(late.heap - early.heap).toBeLessThan(2 * MB);
    expect([late.tensors, late.tensorBytes]).toEqual([early.tensors, early.tensorBytes]);
    const maps = where === 'arrays' ? 0 : emit === 'copy' ? 2 : 1;
    expect(late.tensorBytes - begun.tensorBytes).toBe(maps * shadowBytes);
  });

  it('is one shadow and what the largest tensor takes meanwhile', async () => {
    const sizes = Array.from({ length: 8 }, () => 3e6);
    const { begun, most, shadowBytes, largestBytes } = await longRun(where, 'live', sizes, 20, 30);
    const garbage = where === 'cpu' ? shadowBytes + RUNTIME : 0; // there each move leaves an array to be collected
    expect(most - begun.rss).toBeLessThan(shadowBytes + largestBytes + RUNTIME + garbage);
    expect(most - begun.rss).toBeGreaterThan(shadowBytes / 2); // or nothing was measured
  });
}

describe('the memory of a process that averages arrays', () => longRuns('arrays'));
describe('the memory of a process that averages tensors (cpu)', () => longRuns('cpu'));
describe('the memory of a process that averages tensors (wasm)', () => longRuns('wasm'));
describeWith(nativeTfjs, 'the memory of a process that averages tensors (tensorflow)', () => {
  longRuns('tensorflow');

  it('is two shadows where copies are kept', async () => {
    const sizes = Array.from({ length: 8 }, () => 3e6);
    const { begun, most, shadowBytes, largestBytes } = await longRun('tensorflow', 'copy', sizes, 20, 30);
    expect(most - begun.rss).toBeLessThan(2 * shadowBytes + largestBytes + RUNTIME);
  });
});
