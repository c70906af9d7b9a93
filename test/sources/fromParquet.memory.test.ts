import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { emptyFolder } from '../support/emptyFolder.js';
import { describeWith, type Need } from '../support/need.js';
import { programOf } from '../support/program.js';

const MB = 1e6;
const ROWS = 4_000_000;
/** What the columns take as they are, beside what Node takes by itself, would be more: 4 · 10⁶ · 2 · 24 bytes and 65 MB. */
const MOST = 200 * MB;

const procfs: Need<true> = {
  name: "Linux's /proc",
  remedy: 'Run on Linux, which tells how much memory a process has ever had.',
  find: () => (existsSync('/proc/self/status') ? true : null),
};

describeWith(procfs, 'a Parquet file of one row group of 4 000 000 rows with nulls', () => {
  it(`is read in less than ${MOST / MB} MB`, async () => {
    const program = await programOf('test/sources/programs/readParquet.ts');
    const path = join(emptyFolder(), 'large.parquet');
    try {
      expect(await program.run([path, 'write', String(ROWS)])).toMatchObject({ code: 0, stderr: '' });
      const { code, stdout, stderr } = await program.run([path, 'read', String(ROWS)]);
      expect([code, stderr]).toEqual([0, '']);
      const { rows, peak } = JSON.parse(stdout) as Record<string, number>;
      console.log(`MB in all: ${(peak! / MB).toFixed(0)}`);
      expect(rows).toBe(ROWS);
      expect(peak).toBeLessThan(MOST);
    } finally {
      program.remove();
    }
  });
});
