import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/', import.meta.url));
const WINDOWS = process.platform === 'win32';

/** A virtual environment of this checkout with these packages, kept until `npm ci`; the program that runs scripts in it. */
export function python(environment: string, packages: Readonly<Record<string, string>>): string {
  const home = join(CACHE, environment);
  const program = join(home, WINDOWS ? 'Scripts/python.exe' : 'bin/python');
  const wanted = Object.entries(packages).map(([name, version]) => `${name}==${version}`);
  const names = JSON.stringify(Object.keys(packages));
  const check = `from importlib.metadata import version as v; print(*(f"{p}=={v(p).split('+')[0]}" for p in ${names}))`;
  if (attempt(program, ['-c', check]).stdout?.trim() === wanted.join(' ')) return program;
  console.log(`installing ${wanted.join(' and ')} with pip into ${home}`);
  mkdirSync(home, { recursive: true });
  run(WINDOWS ? 'python' : 'python3', ['-m', 'venv', '--clear', home]);
  run(program, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--only-binary=:all:', ...wanted]);
  return program;
}

/** What a program prints; its last words if it fails. */
export function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  const { error, status, stdout, stderr } = attempt(program, args, env);
  if (error === undefined && status === 0) return stdout;
  throw new Error(error?.message ?? `${program} ${args.slice(0, 3).join(' ')}: ${last(stderr) || last(stdout)}`);
}

const last = (text: string): string => text.trim().split('\n').at(-1)!;

function attempt(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const settings = { encoding: 'utf8', maxBuffer: 2 ** 26, env: { ...process.env, ...env } } as const;
  return spawnSync(program, args, settings);
}
