import {
  biasCorrected,
  Ema,
  emaScan,
  ModelEma,
  modelEma,
  type EmaOptions,
  type ModelEmaOptions,
  type WeightMap,
} from 'rx-ema';
import { Subject, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { BACKENDS, tf, withBackends } from '../support/backends.js';

const STEPS = 10_000;

type Value = tf.Tensor | WeightMap<tf.Tensor>;
interface Way {
  readonly name: string;
  readonly emit: 'live' | 'copy';
  readonly value: (t: number) => Value;
  readonly through: (source: Observable<Value>) => Observable<Value>;
}
interface Drive {
  readonly next: (t: number) => void;
  readonly last: () => unknown;
  readonly source: Subject<Value>;
  readonly stop: () => void;
  readonly failed: () => boolean;
}

const tensor = (t: number): tf.Tensor => tf.tensor1d([t % 7, t % 3]);
/** The kernel is large enough to go through the backend's ops, the bias is not. */
const weights = (t: number): WeightMap<tf.Tensor> => ({
  kernel: tf.tensor1d(new Float32Array(2100).fill(t % 7)),
  bias: tensor(t),
  step: tf.scalar(t, 'int32'),
});
const tensors = (source: Observable<Value>) => source as Observable<tf.Tensor>;
const maps = (source: Observable<Value>) => source as Observable<WeightMap<tf.Tensor>>;
const free = (value: unknown): void => tf.dispose(value as tf.Tensor);
const count = (): number => tf.memory().numTensors;

/** Every way that tensors can go through the operators. */
const WAYS = (['live', 'copy'] as const).flatMap((emit): Way[] => {
  const options = { decay: 0.9, emit };
  return [
    { name: `emaScan, ${emit}`, emit, value: tensor, through: (s) => tensors(s).pipe(emaScan(options)) },
    {
      name: `emaScan corrected, ${emit}`,
      emit,
      value: tensor,
      through: (s) => tensors(s).pipe(emaScan(options), biasCorrected()),
    },
    { name: `modelEma, ${emit}`, emit, value: weights, through: (s) => maps(s).pipe(modelEma(options)) },
    {
      name: `modelEma corrected, ${emit}`,
      emit,
      value: weights,
      through: (s) => maps(s).pipe(modelEma(options), biasCorrected()),
    },
  ];
});

/** A subscription driven by hand, which keeps the last emission and disposes the copies before it. */
function drive({ emit, value, through }: Way): Drive {
  const source = new Subject<Value>();
  let last: unknown;
  let failed = false;
  const subscription = through(source).subscribe({
    next: (out) => {
      if (emit === 'copy') free(last);
      last = out;
    },
    error: () => (failed = true),
  });
  const next = (t: number): void => {
    const made = value(t);
    source.next(made);
    free(made);
  };
  return { next, last: () => last, source, stop: () => subscription.unsubscribe(), failed: () => failed };
}

withBackends(BACKENDS, 'memory', () => {
  it.each(WAYS)(`$name: as many tensors after 500 steps as after ${STEPS}`, (way) => {
    const stream = drive(way);
    for (let t = 0; t < 500; t++) stream.next(t); // W is 1 by then, and raw and corrected are one
    const early = count();
    const later = new Set<number>();
    for (let t = 500; t < STEPS; t++) {
      stream.next(t);
      if (t % 100 === 99) later.add(count());
    }
    expect([...later]).toEqual([early]);
    stream.stop();
    free(stream.last());
  });

  const ends: [string, (stream: Drive) => void, failed: boolean][] = [
    ['complete', ({ source }) => source.complete(), false],
    ['unsubscribe', ({ stop }) => stop(), false],
    ['an error of the source', ({ source }) => source.error(new Error('no more')), true],
    ['a value that is refused', ({ source }) => source.next('not a tensor' as never), true],
  ];
  describe.each(ends)('after %s', (_, end, fails) => {
    it.each(WAYS)('$name: none is left but what is the receiver’s', (way) => {
      for (const steps of [0, 1, 2, 5]) {
        const before = count();
        const stream = drive(way);
        for (let t = 0; t < steps; t++) stream.next(t);
        end(stream);
        expect(stream.failed()).toBe(fails);
        if (fails && way.emit === 'live' && steps > 0) expect(alive(stream.last())).toBe(false);
        else free(stream.last());
        expect(count()).toBe(before);
      }
    });
  });

  it.each(WAYS)('$name: survives somebody’s tidy', (way) => {
    const before = count();
    const stream = drive(way);
    for (let t = 0; t < 5; t++) tf.tidy(() => stream.next(t));
    expect(alive(stream.last())).toBe(true);
    stream.stop();
    free(stream.last());
    expect(count()).toBe(before);
  });

  it('values with holes, gaps and starts of every kind leave none either', () => {
    const before = count();
    const plans: object[] = (['skip', 'carry', 'propagate'] as const).flatMap((missing) =>
      (['zero', 'first', { sma: 2 }] as const).map((start) => ({ missing, start, ages: true, decay: 0.5 })),
    );
    for (const emit of ['live', 'copy'] as const) {
      for (const plan of plans) {
        const ema = new Ema<tf.Tensor | null>({ ...plan, emit } as EmaOptions<tf.Tensor | null>);
        for (const row of [[1, NaN], [NaN, NaN], null, [2, 3], null, [Infinity, 1], [1, 1]]) {
          const value = row === null ? null : tf.tensor1d(row);
          const out = ema.update(value, 'raw');
          if (emit === 'copy') free(out);
          free(value);
        }
        ema.dispose();
      }
    }
    expect(count()).toBe(before);
  });

  it('engines hold theirs until they are reset or disposed', () => {
    const before = count();
    const options = { decay: 0.9 } satisfies EmaOptions<tf.Tensor> & ModelEmaOptions<tf.Tensor>;
    const [ema, model] = [new Ema<tf.Tensor>(options), new ModelEma<tf.Tensor>(options)];
    for (const release of ['reset', 'dispose'] as const) {
      for (let t = 0; t < 4; t++) {
        const value = weights(t);
        ema.update(value['bias']!, 'raw');
        model.update(value);
        free(value);
      }
      expect(count()).toBeGreaterThan(before);
      ema[release]();
      model[release]();
      expect(count()).toBe(before);
    }
  });

  it('an engine resumed from a snapshot, read and disposed, leaves none', () => {
    const before = count();
    const first = new Ema<tf.Tensor>({ decay: 0.9 });
    const value = tensor(1);
    first.update(value, 'raw');
    const resumed = new Ema<tf.Tensor>({ decay: 0.9 }, first.snapshot());
    expect(alive(resumed.get())).toBe(true);
    resumed.update(value);
    for (const one of [first, resumed]) one.dispose();
    free(value);
    expect(count()).toBe(before);
  });
});

function alive(value: unknown): boolean {
  const all = value instanceof tf.Tensor ? [value] : Object.values(value as WeightMap<tf.Tensor>);
  return all.every((one) => !one.isDisposed);
}
