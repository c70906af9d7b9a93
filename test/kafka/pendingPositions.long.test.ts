import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaClient, KafkaConsumer } from '../../src/apps/scale/rdkafka/client.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../support/need.js';
import { jobNamed } from './support/jobs.js';
import { kafka } from './support/needKafka.js';
import { runs } from './support/runs.js';
import { newStage, type Stage } from './support/scene.js';

describeWith(kafka, 'positions that another worker is still writing', (client) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await newStage(client);
  });
  afterAll(() => stage.end());

  it('are waited for while the partitions that need no waiting go on', async () => {
    const scene = await stage.scene('telemetry', { partitions: 24 });
    const survivor = scene.start({ slot: 'survivor', sessionMs: 2000 });
    await survivor.until(({ status }) => status === 'running');
    const halt = { how: 'stops', transaction: 1, when: 'before the commit' } as const;
    const config = { 'transaction.timeout.ms': 20_000 };
    const zombie = scene.start({ slot: 'zombie', sessionMs: 2000, halt, config });
    await zombie.until(({ partitions }) => partitions.length === 12);
    const flow = scene.flow(1000);
    await zombie.halted();
    await survivor.until(({ partitions }) => partitions.length === 24);
    const commits: number[] = [];
    for (let looks = 0; looks < 3; looks++) {
      await sleep(2500);
      commits.push(survivor.latest()!.commits);
    }
    const { trouble } = await survivor.until(({ status }) => status === 'waiting');
    expect(trouble).toMatch(/^reading the positions of the group must come about, got for 10 s: /);
    expect(survivor.latest()!.partitions.filter(({ status }) => status === 'restoring')).toHaveLength(12);
    for (const [i, count] of commits.entries()) if (i > 0) expect(count).toBeGreaterThan(commits[i - 1]!);
    zombie.wake();
    await survivor.until(({ status }) => status === 'running');
    await flow.stop();
    await scene.committed();
    expect(survivor.latest()!.restarts).toBe(0);
    expect(await scene.differences()).toEqual([]);
  });

  it('are asked for again where the client has an error in the place of one, as of none', async () => {
    const scene = await stage.scene('telemetry');
    await scene.send(1000);
    const { job, ...options } = scene.told();
    const run = (own: KafkaClient) => runs({ ...options, client: own, ema: jobNamed(job).ema });
    const first = run(client);
    await scene.committed();
    await first.stop();
    const second = run(withoutPositions(client, 3));
    await scene.send(1000);
    await scene.committed();
    await second.stop();
    expect(second.states.at(-1)).toMatchObject({ messages: 1000, restarts: 0 });
    expect(await scene.differences()).toEqual([]);
  });
});

/** The client, which does not know positions so many times: as node-rdkafka says it of a coordinator that is about to stop. */
function withoutPositions(client: KafkaClient, times: number): KafkaClient {
  let left = times;
  const Consumer = class extends client.KafkaConsumer {
    override committed(...[partitions, ms, done]: Parameters<KafkaConsumer['committed']>): unknown {
      if (left-- <= 0) return super.committed(partitions, ms, done);
      const error = new Error('Broker: There are unstable offsets that need to be cleared');
      setTimeout(() => done(null, partitions.map(() => error) as never), 10);
      return this;
    }
  };
  return { Producer: client.Producer, AdminClient: client.AdminClient, KafkaConsumer: Consumer };
}
