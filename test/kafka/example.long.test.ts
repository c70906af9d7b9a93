import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { PageReader } from '../support/dashboardReader.js';
import { emptyFolder } from '../support/emptyFolder.js';
import { describeWith } from '../support/need.js';
import { ROOT } from '../support/workspace.js';
import { kafka } from './support/needKafka.js';

/** What `npm run kafka` runs once it has built, as a terminal does: in a group of its own, all of which hears Ctrl-C. */
function start(...flags: string[]) {
  const folder = emptyFolder();
  const child = spawn(process.execPath, ['--import', 'tsx', 'kafka/main.ts', ...flags], {
    cwd: join(ROOT, 'examples'),
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text) => (stdout += text));
  child.stderr.on('data', (text) => (stderr += text));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }));
  const signal = (name: NodeJS.Signals): void => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, name);
  };
  onTestFinished(() => signal('SIGKILL'));
  return {
    signal,
    ended,
    /** Temporary files of its own. */
    files: () => readdirSync(folder).filter((name) => name.startsWith('rx-ema-')),
    /** Waits until the output has it, and gives what was found. */
    sees: async (what: RegExp): Promise<RegExpExecArray> => {
      for (;;) {
        const found = what.exec(stdout);
        if (found !== null) return found;
        const over = await Promise.race([once(child.stdout, 'data').then(() => false), ended.then(() => true)]);
        if (over && !what.test(stdout)) throw new Error(`it ended before ${String(what)}:\n${stdout}${stderr}`);
      }
    },
  };
}

const pidsIn = (text: string): number[] => [...text.matchAll(/\bpid (\d+)$/gm)].map(([, pid]) => Number(pid));

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describeWith(kafka, 'npm run kafka', () => {
  it('smooths on a broker of its own, brings back a worker that is killed, and leaves nothing behind', async () => {
    const { sees, signal, ended, files } = start('--rate', '1000', '--sensors', '500');
    const [, url] = await sees(/^page +(http\S+\/)#/m);
    const page = new PageReader(url!);
    onTestFinished(() => page.stop());
    const reading = page.read().catch(() => {}); // it ends with the page
    const shown = (): number => page.reader.curves['sensor-000000 smoothed sensors/celsius']?.length ?? 0;

    await sees(/^worker 1 +running with partitions/m);
    await expect.poll(shown, { timeout: 30_000 }).toBeGreaterThan(10);
    const [, pid] = await sees(/kill -9 (\d+)/);
    process.kill(Number(pid), 'SIGKILL');
    await sees(new RegExp(`^worker 1 +pid ${pid} ended by SIGKILL; again in`, 'm'));
    await sees(/^worker 1 +restoring [\s\S]*^worker 1 +restoring [\s\S]*^worker 1 +running/m);
    const before = shown();
    await expect.poll(shown, { timeout: 30_000 }).toBeGreaterThan(before + 10);

    signal('SIGINT');
    const { code, stdout, stderr } = await ended;
    await reading;
    expect([code, stderr]).toEqual([0, '']);
    const [, read, written] = /^ended +([\d,]+) readings in, ([\d,]+) smoothed out$/m.exec(stdout)!;
    expect(written).toBe(read);
    const pids = pidsIn(stdout);
    expect(pids).toHaveLength(4); // a broker, two workers, and the one that came back
    expect(pids.filter(isRunning)).toEqual([]);
    expect(files()).toEqual([]);
  });

  it('takes what it began with it when it is killed', async () => {
    const { sees, signal, files } = start('--rate', '100', '--sensors', '10');
    await sees(/^ +1 s +in .* out /m);
    const [before] = await sees(/[\s\S]*/);
    const pids = pidsIn(before);
    expect(pids).toHaveLength(3);
    expect(pids.filter(isRunning)).toEqual(pids);
    expect(files()).toHaveLength(1);
    signal('SIGKILL');
    await expect.poll(() => pids.filter(isRunning), { timeout: 10_000 }).toEqual([]);
    await expect.poll(files, { timeout: 10_000 }).toEqual([]);
  });

  it('ends by itself after so many seconds', async () => {
    const { code, stdout } = await start('--seconds', '3', '--rate', '100', '--sensors', '10').ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ +1 s +in .*/m);
  });

  it('says what is wrong with its flags in one line, and ends with 2', async () => {
    const { code, stderr } = await start('--rate', '0').ended;
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^[^\n]*'--rate <n>'[^\n]*integer from 1 to 100000\.\n$/),
    ]);
  });
});
