import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { bareExamples, docBlocks, tableBlock, type DocBlock } from './support/docBlocks.js';
import { ROOT, sourceFiles, writeFiles } from './support/workspace.js';

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const inDocstrings = sourceFiles('operators', 'src').flatMap((file) => docBlocks(ROOT, file, read(file)));
const markdown = [
  'README.md',
  'CONTRIBUTING.md',
  'docs/coming-from.md',
  'docs/model-weights.md',
  'docs/tools.md',
  'docs/scaling.md',
];
const inMarkdown = markdown.flatMap((file) => docBlocks(ROOT, file, read(file)));
const inTables = tableBlock(ROOT, 'docs/coming-from.md', read('docs/coming-from.md'));
const blocks = [...inDocstrings, ...inMarkdown, inTables];

/** Inside the repository, so that imports resolve as in a file of ours. */
mkdirSync(join(ROOT, '.cache'), { recursive: true });
const folder = mkdtempSync(join(ROOT, '.cache', 'docs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fileOf = ({ where }: DocBlock): string => `${where.replaceAll(/[/:]/g, '.')}.ts`;
writeFiles(folder, {
  ...Object.fromEntries(blocks.map((block) => [fileOf(block), block.code])),
  // the client is its users' to install, and need not be there
  'node-rdkafka.d.ts':
    "declare module 'node-rdkafka' { const client: import('rx-ema/kafka').KafkaClient; export default client; }",
  'tsconfig.json': JSON.stringify({
    extends: '../../tsconfig.json',
    compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
    include: ['*.ts'],
  }),
});

/** Runs a block as a program of its own and gives the lines it logged. */
async function run(block: DocBlock): Promise<string[]> {
  const path = join(folder, fileOf(block));
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', path], { cwd: ROOT });
  return stdout === '' ? [] : stdout.replace(/\n$/, '').split('\n');
}

describe('docstrings', () => {
  it('have no example that nothing would run', () => {
    expect(inDocstrings.length).toBeGreaterThan(5);
    expect(sourceFiles('operators', 'src').flatMap((file) => bareExamples(file, read(file)))).toEqual([]);
  });

  it('say what their examples print', () => {
    const silent = inDocstrings.filter(({ expected, noRun }) => expected.length === 0 && noRun === null);
    expect(silent.map(({ where }) => where)).toEqual([]);
  });
});

describe('code in docs', () => {
  it('is also that of the tables', () => {
    expect(inTables.expected.length).toBeGreaterThan(30);
  });

  it('type-checks', () => {
    const tsc = join(ROOT, 'node_modules/.bin/tsc');
    let printed = '';
    try {
      execFileSync(tsc, ['-p', folder, '--pretty', 'false'], { encoding: 'utf8' });
    } catch (error) {
      printed = (error as { stdout: string }).stdout;
    }
    expect(printed).toBe('');
  });

  const runnable = blocks.filter(({ noRun }) => noRun === null);
  it.concurrent.each(runnable.map((block) => [block.where, block] as const))(
    'of %s runs, and prints what it says',
    async (_, block) => {
      const printed = await run(block);
      expect(printed.map((line) => line.trimEnd())).toEqual(block.expected);
    },
  );
});
