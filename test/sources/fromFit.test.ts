import { lastValueFrom, map, share, Subject, take, takeUntil, tap, toArray } from 'rxjs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { modelEma, weightsOf } from 'rx-ema';
import { fromFit, type FitModel, type FitStep } from 'rx-ema/sources';
import { tf, withBackends } from '../support/backends.js';
import { line } from './line.js';

const OPTIONS = { epochs: 3, batchSize: 2, shuffle: false };

withBackends(['cpu', 'wasm', 'tensorflow'], 'fromFit', () => {
  it('emits every batch in order and completes with the last', async () => {
    const { model, xs, ys, dispose } = line();
    const steps = await lastValueFrom(fromFit(model, xs, ys, OPTIONS).pipe(toArray()));
    expect(steps.map(({ epoch, step }) => `${epoch}/${step}`)).toEqual(
      ['1/1', '1/2', '1/3', '1/4', '2/5', '2/6', '2/7', '2/8', '3/9', '3/10', '3/11', '3/12'], //
    );
    for (const { logs } of steps) expect(Object.keys(logs)).toEqual(['loss', 'mae']);
    expect(steps[0]!.logs.loss).toBeCloseTo(5, 5); // (1² + 3²) / 2 from a model that says 0
    expect(steps[0]!.logs['mae']).toBeCloseTo(2, 5);
    dispose();
  });

  it('emits while the model holds the weights of that very step', async () => {
    const { model, xs, ys, dispose } = line();
    const kernel = () => model.getWeights()[0]!.dataSync()[0]!;
    const seen = await lastValueFrom(fromFit(model, xs, ys, OPTIONS).pipe(map(kernel), toArray()));

    const again = line();
    const expected: number[] = [];
    for (let step = 0; step < 12; step++) {
      const [x, y] = [again.xs, again.ys].map((all) => all.slice([(step % 4) * 2, 0], [2, 1]));
      await again.model.trainOnBatch(x!, y!);
      expected.push(again.model.getWeights()[0]!.dataSync()[0]!);
      tf.dispose([x, y]);
    }
    expect(seen).toHaveLength(12);
    seen.forEach((weight, i) => expect(weight).toBeCloseTo(expected[i]!, 6));
    dispose();
    again.dispose();
  });

  it('keeps the number of tensors flat, whether it completes, is unsubscribed or fails', async () => {
    const { model, xs, ys, dispose } = line();
    const run = (n: number) => lastValueFrom(fromFit(model, xs, ys, OPTIONS).pipe(take(n), toArray()));
    await run(99); // tfjs makes what it keeps in its first run
    const before = tf.memory().numTensors;
    expect(await run(99)).toHaveLength(12);
    expect(await run(3)).toHaveLength(3);
    await run(1);
    await sleep(20);
    const bad = fromFit(model, xs, ys, { ...OPTIONS, batchSize: -1 });
    await expect(lastValueFrom(bad)).rejects.toThrow('batchSize');
    expect(tf.memory().numTensors).toBe(before);
    dispose();
  });

  it('feeds modelEma, whose shadow trails the weights', async () => {
    const { model, xs, ys, dispose } = line();
    const shadow$ = fromFit(model, xs, ys, OPTIONS).pipe(
      map(() => weightsOf(model)),
      modelEma({ decay: 0.5 }),
    );
    const shadow = await lastValueFrom(shadow$);
    const averaged = (shadow['line/kernel'] as tf.Tensor).dataSync()[0]!;
    expect(averaged).toBeGreaterThan(0);
    expect(averaged).not.toBe(model.getWeights()[0]!.dataSync()[0]!);
    tf.dispose(shadow as tf.NamedTensorMap);
    dispose();
  });
});

withBackends(['cpu'], 'fromFit as an Observable', () => {
  it('trains nothing before it is subscribed to, and again at each subscription', async () => {
    const { model, xs, ys, dispose } = line();
    const step$ = fromFit(model, xs, ys, OPTIONS);
    await sleep(10);
    expect(model.getWeights()[0]!.dataSync()[0]).toBe(0);
    const first = await lastValueFrom(step$.pipe(toArray()));
    const second = await lastValueFrom(step$.pipe(toArray()));
    expect([first.length, second.length]).toEqual([12, 12]);
    expect(second[0]).toMatchObject({ epoch: 1, step: 1 });
    expect(second[0]!.logs.loss).toBeLessThan(first[0]!.logs.loss); // the model goes on from where it was
    dispose();
  });

  it('stops training with take(n): no further batch runs', async () => {
    const { model, xs, ys, dispose } = line();
    let batches = 0;
    const callbacks = { onBatchEnd: () => void batches++ };
    const steps = await lastValueFrom(fromFit(model, xs, ys, { ...OPTIONS, callbacks }).pipe(take(5), toArray()));
    await sleep(30);
    expect(steps.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5]);
    expect(batches).toBe(5);
    dispose();
  });

  it('stops training when unsubscribed from outside, and emits nothing more', async () => {
    const { model, xs, ys, dispose } = line();
    const seen: FitStep[] = [];
    let completed = false;
    const endless = fromFit(model, xs, ys, { ...OPTIONS, epochs: 1e6, yieldEvery: 5 });
    const subscription = endless.subscribe({ next: (step) => seen.push(step), complete: () => (completed = true) });
    await sleep(60);
    subscription.unsubscribe();
    const emitted = seen.length;
    await sleep(60);
    expect(emitted).toBeGreaterThan(2);
    expect(seen).toHaveLength(emitted);
    expect(completed).toBe(false);
    expect((model as unknown as { isTraining: boolean }).isTraining).toBe(false);
    dispose();
  });

  it('trains nothing when unsubscribed at once', async () => {
    const { model, xs, ys, dispose } = line();
    fromFit(model, xs, ys, OPTIONS).subscribe().unsubscribe();
    await sleep(20);
    expect(model.getWeights()[0]!.dataSync()[0]).toBe(0);
    dispose();
  });

  it.each([0, 1, 2, 3, 5, 8, 13, 21])('leaves the model free when unsubscribed %i microtasks in', async (ticks) => {
    const { model, xs, ys, dispose } = line();
    let batches = 0;
    const callbacks = { onBatchEnd: () => void batches++ };
    const subscription = fromFit(model, xs, ys, { ...OPTIONS, epochs: 1e6, callbacks }).subscribe();
    for (let i = 0; i < ticks; i++) await Promise.resolve();
    subscription.unsubscribe();
    const then = batches;
    await sleep(20);
    expect(batches).toBeLessThanOrEqual(then + 1); // the one that had begun
    expect((model as unknown as { isTraining: boolean }).isTraining).toBe(false);
    dispose();
  });

  it('lets a new subscription wait for the one just stopped', async () => {
    const { model, xs, ys, dispose } = line();
    const stop = new Subject<void>();
    const step$ = fromFit(model, xs, ys, { ...OPTIONS, yieldEvery: 'batch' });
    const first: FitStep[] = [];
    let second: Promise<FitStep[]> | undefined;
    await new Promise<void>((resolve) => {
      step$.pipe(takeUntil(stop)).subscribe({
        next(step) {
          first.push(step);
          if (step.step === 2) stop.next();
        },
        complete() {
          second = lastValueFrom(step$.pipe(toArray()));
          resolve();
        },
      });
    });
    expect(first).toHaveLength(2);
    expect(await second).toHaveLength(12);
    dispose();
  });

  it('is an error for a second subscription at the same time, which does not stop the first', async () => {
    const { model, xs, ys, dispose } = line();
    const step$ = fromFit(model, xs, ys, OPTIONS);
    const first = lastValueFrom(step$.pipe(toArray()));
    await expect(lastValueFrom(step$)).rejects.toThrow('another fit() call is ongoing');
    expect(await first).toHaveLength(12);
    dispose();
  });

  it('trains once for two subscribers behind share()', async () => {
    const { model, xs, ys, dispose } = line();
    let batches = 0;
    const callbacks = { onBatchEnd: () => void batches++ };
    const shared = fromFit(model, xs, ys, { ...OPTIONS, callbacks }).pipe(share());
    const [a, b] = await Promise.all([lastValueFrom(shared.pipe(toArray())), lastValueFrom(shared.pipe(toArray()))]);
    expect(batches).toBe(12);
    expect(a).toEqual(b);
    dispose();
  });

  it('turns what training throws into an error notification', async () => {
    const { model, xs, ys, dispose } = line();
    const three = tf.tensor2d([1, 2, 3], [3, 1]);
    await expect(lastValueFrom(fromFit(model, xs, three, OPTIONS))).rejects.toThrow('same number of samples');
    const failing = fromFit(model, xs, ys, { ...OPTIONS, callbacks: { onBatchEnd: failAtThird } });
    const seen: number[] = [];
    await expect(lastValueFrom(failing.pipe(tap(({ step }) => seen.push(step))))).rejects.toThrow('disk full');
    expect(seen).toEqual([1, 2]); // the user's callback comes first
    tf.dispose(three);
    dispose();
  });

  it('completes when the model is told to stop by somebody else', async () => {
    const { model, xs, ys, dispose } = line();
    const callbacks = { onBatchEnd: (batch: number) => void (model.stopTraining = batch === 1) };
    const steps = await lastValueFrom(fromFit(model, xs, ys, { ...OPTIONS, callbacks }).pipe(toArray()));
    expect(steps).toHaveLength(2);
    dispose();
  });

  it("calls the user's own callbacks: plain, several, or Callback objects", async () => {
    const calls: string[] = [];
    class Recorder extends tf.Callback {
      override async onEpochEnd(epoch: number) {
        calls.push(`object ${epoch}`);
      }
    }
    const plain = { onEpochEnd: (epoch: number) => void calls.push(`plain ${epoch}`) };
    const logs: string[] = [];
    for (const callbacks of [plain, [plain, plain], new Recorder(), [new Recorder(), new Recorder()]]) {
      const { model, xs, ys, dispose } = line();
      const step$ = fromFit(model, xs, ys, { ...OPTIONS, epochs: 1, callbacks });
      const steps = await lastValueFrom(step$.pipe(toArray()));
      logs.push(JSON.stringify(steps.map((step) => step.logs)));
      dispose();
    }
    expect(calls).toEqual(['plain 0', 'plain 0', 'plain 0', 'object 0', 'object 0', 'object 0']);
    expect(new Set(logs).size).toBe(1); // the same numbers whether or not tfjs has resolved them
  });

  it.each(['plain', 'object'])('gives the event loop its turn while training (%s callbacks)', async (kind) => {
    const { model, xs, ys, dispose } = line();
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const callbacks = kind === 'object' ? new (class extends tf.Callback {})() : {};
    const started = performance.now();
    const longEnough = fromFit(model, xs, ys, { ...OPTIONS, epochs: 1e6, callbacks }).pipe(
      tap(() => {
        if (performance.now() - started > 400) model.stopTraining = true;
      }),
    );
    await lastValueFrom(longEnough);
    clearInterval(timer);
    expect(turns).toBeGreaterThanOrEqual(3);
    dispose();
  });

  it('counts epochs on from initialEpoch', async () => {
    const { model, xs, ys, dispose } = line();
    const steps = await lastValueFrom(fromFit(model, xs, ys, { ...OPTIONS, initialEpoch: 1 }).pipe(toArray()));
    expect([steps[0]!.epoch, steps[0]!.step, steps.at(-1)!.epoch]).toEqual([2, 1, 3]);
    dispose();
  });

  it('stamps steps in wall-clock ms that never run backwards', async () => {
    const { model, xs, ys, dispose } = line();
    const before = Date.now();
    const stamps = fromFit(model, xs, ys, OPTIONS).pipe(map((step) => step.atMs));
    const at = await lastValueFrom(stamps.pipe(toArray()));
    expect(Math.abs(at[0]! - before)).toBeLessThan(5_000);
    for (let i = 1; i < at.length; i++) expect(at[i]).toBeGreaterThanOrEqual(at[i - 1]!);
    dispose();
  });
});

function failAtThird(batch: number) {
  if (batch === 2) throw new Error('disk full');
}

const wrongCalls = (model: tf.Sequential, xs: tf.Tensor) => [
  // @ts-expect-error a number is no data
  fromFit(model, 5, xs),
  // @ts-expect-error epochs is a number
  fromFit(model, xs, xs, { epochs: 'ten' }),
  // @ts-expect-error no option of tfjs
  fromFit(model, xs, xs, { epoch: 10 }),
];

describe('types of fromFit', () => {
  it("takes tfjs's models, and what their own fit takes", () => {
    expectTypeOf<tf.LayersModel>().toExtend<FitModel>();
    expectTypeOf<tf.Sequential>().toExtend<FitModel>();
    expectTypeOf<FitStep['logs']['loss']>().toEqualTypeOf<number>();
    expect(wrongCalls).toBeTypeOf('function');
  });
});
