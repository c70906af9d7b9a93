import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cli } from './cli.js';
import { columns } from './columns.js';
import { compete, heading, line, sink, type Group, type Size } from './harness.js';
import { incremental } from './incremental.js';
import { numbers } from './numbers.js';
import { records } from './records.js';
import { vectors } from './vectors.js';
import { weights } from './weights.js';

const GROUPS: Readonly<Record<string, Group>> = { numbers, records, incremental, vectors, weights, columns, cli };

const USAGE = `npm run bench -- [--smoke] [--torch] [--only <group>]
  --smoke  tiny inputs and few rounds: are the results right?
  --torch  compare weights with torch, which it installs (some gigabytes)
  --only   one of ${Object.keys(GROUPS).join(', ')}`;

/** Each group runs in a process of its own, so that none is compiled for another's values. */
async function main(): Promise<number> {
  const { only, ...size } = options();
  if (process.send === undefined) console.log(header());
  if (only !== undefined) return runGroup(GROUPS[only]!, size);
  let code = 0;
  const flags = (['smoke', 'torch'] as const).filter((flag) => size[flag]).map((flag) => `--${flag}`);
  for (const name of Object.keys(GROUPS)) {
    code = Math.max(code, await inProcess(['--only', name, ...flags]));
  }
  return code;
}

function options(): Size & { only: string | undefined } {
  try {
    const flag = { type: 'boolean', default: false } as const;
    const { values } = parseArgs({ options: { smoke: flag, torch: flag, only: { type: 'string' } } });
    if (values.only === undefined || values.only in GROUPS) return { ...values, only: values.only };
    throw new Error(`no group '${values.only}'`);
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`);
    return process.exit(2);
  }
}

/** Exit code 1 if any result is wrong. A missed aim is printed and no more: machines differ. */
async function runGroup(group: Group, size: Size): Promise<number> {
  let code = 0;
  for await (const contest of await group(size)) {
    const { smoke } = size;
    const outcome = compete(contest, { smoke });
    if (outcome.wrong !== null) code = 1;
    console.log(line(smoke ? { ...contest, aim: undefined, beyond: undefined } : contest, outcome));
  }
  return Number.isNaN(sink.total) ? 1 : code;
}

function inProcess(args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), args);
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

function header(): string {
  const versions = [
    'rxjs',
    '@tensorflow/tfjs',
    'apache-arrow',
    'trading-signals',
    'technicalindicators',
    '@stdlib/stats-incr-ewmean',
  ];
  const processors = cpus();
  return [
    `${processors[0]?.model ?? 'unknown'} × ${processors.length}, Node ${process.versions.node}, V8 ${process.versions.v8}`,
    versions.map((name) => `${name} ${versionOf(name)}`).join(', '),
    'Medians of alternating rounds; ratio = ours / peer of one round. Every result is checked in the same run.',
    '',
    heading(),
  ].join('\n');
}

function versionOf(name: string): string {
  const path = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}

process.exitCode = await main();
