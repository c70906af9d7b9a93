import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from './workspace.js';

/** How a program ended, and what it printed. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program of ours in processes of its own: bundled once, so that it starts quickly. */
export interface Program {
  /** The words that start it. */
  line(args: readonly string[]): string[];
  /** Ended by whoever starts it. */
  start(args: readonly string[]): ChildProcess;
  /** @param before - for a shell, in front of the program */
  run(args: readonly string[], before?: string): Promise<Ended>;
  remove(): void;
}

/** @param file - from the root of the repository; what it imports from node_modules stays there */
export async function programOf(file: string): Promise<Program> {
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, '.cache', 'program-'));
  const bundled = join(folder, 'program.mjs');
  await build({
    entryPoints: [join(ROOT, file)],
    outfile: bundled,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['@tensorflow/*'],
    // commonjs packages call require for Node's own modules
    banner: {
      js: "import { createRequire as requires } from 'node:module';const require = requires(import.meta.url);",
    },
    logLevel: 'silent',
  });
  const flags = ['--expose-gc', bundled];
  return {
    line: (args) => [process.execPath, ...flags, ...args],
    start: (args) => spawn(process.execPath, [...flags, ...args], { stdio: ['ignore', 'pipe', 'inherit'] }),
    run: (args, before = '') => {
      const script = `${before} exec "$@"`;
      return ended(spawn('sh', ['-c', script, 'sh', process.execPath, ...flags, ...args]));
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Waits for the end of a process. */
export function ended(child: ChildProcess): Promise<Ended> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (text: Buffer) => (stdout += text.toString()));
  child.stderr?.on('data', (text: Buffer) => (stderr += text.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
