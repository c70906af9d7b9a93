import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../support/need.js';
import type { JobName } from './support/jobs.js';
import { kafka } from './support/needKafka.js';
import { newStage, type Scene, type Stage } from './support/scene.js';

const KINDS: readonly JobName[] = [
  'gaps that age',
  'a start at the mean of the first',
  'weights',
  'a schedule',
  'numbers by the time of their messages',
  'keys of any bytes',
  'deviations',
  'bands',
  'bands of records',
  'correlations',
  'damaged messages',
];

describeWith(kafka, 'a worker that is killed is exact about', (client) => {
  let stage: Stage;
  const scenes = new Map<JobName, Scene>();
  beforeAll(async () => {
    stage = await newStage(client);
    for (const job of KINDS) scenes.set(job, await stage.scene(job));
    const all = [...scenes.values()];
    const each = (what: (scene: Scene) => Promise<void>) => Promise.all(all.map(what));
    const told = all.map((scene) => scene.told());
    const first = stage.start(told);
    await each((scene) => scene.send(1500));
    await each((scene) => scene.committed(1));
    const sending = each((scene) => scene.send(1000));
    await first.kill();
    await sending;
    stage.start(told);
    await each((scene) => scene.committed());
    await each((scene) => scene.send(500));
    await each((scene) => scene.committed());
  });
  afterAll(() => stage.end());

  it.each(KINDS)('%s', async (job) => {
    expect(await scenes.get(job)!.differences()).toEqual([]);
  });
});
