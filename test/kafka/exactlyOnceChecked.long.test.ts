import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../support/need.js';
import { kafka } from './support/needKafka.js';
import { newStage, type Stage } from './support/scene.js';

describeWith(kafka, 'what "exact" is measured by sees', (client) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await newStage(client);
  });
  afterAll(() => stage.end());

  it('messages lost between a position and its outputs', async () => {
    const scene = await stage.scene('telemetry');
    const flow = scene.flow(3000);
    const halt = { how: 'dies', transaction: 3, when: 'before the commit' } as const;
    await scene.start({ halt, fault: 'positions apart' }).ended;
    await flow.stop();
    scene.start();
    await scene.committed();
    expect(await scene.differences()).toContainEqual(expect.stringMatching(/: \d+ outputs of \d+ inputs$/));
  });

  it.each([
    ['kept', { fault: 'loses rows as it keeps' }, {}],
    ['restored', {}, { fault: 'loses rows as it restores' }],
  ] as const)('a state that was not %s', async (_, before, after) => {
    const scene = await stage.scene('telemetry');
    await scene.send(3000);
    const first = scene.start(before);
    await scene.committed();
    await first.kill();
    scene.start(after);
    await scene.send(3000);
    await scene.committed();
    expect(await scene.differences()).toContainEqual(expect.stringMatching(/: output \d+ is .*, not /));
  });

  it('outputs of a worker whose partitions are already with another', async () => {
    const scene = await stage.scene('telemetry');
    await scene.send(3000);
    const halt = { how: 'stops', transaction: 1, when: 'before the rows' } as const;
    const config = { 'transaction.timeout.ms': 120_000 };
    const zombie = scene.start({ slot: 'zombie', halt, config, fault: 'no positions' });
    await zombie.halted();
    scene.start({ slot: 'other' });
    await scene.committed();
    zombie.wake();
    await zombie.until(({ commits }) => commits > 0);
    expect(await scene.differences()).toContainEqual(expect.stringMatching(/: \d+ outputs of \d+ inputs$/));
  });
});
