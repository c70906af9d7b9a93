import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, writeFiles } from './workspace.js';

/** Runs a program and gives its lines; a failure shows what it printed. */
export function lines(program: string, args: readonly string[], cwd: string): string[] {
  try {
    return execFileSync(program, args, { cwd, encoding: 'utf8', stdio: 'pipe' }).trimEnd().split('\n');
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} ${args.join(' ')} failed\n${stdout}\n${stderr}`, { cause: error });
  }
}

/**
 * Packs a copy of the sources as `npm publish` would, so that no stale file of ours gets in.
 *
 * @param work - a folder outside the repository
 * @returns the path of the tarball, in that folder
 */
export function packedPackage(work: string): string {
  const copy = join(work, 'copy');
  const files = ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'operators', 'src', 'tools'];
  for (const file of [...files, 'README.md', 'LICENSE', 'CHANGELOG.md']) {
    cpSync(join(ROOT, file), join(copy, file), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  lines('npm', ['pack', '--silent', '--pack-destination', work], copy);
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  return join(work, `rx-ema-${version}.tgz`);
}

/** A user's folder in `work`, with these packages installed. */
export function userFolder(work: string, name: string, packages: readonly string[]): string {
  const folder = join(work, name);
  writeFiles(folder, {
    'package.json': '{ "private": true, "type": "module", "allowScripts": { "core-js": false, "node": true } }',
  });
  lines('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...packages], folder);
  return folder;
}
