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

  it('a state that was not kept', async () => {
    const scene = await stage.scene('telemetry');
    await scene.send(3000);
    const halt = { how: 'dies', transaction: 1, when: 'after the commit' } as const;
    await scene.start({ halt, fault: 'loses a row' }).ended;
    scene.start();
    await scene.send(3000);
    await scene.committed();
    expect(await scene.differences()).toContainEqual(expect.stringMatching(/: output \d+ is .*, not /));
  });

  it('a state that was not restored', async () => {
    const scene = await stage.scene('telemetry');
    await scene.send(3000);
    const first = scene.start();
    await scene.committed();
    await first.kill();
    await scene.send(3000);
    scene.start({ fault: 'loses rows as it restores' });
    await scene.committed();
    expect(await scene.differences()).toContainEqual(expect.stringMatching(/: output \d+ is .*, not /));
  });

  it('outputs of a worker whose partitions are already with another', async () => {
    const scene = await stage.scene('telemetry');
    await scene.send(3000);
    const halt = { how: 'stops', transaction: 1, when: 'before the positions' } as const;
    const zombie = scene.start({ slot: 'zombie', halt, fault: 'no positions' });
    await zombie.halted();
    scene.start({ slot: 'other' });
    await scene.committed();
    zombie.wake();
    await zombie.until(({ commits }) => commits > 0);
    expect(await scene.differences()).toContainEqual(expect.stringMatching(/: \d+ outputs of \d+ inputs$/));
  });
});
