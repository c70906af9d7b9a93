import { expect } from 'vitest';
import type { Broker } from './broker.js';
import type { Stage } from './scene.js';

/** Two workers are exact while brokers of a stage are killed, one after the other, and come back. */
export async function killedInTurn(stage: Stage, brokers: readonly Broker[]): Promise<void> {
  const scene = await stage.scene('telemetry', { partitions: 4 });
  const flow = scene.flow(1000);
  const workers = [0, 1].map((slot) => scene.start({ slot }));
  await scene.committed(1000);
  for (const broker of brokers) {
    await broker.kill();
    await scene.committed(flow.count + 2000);
    await broker.start();
    await scene.committed(flow.count + 2000);
  }
  await flow.stop();
  await scene.committed();
  expect(await scene.differences()).toEqual([]);
  expect(workers.map((worker) => worker.hasEnded)).toEqual([false, false]);
}
