import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../support/need.js';
import { kafka } from './support/needKafka.js';
import { KILLED, newStage, type Stage } from './support/scene.js';

describeWith(kafka, 'workers whose only broker is killed while messages flow', (client) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await newStage(client, { properties: KILLED });
  });
  afterAll(() => stage.end());

  it.each([
    ['3 s, within which a transaction lasts', 3],
    ['20 s, after which it has been thrown away', 20],
  ])('are exact once it is back after %s', async (_, seconds) => {
    const scene = await stage.scene('telemetry');
    const flow = scene.flow(1000);
    const workers = ['a', 'b'].map((slot) => scene.start({ slot, commitMs: 500 }));
    await scene.committed(3000);
    const [broker] = stage.cluster.brokers;
    await broker!.kill();
    await Promise.all(workers.map((worker) => worker.until(({ status }) => status === 'waiting')));
    for (const { remarks } of workers) {
      expect(remarks).toContainEqual({
        trouble: expect.stringMatching(/^the brokers at 127\.0\.0\.1:\d+ must answer/),
      });
    }
    await sleep(1000 * seconds);
    await broker!.start();
    await Promise.all(workers.map((worker) => worker.until(({ status }) => status === 'running')));
    await flow.stop();
    await scene.committed();
    expect(await Promise.all(workers.map((worker) => worker.stop()))).toEqual([0, 0]);
    expect(await scene.differences()).toEqual([]);
  });
});
