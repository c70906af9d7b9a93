import { spawn, type SpawnOptions } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { inject } from 'vitest';
import { packedPackage, userFolder } from './packedPackage.js';
import { ended, type Ended } from './program.js';

/** How long `packedCommand` may take: for `beforeAll`. */
export const PACKING_MS: number = 5 * 60_000;

/** `rx-ema` as a user has it: packed, and installed where nothing of the repository can be found. */
export interface PackedCommand {
  /** The program. */
  readonly path: string;
  /** Runs it in a folder. Its stdout and stderr are no terminals. */
  run(args: readonly string[], folder: string, env?: NodeJS.ProcessEnv): Promise<Ended>;
  /** Runs a script of `sh` in a folder, which finds the program as `rx-ema`. */
  shell(script: string, folder: string, env?: NodeJS.ProcessEnv): Promise<Ended>;
}

/** Packed and installed once for all test files of a run, by whichever comes first. Needs the registry (`need.ts`). */
export async function packedCommand(): Promise<PackedCommand> {
  const work = inject('packedFolder');
  const [done, failed] = [join(work, 'done'), join(work, 'failed')];
  if (isFirst(work)) install(work, done, failed);
  while (!existsSync(done)) {
    if (existsSync(failed)) throw new Error('another test file could not pack the command, and says why');
    await setTimeout(100);
  }
  const bin = join(work, 'user/node_modules/.bin');
  const path = join(bin, 'rx-ema');
  return {
    path,
    run: (args, folder, env) => ended(spawn(path, args, inFolder(folder, env))),
    shell(script, folder, env) {
      const withBin = { PATH: `${bin}${delimiter}${process.env['PATH']}`, ...env };
      return ended(spawn('sh', ['-c', script], inFolder(folder, withBin)));
    },
  };
}

function inFolder(cwd: string, env: NodeJS.ProcessEnv = {}): SpawnOptions {
  return { cwd, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } };
}

function isFirst(work: string): boolean {
  try {
    mkdirSync(join(work, 'taken'));
    return true;
  } catch {
    return false;
  }
}

function install(work: string, done: string, failed: string): void {
  try {
    userFolder(work, 'user', [packedPackage(work), 'rxjs@7.8.2']);
    writeFileSync(`${done}.tmp`, '');
    renameSync(`${done}.tmp`, done);
  } catch (error) {
    writeFileSync(failed, '');
    throw error;
  }
}
