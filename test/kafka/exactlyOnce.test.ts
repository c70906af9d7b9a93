import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../support/need.js';
import type { Moment } from './support/meddling.js';
import { kafka } from './support/needKafka.js';
import { newStage, type Stage } from './support/scene.js';

describeWith(kafka, 'a worker that is killed', (client) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await newStage(client);
  });
  afterAll(() => stage.end());

  it('six times, at advancing offsets, is exact', async () => {
    const count = 70_000;
    const scene = await stage.scene('telemetry', { partitions: 4 });
    await scene.send(count);
    let worker = scene.start();
    for (let kills = 1; kills <= 6; kills++) {
      await scene.committed((count * kills) / 7);
      await worker.kill();
      worker = scene.start();
    }
    await scene.committed();
    expect(await scene.differences()).toEqual([]);
    expect(worker.remarks).toEqual([]);
  });

  it('at any moment of a transaction is exact', async () => {
    const scene = await stage.scene('telemetry');
    const flow = scene.flow(3000);
    const moments: Moment[] = ['before the positions', 'before the commit', 'in the commit', 'after the commit'];
    for (const when of moments) {
      await scene.start({ halt: { how: 'dies', transaction: 3, when } }).ended;
    }
    scene.start();
    await flow.stop();
    await scene.committed();
    expect(await scene.differences()).toEqual([]);
  });

  it('twice while it restores is exact', async () => {
    const scene = await stage.scene('many keys');
    await scene.send(60_000);
    const first = scene.start();
    await scene.committed();
    await first.kill();
    await scene.send(1000);
    for (let kills = 0; kills < 2; kills++) {
      const worker = scene.start();
      const { commits } = await worker.until(({ partitions }) => partitions.some(({ restored }) => restored > 0));
      await worker.kill();
      expect(commits).toBe(0);
    }
    scene.start();
    await scene.committed();
    expect(await scene.differences()).toEqual([]);
  });
});
