import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { endianness, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Elsewhere } from './harness.js';

const PACKAGES = { pandas: '3.1.1', polars: '2.1.0' } as const;
const HOME = fileURLToPath(new URL('../../node_modules/.cache/rx-ema-bench', import.meta.url));
const PYTHON = join(HOME, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
const SCRIPT = fileURLToPath(new URL('peers.py', import.meta.url));

/** A library as it ran: its name in the table, and what came of each case. */
export interface Peer {
  readonly name: string;
  readonly cases: Readonly<Record<string, Elsewhere>>;
}

/** pandas and polars on the same columns, one process after the other; none, and why, where they cannot be installed. */
export function peers(plan: object, columns: Readonly<Record<string, NodeJS.ArrayBufferView>>): Peer[] {
  try {
    if (endianness() !== 'LE') throw new Error('the columns are written little-endian');
    install();
  } catch (error) {
    console.log(`pandas and polars are left out: ${(error as Error).message}`);
    return [];
  }
  const folder = mkdtempSync(join(tmpdir(), 'rx-ema-bench-'));
  try {
    for (const [name, values] of Object.entries(columns)) writeFileSync(join(folder, name), values);
    writeFileSync(join(folder, 'plan.json'), JSON.stringify(plan));
    const ran = (library: keyof typeof PACKAGES, threads: string, env = {}): Peer => ({
      name: `${library} ${PACKAGES[library]}${threads}`,
      cases: JSON.parse(run(PYTHON, [SCRIPT, folder, library], env)) as Peer['cases'],
    });
    return [
      ran('pandas', ''),
      ran('polars', ', 1 thread', { POLARS_MAX_THREADS: '1' }),
      ran('polars', ', all threads'),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A virtual environment for this checkout, kept until `npm ci`. */
function install(): void {
  const wanted = Object.entries(PACKAGES).map(([name, version]) => `${name}==${version}`);
  const check = `from importlib.metadata import version as v; print(*(f"{p}=={v(p)}" for p in ${JSON.stringify(Object.keys(PACKAGES))}))`;
  if (attempt(PYTHON, ['-c', check]).stdout?.trim() === wanted.join(' ')) return;
  console.log(`installing ${wanted.join(' and ')} with pip into ${HOME}`);
  mkdirSync(HOME, { recursive: true });
  run(process.platform === 'win32' ? 'python' : 'python3', ['-m', 'venv', '--clear', HOME]);
  run(PYTHON, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--only-binary=:all:', ...wanted]);
}

/** What a program prints; its last words if it fails. */
function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  const { error, status, stdout, stderr } = attempt(program, args, env);
  if (error === undefined && status === 0) return stdout;
  throw new Error(error?.message ?? `${program} ${args.slice(0, 3).join(' ')}: ${last(stderr) || last(stdout)}`);
}

const last = (text: string): string => text.trim().split('\n').at(-1)!;

function attempt(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const settings = { encoding: 'utf8', maxBuffer: 2 ** 26, env: { ...process.env, ...env } } as const;
  return spawnSync(program, args, settings);
}
