import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../support/need.js';
import { kafka } from './support/needKafka.js';
import { newStage, type Stage } from './support/scene.js';

describeWith(kafka, 'workers on three brokers', (client) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await newStage(client, { brokers: 3, heap: '384m' });
  });
  afterAll(() => stage.end());

  it('are exact while each broker is killed in turn and comes back', async () => {
    const scene = await stage.scene('telemetry', { partitions: 4 });
    const flow = scene.flow(1000);
    const workers = [0, 1].map((slot) => scene.start({ slot, config: { 'transaction.timeout.ms': 60_000 } }));
    await scene.committed(1000);
    const t = setInterval(
      () =>
        console.error(
          new Date().toISOString(),
          flow.count,
          workers
            .map((w) =>
              JSON.stringify([
                w.latest()?.messages,
                w.latest()?.aborts,
                w.latest()?.restarts,
                w.latest()?.status,
                w.latest()?.trouble,
                w.latest()?.partitions.map((p) => [p.partition, p.status, p.restored, p.toRestore, p.position, p.lag]),
                w.remarks,
              ]),
            )
            .join('\n'),
        ),
      2000,
    );
    t.unref();
    for (const broker of stage.cluster.brokers) {
      console.error('kill', broker.id);
      await broker.kill();
      await scene.committed(flow.count + 2000);
      console.error('start', broker.id);
      await broker.start();
      console.error('started', broker.id);
      await scene.committed(flow.count + 2000);
    }
    await flow.stop();
    await scene.committed();
    expect(await scene.differences()).toEqual([]);
    for (const worker of workers) console.error(worker.remarks, worker.latest());
  });
});
