import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { folderInside, ROOT } from './workspace.js';

/** Runs vitest over these test files with the reporter; its exit code and the lines it printed. */
function run(files: Readonly<Record<string, string>>): { code: number | null; lines: string[] } {
  const config = `
    import { ClosingLine } from '${ROOT}/test/support/closingLine.ts';
    export default { test: { reporters: ['default', new ClosingLine()] } };`;
  const folder = folderInside('closing', { ...files, 'vitest.config.ts': config });
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const done = spawnSync(process.execPath, [vitest, 'run', '--root', folder], { encoding: 'utf8' });
  return { code: done.status, lines: done.stdout.trimEnd().split('\n') };
}

const head = "import { describe, expect, it } from 'vitest';\n";

it('counts what passed, failed and was skipped, and names the skipped with their reasons', () => {
  const { code, lines } = run({
    'a.test.ts': `${head}
      describe('group', () => {
        it('passes', () => expect(1).toBe(1));
        it('fails', () => expect(1).toBe(2));
        it('has no unicorn', ({ skip }) => skip('none here'));
        it.todo('comes later');
      });`,
  });
  expect(lines.slice(-5)).toEqual([
    'Skipped:',
    '  a.test.ts > group > has no unicorn: none here',
    '  a.test.ts > group > comes later: marked todo',
    '',
    '1 passed, 1 failed, 2 skipped',
  ]);
  expect(code).toBe(1);
});

it('counts a file that does not load, a suite that breaks and an error outside any test as failures', () => {
  const { code, lines } = run({
    'broken.test.ts': "throw new Error('does not load');",
    'hook.test.ts': `${head}
      import { afterAll } from 'vitest';
      describe('group', () => {
        afterAll(() => { throw new Error('after all'); });
        it('passes', () => expect(1).toBe(1));
      });`,
    'stray.test.ts': `${head}
      it('passes', () => {
        setTimeout(() => { throw new Error('stray'); });
        expect(1).toBe(1);
        return new Promise((done) => setTimeout(done, 50));
      });`,
  });
  expect(lines.at(-1)).toBe('2 passed, 3 failed, 0 skipped');
  expect(code).toBe(1);
});

it('reports a failure when there was nothing to run', () => {
  const { code, lines } = run({});
  expect(lines.at(-1)).toBe('0 passed, 1 failed, 0 skipped');
  expect(code).toBe(1);
});
