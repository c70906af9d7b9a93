import { once } from 'node:events';
import { lastValueFrom, tap, type Observable } from 'rxjs';
import { runWorker, type WorkerState } from 'rx-ema/kafka';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { describeWith } from '../support/need.js';
import { type Cluster, startCluster } from './support/cluster.js';
import { kafka } from './support/needKafka.js';
import { topicsOf } from './support/topics.js';

describeWith(kafka, 'a slot', (client) => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster();
    const topics = topicsOf(client, cluster.bootstrap);
    await topics.create('in', 2);
    await topics.create('out', 2);
  });
  afterAll(() => cluster.stop());

  const worker = (signal: AbortSignal): Observable<WorkerState> =>
    runWorker({ client, brokers: cluster.bootstrap, input: 'in', output: 'out', ema: { halfLife: 1 }, signal });

  /** Starts a worker, and waits until it runs. */
  async function started() {
    const stop = new AbortController();
    onTestFinished(() => stop.abort());
    const runs = new AbortController();
    const state$ = worker(stop.signal).pipe(tap(({ status }) => status === 'running' && runs.abort()));
    const end = lastValueFrom(state$).then(
      () => 'it was told to stop',
      (error: unknown) => error,
    );
    await Promise.race([once(runs.signal, 'abort'), end]);
    return { stop, end };
  }

  it('is the second worker’s, if two are started in it though nothing is to be done: the first ends with an error', async () => {
    const first = await started();
    const second = await started();
    expect(await first.end).toMatchObject({ code: 'SLOT_TAKEN' });
    second.stop.abort();
    expect(await second.end).toBe('it was told to stop');
  });
});
