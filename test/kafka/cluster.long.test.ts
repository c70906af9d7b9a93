import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { describeWith } from '../support/need.js';
import { ROOT } from '../support/workspace.js';
import { startCluster } from './support/cluster.js';
import { kafka } from './support/needKafka.js';
import { topicsOf } from './support/topics.js';

describeWith(kafka, 'a cluster', (client) => {
  it('of three goes on with two, and takes the third back', async () => {
    const cluster = await startCluster({ brokers: 3 });
    onTestFinished(() => cluster.stop());
    const topics = topicsOf(client, cluster.bootstrap);
    await topics.create('all', 3);
    await topics.produce('all', numbers(0, 1000));
    await cluster.brokers[0]!.kill();
    await topics.produce('all', numbers(1000, 2000));
    await cluster.brokers[0]!.start();
    await cluster.brokers[1]!.stop();
    await topics.produce('all', numbers(2000, 3000));
    const read = (await topics.read('all')).flat().map(({ value }) => Number(value));
    expect(read.sort((a, b) => a - b)).toEqual(Array.from({ length: 3000 }, (_, i) => i));
  });

  it('leaves nothing behind', async () => {
    const cluster = await startCluster();
    const { pid } = cluster.brokers[0]!;
    expect([isRunning(pid!), existsSync(cluster.folder)]).toEqual([true, true]);
    await cluster.stop();
    expect([isRunning(pid!), existsSync(cluster.folder)]).toEqual([false, false]);
  });

  it('says why it did not start', async () => {
    await expect(startCluster({ properties: { 'log.retention.hours': 'many' } })).rejects.toThrow('many');
  });

  it('dies with the process that started it', async () => {
    const script = `
      import { startCluster } from './test/kafka/support/cluster.ts';
      const { folder, brokers } = await startCluster();
      console.log(JSON.stringify([folder, brokers[0].pid]));`;
    const args = ['--import', 'tsx', '--input-type', 'module', '--eval', script];
    const parent = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
    const [folder, pid] = JSON.parse(await firstLine(parent)) as [string, number];
    expect([isRunning(pid), existsSync(folder)]).toEqual([true, true]);
    parent.kill('SIGKILL');
    while (isRunning(pid) || existsSync(folder)) await sleep(20);
  });
});

function numbers(from: number, to: number): { key: string; value: string }[] {
  return Array.from({ length: to - from }, (_, i) => ({ key: `k${i % 50}`, value: String(from + i) }));
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function firstLine(child: ChildProcess): Promise<string> {
  const [line] = (await once(child.stdout!, 'data')) as [Buffer];
  return line.toString();
}
