import { readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { emptyFolder } from '../../support/emptyFolder.js';
import { describeWith, registry } from '../../support/need.js';
import { packedCommand, PACKING_MS, type PackedCommand } from '../../support/packedCommand.js';
import { ROOT } from '../../support/workspace.js';

describeWith(registry, 'the command rx-ema', () => {
  let rxEma: PackedCommand;
  beforeAll(async () => {
    rxEma = await packedCommand();
  }, PACKING_MS);

  it('tells its version', async () => {
    const { version } = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8')) as { version: string };
    expect(await rxEma.run(['--version'], emptyFolder())).toMatchObject({
      code: 0,
      stdout: `${version}\n`,
      stderr: '',
    });
  });

  it('lists its commands, each with examples', async () => {
    const { code, stdout } = await rxEma.run(['--help'], emptyFolder());
    const commands = [...stdout.matchAll(/^ {2}([a-z]+) \[options\]/gm)].map(([, name]) => name!);
    expect([code, commands]).toEqual([0, expect.arrayContaining(['smooth'])]);
    for (const name of commands) {
      expect((await rxEma.run([name, '--help'], emptyFolder())).stdout).toContain(`\n  rx-ema ${name} `);
    }
  });

  it('ends without a word where nobody reads on, and with 1 and a line where stdout is full', async () => {
    const folder = emptyFolder();
    const closed = await rxEma.shell('(rx-ema --help; echo $? >code) | true; cat code', folder);
    expect(closed).toMatchObject({ code: 0, stdout: '0\n', stderr: '' });
    const full = await rxEma.shell('rx-ema --help >/dev/full', folder);
    expect(full).toMatchObject({ code: 1, stdout: '' });
    expect(full.stderr).toMatch(/^rx-ema: stdout must be a file that can be written, got ENOSPC.*\n$/);
  });

  it('says what there is, and ends with 2, where nothing is asked for', async () => {
    const { code, stdout, stderr } = await rxEma.run([], emptyFolder());
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringMatching(/^Usage: rx-ema .*\n  weights \[options\]/s)]);
  });

  it.each([
    ['an unknown command', ['smoth']],
    ['an unknown flag', ['smooth', '--halflife', '3', 'run.csv']],
  ])('ends with 2 for %s, and one line that names the nearest', async (_, args) => {
    const { code, stdout, stderr } = await rxEma.run(args, emptyFolder());
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^rx-ema: unknown (command|option) .* \(Did you mean (smooth|--half-life)\?\)\n$/);
  });
});
