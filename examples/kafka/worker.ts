import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { INPUT, OUTPUT } from './topics.js';

/** ms after which a weight has halved. */
const HALF_LIFE_MS = 2000;

/** The arguments of `rx-ema` that make a worker: all of it. `celsius` stays, and `celsius_ema` comes behind it. */
export function workerArguments(brokers: string, slot: number, metricsPort: number): string[] {
  const topics = ['--brokers', brokers, '--in', INPUT, '--out', OUTPUT, '--slot', String(slot)];
  const smoothing = ['--half-life-ms', String(HALF_LIFE_MS), '--columns', 'celsius', '--append'];
  return ['worker', ...topics, ...smoothing, '--metrics-port', String(metricsPort)];
}

/** Starts `rx-ema`. Ctrl-C in the terminal is not for it. */
export function startCommand(args: readonly string[]): ChildProcess {
  const folder = dirname(createRequire(import.meta.url).resolve('rx-ema/package.json'));
  const options: SpawnOptions = { stdio: ['ignore', 'ignore', 'pipe'], detached: true };
  return spawn(process.execPath, [join(folder, 'dist/cli/main.js'), ...args], options);
}
