import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../support/need.js';
import { outcome } from './support/connection.js';
import { kafka } from './support/needKafka.js';
import { newStage, type Stage } from './support/scene.js';

describeWith(kafka, 'a changelog in which a transaction hangs', (client) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await newStage(client);
  });
  afterAll(() => stage.end());

  it('is told of, until it has ended', async () => {
    const scene = await stage.scene('telemetry', { changelog: {} });
    const config = { 'bootstrap.servers': stage.cluster.bootstrap, 'transactional.id': 'lost', 'transaction.timeout.ms': 60_000 }; // prettier-ignore
    const lost = new client.Producer(config as never, {} as never);
    await outcome((done) => lost.connect({ timeout: 10_000 }, done));
    await outcome((done) => lost.initTransactions(10_000, done));
    await outcome((done) => lost.beginTransaction(done));
    lost.produce(scene.changelog, 1, Buffer.from('?'), Buffer.from('rows-1'), null, undefined);
    await outcome((done) => lost.flush(5000, done));
    const worker = scene.start();
    await scene.send(100);
    const { trouble, partitions } = await worker.until(({ status }) => status === 'waiting');
    expect(trouble).toBe(`reading '${scene.changelog}' to its end must come about, got for 10 s: nothing more, as of a transaction that is never ended`); // prettier-ignore
    expect(partitions.map(({ status }) => status)).toContain('restoring');
    await outcome((done) => lost.abortTransaction(10_000, done));
    await worker.until(({ status }) => status === 'running');
    await scene.committed();
    await outcome((done) => lost.disconnect(1000, done));
    expect(await scene.differences()).toEqual([]);
  });
});
