import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../support/need.js';
import { kafka } from './support/needKafka.js';
import { newStage, type Stage } from './support/scene.js';
import type { Line, WorkerProcess } from './support/workerProcess.js';

/** What wakes up finds its transaction as it was. */
const PATIENT = { 'transaction.timeout.ms': 120_000 };

describeWith(kafka, 'workers of a group are exact', (client) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await newStage(client);
  });
  afterAll(() => stage.end());

  it('when one that was taken for dead wakes up in mid-transaction', async () => {
    const scene = await stage.scene('telemetry', { partitions: 4 });
    await scene.send(10_000);
    const halt = { how: 'stops', transaction: 1, when: 'before the rows' } as const;
    const zombie = scene.start({ slot: 'zombie', halt, config: PATIENT });
    await zombie.halted();
    const other = scene.start({ slot: 'other' });
    await scene.committed();
    zombie.wake();
    await zombie.until(has(2));
    await scene.send(10_000);
    await scene.committed();
    expect(await scene.differences()).toEqual([]);
    expect(zombie.latest()).toMatchObject({ aborts: 1, restarts: 0 });
    // what a worker says comes up to a second later
    await expect.poll(() => zombie.latest()!.messages + other.latest()!.messages, { timeout: 5000 }).toBe(20_000);
  });

  it('when one that was taken for dead wakes up between its positions and its commit', async () => {
    const scene = await stage.scene('telemetry', { partitions: 4 });
    await scene.send(10_000);
    const halt = { how: 'stops', transaction: 1, when: 'before the commit' } as const;
    const zombie = scene.start({ slot: 'zombie', halt, config: PATIENT });
    await zombie.halted();
    const other = scene.start({ slot: 'other' });
    await other.until(({ partitions }) => partitions.length === 4); // it waits: what is under way may yet be committed
    zombie.wake();
    await scene.committed();
    await zombie.until(has(2));
    await scene.send(10_000);
    await scene.committed();
    expect(await scene.differences()).toEqual([]);
  });

  it('when one dies in mid-commit, and only others are left', async () => {
    const scene = await stage.scene('telemetry', { partitions: 4 });
    await scene.send(10_000);
    const halt = { how: 'dies', transaction: 1, when: 'before the commit' } as const;
    await scene.start({ slot: 'one', halt, config: { 'transaction.timeout.ms': 3000 } }).ended;
    scene.start({ slot: 'other' });
    await scene.committed();
    expect(await scene.differences()).toEqual([]);
  });

  it.each([
    ['and then for its session', { sessionMs: 2000, timeoutMs: 3000 }],
    ['but not for its session', { sessionMs: 30_000, timeoutMs: 3000 }],
  ])('when the only one stands still for too long for its transaction, %s', async (_, { sessionMs, timeoutMs }) => {
    const scene = await stage.scene('telemetry');
    await scene.send(10_000);
    const halt = { how: 'stops', transaction: 2, when: 'before the commit' } as const;
    const config = { 'transaction.timeout.ms': timeoutMs };
    const worker = scene.start({ sessionMs, config, halt });
    await worker.halted();
    await stage.topics.read(scene.output); // once what was under way has been thrown away
    worker.wake();
    await scene.committed();
    expect(await scene.differences()).toEqual([]);
    expect(worker.latest()!.aborts + worker.latest()!.restarts).toBeGreaterThan(0);
  });

  it('when the broker is away in mid-commit, for longer than a session, and takes them for others when it is back', async () => {
    const scene = await stage.scene('telemetry');
    await scene.send(10_000);
    const halt = { how: 'waits', transaction: 1, when: 'before the commit' } as const;
    const worker = scene.start({ sessionMs: 3000, halt, config: { ...PATIENT, 'reconnect.backoff.max.ms': 100 } });
    await worker.halted();
    await stage.cluster.brokers[0]!.kill();
    await sleep(3500);
    await stage.cluster.brokers[0]!.start();
    await sleep(2000); // the group has heard of it by now
    worker.wake();
    await scene.committed();
    expect(await scene.differences()).toEqual([]);
    expect(worker.latest()).toMatchObject({ restarts: 1 });
  });

  it('while there are one, three, two, three of them, as they leave and as they are killed', async () => {
    const scene = await stage.scene('telemetry', { partitions: 6 });
    const flow = scene.flow(1000);
    const start = (slot: number): WorkerProcess => scene.start({ slot, sessionMs: 2000, commitMs: 20 });
    const first = start(0);
    await first.until(has(6));
    const [second, third] = [start(1), start(2)];
    await Promise.all([first, second, third].map((worker) => worker.until(has(2))));
    expect(await second.stop()).toBe(0);
    await Promise.all([first, third].map((worker) => worker.until(has(3))));
    const fourth = start(1);
    await Promise.all([first, third, fourth].map((worker) => worker.until(has(2))));
    await third.kill();
    await Promise.all([first, fourth].map((worker) => worker.until(has(3))));
    const fifth = start(2);
    await Promise.all([first, fourth, fifth].map((worker) => worker.until(has(2))));
    await flow.stop();
    await scene.committed();
    expect(await scene.differences()).toEqual([]);
    for (const worker of [first, fourth, fifth]) expect(worker.latest()).toMatchObject({ restarts: 0 });
  });
});

/** True once a worker has so many partitions, and works on all of them. */
function has(count: number): (line: Line) => boolean {
  return ({ status, partitions }) => status === 'running' && partitions.length === count;
}
