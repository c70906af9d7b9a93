import { firstValueFrom, lastValueFrom, Subject, take, tap, toArray } from 'rxjs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { fitDataset, fromFit, type DatasetModel } from 'rx-ema/sources';
import { tf, withBackends } from '../support/backends.js';
import { line, points } from './line.js';

withBackends(['cpu', 'wasm', 'tensorflow'], 'fitDataset', () => {
  it('emits every batch in order, with the numbers of fromFit on the same data', async () => {
    const a = line();
    const b = line();
    const streamed = await lastValueFrom(fitDataset(a.model, points().batch(2), { epochs: 2 }).pipe(toArray()));
    const fitted = fromFit(b.model, b.xs, b.ys, { epochs: 2, batchSize: 2, shuffle: false });
    const atOnce = await lastValueFrom(fitted.pipe(toArray()));
    expect(streamed.map(({ epoch, step }) => [epoch, step])).toEqual(atOnce.map(({ epoch, step }) => [epoch, step]));
    streamed.forEach(({ logs }, i) => expect(logs.loss).toBeCloseTo(atOnce[i]!.logs.loss, 4));
    expect(streamed).toHaveLength(8);
    a.dispose();
    b.dispose();
  });

  it('keeps the number of tensors flat, whether it completes or is unsubscribed', async () => {
    const { model, dispose } = line();
    const run = (n: number) =>
      lastValueFrom(fitDataset(model, points().batch(2), { epochs: 2 }).pipe(take(n), toArray()));
    await run(99);
    const before = tf.memory().numTensors;
    expect(await run(99)).toHaveLength(8);
    expect(await run(3)).toHaveLength(3);
    await sleep(20);
    expect(tf.memory().numTensors).toBe(before);
    dispose();
  });
});

withBackends(['cpu'], 'fitDataset as an Observable', () => {
  it('stops training with take(n): no further batch runs', async () => {
    const { model, dispose } = line();
    let batches = 0;
    const callbacks = { onBatchEnd: () => void batches++ };
    const steps = fitDataset(model, points().batch(2), { epochs: 2, callbacks }).pipe(take(5), toArray());
    expect(await lastValueFrom(steps)).toHaveLength(5);
    await sleep(20);
    expect(batches).toBe(5);
    dispose();
  });

  it.each([{}, { batchesPerEpoch: 4 }])(
    'stops while it waits for data, and disposes what comes late: %o',
    async (how) => {
      const { model, dispose } = line();
      const asked = new Subject<void>();
      const late = new Subject<void>();
      let batches = 0;
      const slow = {
        iterator: async () => ({
          async next() {
            if (batches > 0) {
              asked.next();
              await firstValueFrom(late);
            }
            return { done: false, value: { xs: tf.ones([2, 1]), ys: tf.ones([2, 1]) } };
          },
        }),
      };
      const callbacks = { onBatchBegin: () => void batches++ };
      const before = tf.memory().numTensors;
      const step$ = fitDataset(model, slow as unknown as tf.data.Dataset<tf.TensorContainer>, {
        epochs: 1e6,
        callbacks,
        ...how,
      });
      const waiting = firstValueFrom(asked);
      const subscription = step$.subscribe();
      await waiting;
      subscription.unsubscribe();
      late.next();
      await sleep(20);
      expect(batches).toBe(1);
      expect((model as unknown as { isTraining: boolean }).isTraining).toBe(false);
      expect(tf.memory().numTensors).toBe(before);
      dispose();
    },
  );

  it('turns what the dataset throws into an error notification', async () => {
    const { model, dispose } = line();
    const torn = points((index) => {
      if (index === 5) throw new Error('bad row');
    });
    const seen: number[] = [];
    const step$ = fitDataset(model, torn.batch(2), { epochs: 1 }).pipe(tap(({ step }) => seen.push(step)));
    await expect(lastValueFrom(step$)).rejects.toThrow('bad row');
    expect(seen).toEqual([1, 2]);
    dispose();
  });

  it('turns what tfjs refuses into an error notification', async () => {
    const { model, dispose } = line();
    await expect(lastValueFrom(fitDataset(model, points().batch(2), { epochs: 0 }))).rejects.toThrow('epochs');
    dispose();
  });
});

const wrongCalls = (model: tf.Sequential, data: tf.data.Dataset<{ xs: tf.Tensor; ys: tf.Tensor }>) => [
  // @ts-expect-error epochs has no default in tfjs
  fitDataset(model, data, {}),
  // @ts-expect-error a number is no dataset
  fitDataset(model, 5, { epochs: 1 }),
];

describe('types of fitDataset', () => {
  it("takes tfjs's models, and what their own fitDataset takes", () => {
    expectTypeOf<tf.LayersModel>().toExtend<DatasetModel>();
    expectTypeOf<tf.Sequential>().toExtend<DatasetModel>();
    expect(wrongCalls).toBeTypeOf('function');
  });
});
