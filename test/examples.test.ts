import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ROOT } from './support/workspace.js';

const folder = join(ROOT, 'examples');
const examples = readdirSync(folder).filter((file) => /^\d\d-.*\.ts$/.test(file));

describe('the examples', () => {
  it('are numbered without a gap', () => {
    expect(examples.length).toBeGreaterThanOrEqual(6);
    expect(examples.map((file) => Number(file.slice(0, 2)))).toEqual(examples.map((_, i) => i + 1));
  });

  it.each(examples)('%s is under 60 lines', (file) => {
    expect(readFileSync(join(folder, file), 'utf8').trimEnd().split('\n').length).toBeLessThan(60);
  });

  it.concurrent.each(examples)('%s runs to its end and prints something worth reading', async (file) => {
    const args = ['--import', 'tsx', `examples/${file}`];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: ROOT }); // rejects if it exits with 1
    expect(stdout.trim().split('\n').length).toBeGreaterThanOrEqual(3);
    expect(stdout).not.toMatch(/\bundefined\b|\[object Object\]/);
    expect(stderr).toBe('');
  });
});
