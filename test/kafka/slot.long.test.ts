import { expect, it, onTestFinished } from 'vitest';
import { describeWith } from '../support/need.js';
import { kafka } from './support/needKafka.js';
import { newStage } from './support/scene.js';

describeWith(kafka, 'a slot', (client) => {
  it('is the second worker’s while both are busy too, and nothing is lost', async () => {
    const stage = await newStage(client);
    onTestFinished(() => stage.end());
    const scene = await stage.scene('telemetry', { partitions: 4 });
    const flow = scene.flow(2000);
    const first = scene.start();
    await first.until(({ commits }) => commits > 5);
    const second = scene.start();
    await first.ended;
    expect(first.remarks.filter((remark) => 'error' in remark)).toMatchObject([{ error: 'SLOT_TAKEN' }]);
    await second.until(({ commits }) => commits > 5);
    await flow.stop();
    await scene.committed();
    expect(await scene.differences()).toEqual([]);
  });
});
