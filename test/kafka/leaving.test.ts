import { setTimeout as sleep } from 'node:timers/promises';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import { runWorker } from 'rx-ema/kafka';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { describeWith } from '../support/need.js';
import { jobNamed } from './support/jobs.js';
import { kafka } from './support/needKafka.js';
import { newStage, type Scene, type Stage } from './support/scene.js';

describeWith(kafka, 'a worker that is told to stop', (client) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await newStage(client);
  });
  afterAll(() => stage.end());

  /** Starts one in this process. */
  function started(scene: Scene, told: object = {}) {
    const { job, ...options } = scene.told();
    const stop = new AbortController();
    onTestFinished(() => stop.abort());
    const state$ = runWorker({ client, ema: jobNamed(job).ema, ...options, ...told, signal: stop.signal });
    const ended = lastValueFrom(state$, { defaultValue: null });
    return { stop, ended };
  }

  /** ms until it has left. */
  async function msToLeave({ stop, ended }: ReturnType<typeof started>): Promise<number> {
    const began = performance.now();
    stop.abort();
    await ended;
    return performance.now() - began;
  }

  it('has left within 5 s though the brokers have gone silent, and nothing is lost', async () => {
    const scene = await stage.scene('telemetry');
    const flow = scene.flow(2000);
    const worker = started(scene);
    await scene.committed(1000);
    const { pid } = stage.cluster.brokers[0]!;
    process.kill(pid!, 'SIGSTOP');
    await sleep(500);
    const ms = await msToLeave(worker).finally(() => process.kill(pid!, 'SIGCONT'));
    expect(ms).toBeLessThan(5000);
    await flow.stop();
    scene.start();
    await scene.committed();
    expect(await scene.differences()).toEqual([]);
  });

  it('has left within 5 s though no broker was ever there', async () => {
    const scene = await stage.scene('telemetry');
    const worker = started(scene, { brokers: '127.0.0.1:1' });
    await sleep(300);
    expect(await msToLeave(worker)).toBeLessThan(5000);
  });

  it('at its first state leaves the slot to whoever has it', async () => {
    const scene = await stage.scene('telemetry');
    const first = scene.start();
    await first.until(({ status }) => status === 'running');
    const { job, ...options } = scene.told();
    const state = await firstValueFrom(runWorker({ client, ema: jobNamed(job).ema, ...options }));
    expect(state.status).toBe('starting');
    await scene.send(1000);
    await scene.committed();
    await Promise.race([sleep(3000), first.ended]);
    expect(first.latest()).toMatchObject({ status: 'running', restarts: 0 });
  });
});
