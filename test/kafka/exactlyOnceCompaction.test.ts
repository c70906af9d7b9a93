import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HEAD_KEY } from '../../src/apps/scale/changelog.js';
import { changelogRows } from '../support/changelogRows.js';
import { describeWith } from '../support/need.js';
import { kafka } from './support/needKafka.js';
import type { Read } from './support/readTopic.js';
import { newStage, type Stage } from './support/scene.js';

/** Compacted as soon as it can be: all but what the newest second has brought. */
const changelog = { 'segment.ms': '1000', 'min.cleanable.dirty.ratio': '0.01', 'delete.retention.ms': '100' };

describeWith(kafka, 'a worker that is killed is exact while its changelog is compacted', (client) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await newStage(client, { properties: { 'log.cleaner.backoff.ms': 200 } });
  });
  afterAll(() => stage.end());

  /** Waits until each partition of a topic is as it shall be. @returns their rows */
  const until = async (
    topic: string,
    isSo: (rows: readonly Read[], partition: number) => boolean,
  ): Promise<Read[][]> => {
    for (;;) {
      const all = await stage.topics.read(topic);
      if (all.every(isSo)) return all;
      await sleep(200);
    }
  };

  it('all of it, time and again', async () => {
    const scene = await stage.scene('telemetry', { changelog });
    const flow = scene.flow(2000);
    let ends = [0, 0];
    for (let kills = 0; kills < 3; kills++) {
      const worker = scene.start();
      const rows = await until(scene.changelog, (rows, partition) => (oldest(rows)?.offset ?? 0) > ends[partition]!);
      await worker.kill();
      ends = rows.map((rows) => rows.at(-1)!.offset);
    }
    await flow.stop();
    scene.start();
    await scene.committed();
    expect(await scene.differences()).toEqual([]);
  });

  it('so that rows lie in front of the head that they need', async () => {
    const scene = await stage.scene('late columns', { changelog });
    const first = scene.start();
    for (let age = 0; age < 8; age++) {
      await scene.send(2000);
      await scene.committed();
    }
    const flow = scene.flow(500);
    await until(scene.changelog, (rows) => rows.findIndex(isHead) > 0 && rows.filter(isHead).length === 1);
    await first.kill();
    await flow.stop();
    const second = scene.start();
    await scene.committed();
    expect(await scene.differences()).toEqual([]);
    expect(second.latest()).toMatchObject({ restarts: 0 });
  });

  it('and keys that idle go from it', async () => {
    const scene = await stage.scene('keys that go', { changelog });
    const flow = scene.flow(2000);
    for (let kills = 0; kills < 3; kills++) {
      const worker = scene.start();
      await scene.committed(flow.count + 4000);
      await worker.kill();
    }
    scene.start();
    await until(scene.changelog, (rows) => !changelogRows(rows).some(({ key, row }) => key === '0-1' && row !== null));
    await flow.stop();
    await scene.committed();
    expect(await scene.differences()).toEqual([]);
  });
});

const isHead = ({ key }: Read): boolean => key!.equals(HEAD_KEY);
const oldest = (rows: readonly Read[]): Read | undefined => rows.find((row) => !isHead(row));
