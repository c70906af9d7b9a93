import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../support/need.js';
import { kafka } from './support/needKafka.js';
import { KILLED, newStage, type Stage } from './support/scene.js';

describeWith(kafka, 'workers on three brokers', (client) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await newStage(client, { brokers: 3, heap: '384m', properties: KILLED });
  });
  afterAll(() => stage.end());

  it('are exact while one of the brokers is killed and comes back', async () => {
    const scene = await stage.scene('telemetry', { partitions: 4 });
    const flow = scene.flow(1000);
    const workers = [0, 1].map((slot) => scene.start({ slot }));
    await scene.committed(1000);
    const [broker] = stage.cluster.brokers;
    await broker!.kill();
    await scene.committed(flow.count + 2000);
    await broker!.start();
    await scene.committed(flow.count + 2000);
    await flow.stop();
    await scene.committed();
    expect(await scene.differences()).toEqual([]);
    expect(workers.map((worker) => worker.hasEnded)).toEqual([false, false]);
  });
});
