import { expect, it } from 'vitest';
import type { Port, Restoring } from '../../../src/apps/scale/port.js';
import { Restoration } from '../../../src/apps/scale/restoration.js';
import { planOf } from './support/fakeWorker.js';
import { virtualTime } from './support/virtualTime.js';

const PARTITIONS = Array.from({ length: 200 }, (_, partition) => partition);
const CHUNKS = 50;
const CHUNK_MS = 20;

/** As the changelog is read: after each chunk, of whatever partition, all that are left say how far they are. */
const port = {
  positions: (partitions: readonly number[]) =>
    Promise.resolve(partitions.map(() => ({ committed: 0, oldest: 0, end: 0 }))),
  async restore(partitions: readonly Restoring[]) {
    for (let chunk = 1; chunk <= CHUNKS; chunk++) {
      await new Promise((resolve) => setTimeout(resolve, CHUNK_MS));
      for (const one of partitions) one.progress(chunk, CHUNKS);
    }
  },
} as Partial<Port> as Port;

it('tells of progress now and then, however many partitions and chunks there are, and of the end of each', async () => {
  const time = virtualTime();
  const told: number[] = [];
  const restoration = new Restoration(port, planOf({ ema: { alpha: 0.5 } }), () => told.push(performance.now()));
  const began = performance.now();
  restoration.begin(PARTITIONS);
  await time.pass((CHUNKS - 1) * CHUNK_MS + 1);
  expect(told.map((at) => at - began)).toEqual(Array.from({ length: 10 }, (_, i) => CHUNK_MS + 100 * i));
  const all = PARTITIONS.map((partition) => ({ partition, restored: CHUNKS - 1, toRestore: CHUNKS }));
  expect(restoration.states()).toMatchObject(all);
  await time.pass(CHUNK_MS);
  expect(told).toHaveLength(10 + PARTITIONS.length);
});

it('reads no more of partitions once none of a batch is wanted', async () => {
  const time = virtualTime();
  const signals: AbortSignal[] = [];
  const endless = {
    ...port,
    restore(_: readonly Restoring[], signal: AbortSignal) {
      signals.push(signal);
      return new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    },
  };
  const restoration = new Restoration(endless, planOf({ ema: { alpha: 0.5 } }), () => {});
  const stopped = (): boolean[] => signals.map(({ aborted }) => aborted);
  restoration.begin([0, 1]);
  restoration.begin([2]);
  await time.pass(1);
  restoration.forget(0);
  expect(stopped()).toEqual([false, false]);
  restoration.forget(1);
  expect(stopped()).toEqual([true, false]);
  restoration.begin([2]); // anew
  await time.pass(1);
  expect(stopped()).toEqual([true, true, false]);
  restoration.stop();
  expect(stopped()).toEqual([true, true, true]);
  await time.pass(1);
  expect(restoration.next()).toBeUndefined();
});
