import { existsSync, readdirSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ModelEma } from 'rx-ema';
import { readSafetensors } from 'rx-ema/sources';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptyFolder } from '../support/emptyFolder.js';
import { ended, programOf, type Program } from '../support/program.js';
import { tf, use } from '../support/backends.js';
import { averageOf, STEPS, take, textOf, type Kind } from './programs/steadyRun.js';

const KILLS = 25;

describe('a process that is killed while it saves', () => {
  let program: Program;
  beforeAll(async () => (program = await programOf('test/sinks/programs/saveForever.ts')));
  afterAll(() => program.remove());

  it(`leaves one whole version, ${KILLS} times out of ${KILLS}: averages, model, counters and metadata of one step`, async () => {
    const folder = emptyFolder();
    const path = join(folder, 'ema.safetensors');
    let last = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const child = program.start([path]);
      const end = ended(child);
      await once(child.stdout!, 'data');
      await wait(Math.random() * 20);
      child.kill('SIGKILL');
      expect((await end).signal).toBe('SIGKILL');

      const { weights, model, updates, metadata, snapshot } = readSafetensors(path);
      expect(updates).toBeGreaterThan(last);
      expect(metadata).toEqual({ version: String(updates) });
      for (const map of [weights, model!]) {
        expect(Object.keys(map)).toHaveLength(8);
        for (const name of Object.keys(map)) expect((map[name] as Float32Array).every((x) => x === updates)).toBe(true);
      }
      expect(new ModelEma({ decay: 0 }, snapshot).attributes).toEqual({ version: updates });
      last = updates;
    }
    const interrupted = readdirSync(folder).length - 1; // each left its temporary file
    console.log(`${interrupted} of ${KILLS} kills came in the middle of a write; ${last} versions were saved`);
    expect(interrupted).toBeGreaterThan(0);
  });
});

describe.each<[Kind, boolean]>([
  ['arrays', false],
  ['arrays', true],
  ['tensors', false],
  ['tensors', true],
])('a run of %s, compensated: %s, killed at random and resumed from its last file', (kind, compensated) => {
  let program: Program;
  beforeAll(async () => {
    program = await programOf('test/sinks/programs/train.ts');
    await use('cpu');
  });
  afterAll(() => program.remove());

  it('ends as the run that was not: shadow, low terms, counters, attributes and refused bit for bit', async () => {
    const steady = averageOf(compensated);
    const before = tf.memory().numTensors;
    for (let step = 0; step <= STEPS; step++) take(steady, step, kind);
    expect(steady.refused).toBeGreaterThan(STEPS / 7);

    const path = join(emptyFolder(), 'ema.safetensors');
    let [kills, resumed] = [0, 0];
    let printed = '';
    for (let patience = 20; !printed.includes('\n', 8); patience += 10) {
      if (existsSync(path)) resumed++;
      const child = program.start([path, kind, String(compensated)]);
      const end = ended(child);
      const late = resumed < 4 ? once(child.stdout!, 'data').then(() => wait(Math.random() * patience)) : end;
      await Promise.race([late, end]);
      child.kill('SIGKILL');
      const { stdout, signal } = await end;
      if (signal === 'SIGKILL') kills++;
      else printed = stdout;
    }
    expect(printed).toBe(`started\n${textOf(steady)}\n`);
    expect(kills).toBeGreaterThan(0);
    expect(resumed).toBeGreaterThan(0);
    steady.dispose();
    expect(tf.memory().numTensors).toBeLessThanOrEqual(before);
  });
});
