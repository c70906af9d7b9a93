import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../support/need.js';
import { kafka } from './support/needKafka.js';
import { newStage, type Stage } from './support/scene.js';
import type { WorkerProcess } from './support/workerProcess.js';

const SLOTS = [0, 1, 2];
const LASTS_MS = 120_000;

describeWith(kafka, 'workers of a group are exact', (client) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await newStage(client);
  });
  afterAll(() => stage.end());

  it('whatever happens to them for two minutes', { timeout: 400_000 }, async () => {
    const seed = Number(process.env['RX_EMA_SEED'] ?? Date.now() % 2 ** 31);
    const random = randomOf(seed);
    const scene = await stage.scene('telemetry', { partitions: 6 });
    const flow = scene.flow(1500);
    const start = (slot: number): WorkerProcess =>
      scene.start({ slot, sessionMs: 2000, config: { 'transaction.timeout.ms': 4000 } });
    const workers = SLOTS.map(start);
    const happened: string[] = [];
    const happens: Readonly<Record<string, (slot: number) => Promise<unknown>>> = {
      killed: async (slot) => {
        await workers[slot]!.kill();
        workers[slot] = start(slot);
      },
      away: async (slot) => {
        await workers[slot]!.kill();
        await sleep(5000 * random());
        workers[slot] = start(slot);
      },
      left: async (slot) => {
        await workers[slot]!.stop();
        workers[slot] = start(slot);
      },
      'still for a while': async (slot) => {
        workers[slot]!.pause();
        await sleep(8000 * random());
        workers[slot]!.wake();
      },
    };
    for (const until = Date.now() + LASTS_MS; Date.now() < until;) {
      const what = Object.keys(happens)[Math.floor(4 * random())]!;
      const slot = Math.floor(SLOTS.length * random());
      happened.push(`${slot} ${what}`);
      await happens[what]!(slot);
      await sleep(3000 * random());
    }
    await flow.stop();
    await scene.committed();
    expect(await scene.differences(), `seed ${seed}: ${happened.join(', ')}`).toEqual([]);
    expect(workers.map(({ hasEnded }) => hasEnded)).toEqual([false, false, false]);
  });
});

/** Numbers in [0, 1): the same ones for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
