import {
  closeSync,
  copyFileSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { defined } from './columnData.js';
import { curve, median, type Contest, type Size } from './harness.js';
import { PEERS, peerProgram } from './peers.js';
import { run } from './python.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const COMMAND = join(ROOT, 'dist/cli/main.js');
const SCRIPT = fileURLToPath(new URL('cli.py', import.meta.url));
const HALF_LIFE = 50;
const TOLERANCE = 1e-9;
/** What is read at either end of a file, to see that it is right: all of it would take longer than to write it. */
const END_BYTES = 2 ** 16;

/** `rx-ema smooth` from CSV to CSV, one column of numbers, in whole processes: files of their own, from start to exit. */
export async function* cli({ smoke }: Size): AsyncGenerator<Contest> {
  run(process.execPath, [join(ROOT, 'node_modules/tsx/dist/cli.mjs'), join(ROOT, 'tools/build-apps.ts')]);
  const folder = mkdtempSync(join(tmpdir(), 'rx-ema-bench-'));
  try {
    const rows = smoke ? 20_000 : 2_000_000;
    const x = curve(rows, 1);
    const [source, target] = [join(folder, 'run.csv'), join(folder, 'out.csv')];
    writeFileSync(source, lines(x));
    const expected = defined(x, { decay: 2 ** (-1 / HALF_LIFE), correct: true });
    const smooth = (): number => {
      run(process.execPath, [COMMAND, 'smooth', source, '-o', target, '--half-life', String(HALF_LIFE)]);
      return endsOf(target);
    };
    smooth();
    check(target, expected, 'rx-ema smooth');
    const ours = { name: 'cli: smooth, CSV to CSV', unit: 'row', count: rows, ours: smooth, tolerance: TOLERANCE };
    const sum = endsOf(target);
    yield {
      ...ours,
      peerName: 'copying the file',
      peer: () => {
        copyFileSync(source, target);
        return sum;
      },
    };
    if (smoke) return;
    console.log(`cli: ${rate(smooth, rows)} rows a second, start and end of the process among it`);
    const program = peerProgram();
    if (program === null) return;
    for (const library of ['pandas', 'polars'] as const) {
      const peer = (): number => {
        run(program, [SCRIPT, library, source, target, String(HALF_LIFE)]);
        return endsOf(target);
      };
      peer();
      check(target, expected, library);
      yield { ...ours, peerName: `${library} ${PEERS[library]}`, peer, aim: library === 'pandas' ? 1 / 2 : undefined };
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function lines(x: Float64Array): string {
  const parts = ['step,loss\n'];
  x.forEach((value, i) => parts.push(`${i + 1},${value}\n`));
  return parts.join('');
}

/** Millions a second, the median of some runs. */
function rate(task: () => number, rows: number): string {
  const seconds = Array.from({ length: 5 }, () => {
    const since = performance.now();
    task();
    return (performance.now() - since) / 1000;
  });
  return `${(rows / median(seconds) / 1e6).toFixed(2)} M`;
}

/** The sum of the losses in the whole lines at either end of a file. */
function endsOf(path: string): number {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const bytes = Buffer.alloc(END_BYTES);
    const at = (position: number): string => bytes.toString('latin1', 0, readSync(file, bytes, 0, END_BYTES, position));
    const head = at(0).split('\n').slice(1, 1001);
    const tail = at(Math.max(0, size - END_BYTES))
      .split('\n')
      .slice(-1001, -1);
    return [...head, ...tail].reduce((sum, line) => sum + Number(line.split(',')[1]), 0);
  } finally {
    closeSync(file);
  }
}

/** Throws if a row of a file is not what the definition gives. */
function check(path: string, expected: Float64Array, whose: string): void {
  const rows = readFileSync(path, 'latin1').trimEnd().split('\n').slice(1);
  if (rows.length !== expected.length) throw new Error(`${whose} wrote ${rows.length} rows of ${expected.length}`);
  const wrong = rows.findIndex((line, row) => {
    const [step, loss] = line.split(',').map(Number) as [number, number];
    return step !== row + 1 || !(Math.abs(loss - expected[row]!) <= TOLERANCE * Math.abs(expected[row]!));
  });
  if (wrong >= 0) throw new Error(`${whose} wrote '${rows[wrong]}' where the definition gives ${expected[wrong]}`);
}
