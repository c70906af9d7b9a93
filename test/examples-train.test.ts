import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { tableFromIPC } from 'apache-arrow';
import { decodeSafetensors } from 'rx-ema';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ROOT } from './support/workspace.js';

interface Started {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly out: string;
  /** Waits until the output has it. */
  readonly sees: (what: RegExp) => Promise<void>;
  readonly ended: Promise<{ code: number | null; stdout: string; stderr: string; out: string }>;
}

/** The main job as `npm start` runs it, on wasm unless said otherwise, with a folder of its own. */
function start(...flags: string[]): Started {
  const out = mkdtempSync(join(tmpdir(), 'rx-ema-train-'));
  onTestFinished(() => rmSync(out, { recursive: true, force: true }));
  const child = spawn(process.execPath, ['--import', 'tsx', 'train/main.ts', '--out', out, ...flags], {
    cwd: join(ROOT, 'examples'),
    env: { ...process.env, INIT_CWD: ROOT },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text) => (stdout += text));
  child.stderr.on('data', (text) => (stderr += text));
  return {
    child,
    out,
    async sees(what) {
      while (!what.test(stdout)) await once(child.stdout, 'data');
    },
    ended: once(child, 'close').then(([code]) => ({ code, stdout, stderr, out })),
  };
}

const metricsIn = (out: string) => tableFromIPC(readFileSync(join(out, 'metrics.arrow')));
const weightsIn = (out: string) => decodeSafetensors(readFileSync(join(out, 'ema.safetensors')));
const COLUMNS = 'step,epoch,at,loss,loss_ema,loss_corrected,acc,acc_ema,acc_corrected';

async function oneEpoch(seed: string) {
  const { out } = await start('--epochs', '1', '--backend', 'wasm', '--seed', seed).ended;
  const loss = metricsIn(out).getChild('loss')!.toArray() as Float64Array;
  return { loss: [...loss], kernel: weightsIn(out).weights['second/kernel'] };
}

describe('the main job', () => {
  it('trains, prints, writes both files and ends by itself', async () => {
    const { code, stdout, stderr, out } = await start('--epochs', '3', '--backend', 'wasm').ended;
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^backend +wasm: --backend says so$/m);
    expect(stdout).toMatch(/^page +http:\/\/127\.0\.0\.1:\d+\/$/m);
    expect(stdout.match(/^epoch \d\/3 .*loss \d.*smoothed \d.*test accuracy .* EMA weights/gm)).toHaveLength(3);
    expect(stdout).toMatch(/^raw weights +\d+\.\d\d %.*\nEMA weights +\d+\.\d\d %/m);

    const metrics = metricsIn(out);
    expect(metrics.schema.fields.map(({ name }) => name).join()).toBe(COLUMNS);
    expect(metrics.numRows).toBe(225);
    const [loss, ema, corrected] = ['loss', 'loss_ema', 'loss_corrected'].map((name) => metrics.getChild(name)!);
    let v = 0;
    for (let i = 0; i < 225; i++) {
      v = 0.98 * v + 0.02 * Number(loss!.get(i)); // the definition
      expect(ema!.get(i)).toBeCloseTo(v, 12);
      expect(corrected!.get(i)).toBeCloseTo(v / (1 - 0.98 ** (i + 1)), 12);
    }

    const { weights, shapes, metadata } = weightsIn(out);
    expect(shapes['first/kernel']).toEqual([64, 64]);
    expect(Object.keys(weights)).toHaveLength(6);
    expect(metadata).toMatchObject({ seed: '1', epochs: '3', steps: '225' });
  });

  it('is the same run for the same seed, and another for another', async () => {
    const [first, again, other] = [await oneEpoch('5'), await oneEpoch('5'), await oneEpoch('6')];
    expect(first.loss).toHaveLength(75);
    expect(again).toEqual(first);
    expect(other.loss).not.toEqual(first.loss);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('stops cleanly at %s, and still writes both files', async (signal) => {
    const { child, sees, ended } = start('--epochs', '5000', '--backend', 'wasm');
    await sees(/^epoch +2\//m);
    child.kill(signal);
    child.kill(signal); // npm passes on what the terminal has sent already: that is one Ctrl-C
    const { code, stdout, stderr, out } = await ended;
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Stopped after \d+ steps\.$/m);
    const { numRows } = metricsIn(out);
    expect(numRows).toBeGreaterThanOrEqual(150);
    expect(weightsIn(out).metadata['steps']).toBe(String(numRows));
  });

  it('ends at once at the second Ctrl-C', async () => {
    const script = `
      import { interrupts } from './train/interrupts.ts';
      setInterval(() => {}, 1000); // work that does not end
      interrupts().subscribe(() => console.log('stopping'));
      console.log('ready');`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      cwd: join(ROOT, 'examples'),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    expect(String((await once(child.stdout, 'data'))[0])).toBe('stopping\n');
    await sleep(600);
    expect(child.exitCode).toBe(null);
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([130, null]);
  });

  it('writes both files even when stopped before the first step', async () => {
    const { child, sees, ended } = start('--epochs', '5000', '--backend', 'wasm');
    await sees(/^model/m);
    child.kill('SIGINT');
    const { code, out } = await ended;
    expect(code).toBe(0);
    expect(
      metricsIn(out)
        .schema.fields.map(({ name }) => name)
        .join(),
    ).toBe(COLUMNS);
    expect(Object.keys(weightsIn(out).weights)).toHaveLength(6);
  });

  it('keeps the page up with --stay; then Ctrl-C ends it', async () => {
    const { child, sees, ended } = start('--epochs', '1', '--backend', 'wasm', '--stay');
    await sees(/^The page stays at/m);
    await sleep(100);
    expect(child.exitCode).toBe(null);
    child.kill('SIGINT');
    expect((await ended).code).toBe(0);
  });

  it('prints its help and ends with 0', async () => {
    const { code, stdout } = await start('--help').ended;
    expect(code).toBe(0);
    for (const flag of ['epochs', 'seed', 'backend', 'port', 'open', 'stay', 'out'])
      expect(stdout).toContain(`--${flag}`);
  });

  it.each([
    [['--epoch', '3'], /unknown option '--epoch'.*--epochs/],
    [['--epochs', '0'], /'--epochs <n>'.*'0'.*integer from 1/],
    [['--seed', '1.5'], /'--seed <n>'.*'1\.5'/],
    [['--port', '70000'], /'--port <n>'.*65535/],
    [['--backend', 'webgl'], /'--backend <name>'.*node, wasm, cpu/],
    [['--epochs'], /'--epochs <n>'.*missing/],
    [['extra'], /too many arguments/],
    [['--out', '/dev/null/x'], /--out \/dev\/null\/x can't be made/],
  ])('says what is wrong with %j in one line, and ends with 2', async (flags, message) => {
    const { code, stdout, stderr } = await start(...flags).ended;
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^[^\n]+\n$/);
  });
});
