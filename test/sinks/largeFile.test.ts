import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeWith, type Need } from '../support/need.js';
import { emptyFolder } from '../support/emptyFolder.js';
import { programOf } from '../support/program.js';

const MB = 1e6;
const MOST = 200 * MB;

const procfs: Need<true> = {
  name: "Linux's /proc",
  remedy: 'Run on Linux, which tells how much memory a process has ever had.',
  find: () => (existsSync('/proc/self/status') ? true : null),
};

describeWith(procfs, 'a file of 1 GB, of 160 tensors', () => {
  it(`is written, read and resumed from with less than ${MOST / MB} MB besides the shadow`, async () => {
    const program = await programOf('test/sinks/programs/large.ts');
    const path = join(emptyFolder(), 'large.safetensors');
    const run = async (mode: string): Promise<Record<string, number>> => {
      const { code, stdout, stderr } = await program.run([path, mode]);
      expect([code, stderr]).toEqual([0, '']);
      return JSON.parse(stdout) as Record<string, number>;
    };
    try {
      const written = await run('write');
      expect(written['bytes']).toBeGreaterThan(1024 * MB);
      expect(written['held']).toBeGreaterThan(1024 * MB); // the shadow itself
      const read = await run('read');
      expect(read['sum']).toBe((160 * 161) / 2);
      const resumed = await run('resume');
      expect(resumed).toMatchObject({ updates: 2, last: 160 });
      const extra = [written, read, resumed].map((one) => one['extra']!);
      console.log(`MB besides: ${extra.map((bytes) => (bytes / MB).toFixed(0)).join(', ')} to write, read, resume`);
      for (const bytes of extra) expect(bytes).toBeLessThan(MOST);
    } finally {
      program.remove();
    }
  });
});
