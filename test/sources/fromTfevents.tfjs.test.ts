import { join } from 'node:path';
import { fromTfevents, type Scalar } from 'rx-ema/sources';
import { beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { use } from '../support/backends.js';
import { emptyFolder } from '../support/emptyFolder.js';
import { describeWith, nativeTfjs } from '../support/need.js';
import { line } from './line.js';

/** As far as it is used here: tfjs-node is optional, so its own types may be absent. */
interface Node {
  summaryFileWriter(folder: string): { scalar(name: string, value: number, step: number): void; flush(): void };
  tensorBoard(folder: string, options: { updateFreq: 'batch' }): object;
}

function following(where: string) {
  const got: Scalar[] = [];
  let error: unknown;
  const subscription = fromTfevents(where, { follow: true }).subscribe({
    next: (scalar) => got.push(scalar),
    error: (one: unknown) => (error = one),
  });
  onTestFinished(() => subscription.unsubscribe());
  const until = (count: number) => vi.waitUntil(() => got.length >= count || error !== undefined, { timeout: 10_000 });
  return { got, until, error: () => error };
}

describeWith(nativeTfjs, "fromTfevents of tfjs-node's own writer", () => {
  let node: Node;
  beforeAll(async () => {
    await use('tensorflow');
    const name = '@tensorflow/tfjs-node';
    ({ node } = (await import(name)) as { node: Node });
  });

  it('has every scalar once, in order, while they are written', async () => {
    const root = emptyFolder();
    const { got, until, error } = following(root);
    const began = Date.now();
    const writer = node.summaryFileWriter(join(root, 'live'));
    const values = [0.5, NaN, -Infinity, 0, 1e-30];
    for (let step = 0; step < 2000; step++) {
      writer.scalar('loss', values[step % 5]!, step);
      if (step % 100 !== 99) continue;
      writer.flush();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await until(2000);
    expect(error()).toBeUndefined();
    expect(got.map(({ run, tag, step, value }) => [run, tag, step, value])).toEqual(
      Array.from({ length: 2000 }, (_, step) => ['live', 'loss', step, Math.fround(values[step % 5]!)]),
    );
    expect(got.every(({ atMs }) => atMs > began - 1000 && atMs < Date.now() + 1000)).toBe(true);
  });

  it('has the metrics that its callback logs of a training, as train and val runs', async () => {
    const root = emptyFolder();
    const { got, until } = following(root);
    const { model, xs, ys, dispose } = line();
    const callback = node.tensorBoard(root, { updateFreq: 'batch' });
    const { history } = await model.fit(xs, ys, {
      epochs: 3,
      batchSize: 4,
      validationData: [xs, ys],
      verbose: 0,
      callbacks: callback as never,
    });
    await until(3 * (2 * 2 + 2 * 2));
    dispose();
    const losses = got.filter(({ run, tag }) => run === 'train' && tag === 'epoch_loss').map(({ value }) => value);
    expect(losses).toEqual((history['loss'] as number[]).map(Math.fround));
    expect(new Set(got.map(({ run }) => run))).toEqual(new Set(['train', 'val']));
  });
});
