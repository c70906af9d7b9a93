import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import papaparse from 'papaparse';
import { beforeAll, describe, expect, it } from 'vitest';
import { emptyFolder } from '../../support/emptyFolder.js';
import { describeWith, registry } from '../../support/need.js';
import { packedCommand, PACKING_MS, type PackedCommand } from '../../support/packedCommand.js';
import { writeFiles } from '../../support/workspace.js';
import { averages, expectClose, table } from './averages.js';

const parse = (text: string): Record<string, unknown>[] =>
  papaparse
    .parse<Record<string, unknown>>(text, { header: true, dynamicTyping: true, skipEmptyLines: true })
    .data.map((row) => ({ ...row, ...(row['loss'] === 'nan' && { loss: NaN }) }));

/** A row as no program would write it again. */
const line = (loss: string, end: string): string => `"1",  007 ,"a ""b"", c",${loss},1.50,"two\r\nlines"${end}`;

const odd = (loss: string): string =>
  `\ufeff"step", id ,note,loss,lr,x\r\n${line(loss, '\r\n')}${line(loss, '\n')}${line(loss, '\n')}`;

describeWith(registry, 'rx-ema smooth', () => {
  let rxEma: PackedCommand;
  beforeAll(async () => {
    rxEma = await packedCommand();
  }, PACKING_MS);

  /** What it prints for files. */
  async function smooth(files: Readonly<Record<string, string>>, ...args: string[]): Promise<string> {
    const folder = emptyFolder();
    writeFiles(folder, files);
    const { code, stdout, stderr } = await rxEma.run(['smooth', ...args], folder);
    expect(code, stderr).toBe(0);
    return stdout;
  }

  describe('of CSV', () => {
    const rows = table(200);
    const csv = papaparse.unparse(rows, { newline: '\n' });

    it('smooths the numbers that are no axis with a half-life of 50, and says so', async () => {
      const folder = emptyFolder();
      writeFileSync(join(folder, 'run.csv'), csv);
      const { code, stdout, stderr } = await rxEma.run(['smooth', 'run.csv'], folder);
      expect([code, stderr]).toEqual([
        0,
        'rx-ema: smoothing loss, accuracy (half-life 50 rows as nothing else was said); not step\n',
      ]);
      expectClose(parse(stdout), await averages(rows, { halfLife: 50, columns: ['loss', 'accuracy'] }));
    });

    it('leaves everything else as it stands: quotes, blanks, spellings of numbers, line ends, byte order mark', async () => {
      expect(await smooth({ 'run.csv': odd('2.50') }, 'run.csv', '--columns', 'loss')).toBe(odd('2.5'));
    });

    it('leaves empty, missing and infinite cells as they stand, which are no steps', async () => {
      const text = 'loss\n4\nNA\nnan\n\n-inf\n2\n';
      expect(await smooth({ 'run.csv': text }, 'run.csv', '--decay', '0.5')).toBe(
        `loss\n4\nNA\nnan\n-inf\n${4 + (2 / 3) * (2 - 4)}\n`,
      );
    });

    it.each(['--half-life', '--decay', '--alpha', '--span', '--com', '--tau'])(
      'takes %s as emaScan does',
      async (flag) => {
        const value = flag === '--decay' || flag === '--alpha' ? 0.25 : 3;
        const way = flag === '--half-life' ? 'halfLife' : flag.slice(2);
        const options = { [way]: value, columns: ['loss'] } as never;
        const printed = await smooth({ 'run.csv': csv }, 'run.csv', flag, String(value), '--columns', 'loss');
        expectClose(parse(printed), await averages(rows, options));
      },
    );

    it('does not correct the bias with --raw', async () => {
      const printed = await smooth({ 'run.csv': csv }, 'run.csv', '--raw', '--decay', '0.9', '--columns', 'accuracy');
      expectClose(parse(printed), await averages(rows, { decay: 0.9, columns: ['accuracy'] }, true));
    });

    it('puts columns behind with --append', async () => {
      const smoothed = await averages(rows, { halfLife: 50, columns: ['loss', 'accuracy'] });
      const expected = rows.map((row, i) => ({
        ...row,
        loss_ema: smoothed[i]!.loss,
        accuracy_ema: smoothed[i]!.accuracy,
      }));
      expectClose(parse(await smooth({ 'run.csv': csv }, 'run.csv', '--append')), expected);
    });

    it('smooths thousands of columns, each by itself', async () => {
      const wide = Array.from({ length: 30 }, (_, i) =>
        Object.fromEntries(Array.from({ length: 3000 }, (_, k) => [`m${k}`, (i * (k + 1)) % 17])),
      );
      const text = papaparse.unparse(wide);
      const columns = ['m0', 'm1500', 'm2999'] as const;
      const chosen = (all: readonly Record<string, unknown>[], of: (name: string) => string) =>
        all.map((row) => Object.fromEntries(columns.map((name) => [name, row[of(name)]])));
      const appended = parse(await smooth({ 'r.csv': text }, 'r.csv', '--append', '--decay', '0.5'));
      expect(Object.keys(appended[0]!)).toHaveLength(6000);
      expect(chosen(appended, (name) => name)).toEqual(chosen(wide, (name) => name));
      const expected = await averages(wide, { decay: 0.5, columns: [...columns] });
      expectClose(
        chosen(appended, (name) => `${name}_ema`),
        chosen(expected, (name) => name),
      );
    });

    it('keeps an average for each key with --by', async () => {
      const keyed = rows.map((row, i) => ({ run: i % 3 === 0 ? 'a' : `b ${i % 3}`, ...row }));
      const options = { halfLife: 5, columns: ['loss'], by: 'run' } as const;
      const printed = await smooth(
        { 'r.csv': papaparse.unparse(keyed) },
        'r.csv',
        '--half-life',
        '5',
        '--columns',
        'loss',
        '--by',
        'run',
      );
      expectClose(parse(printed), await averages(keyed, options));
    });

    it.each([
      ['in milliseconds', 'time_ms', (ms: number) => ms, []],
      ['in seconds, where the name says so', 'wall_time', (ms: number) => ms / 1000, []],
      ['in a unit that is given', 'at', (ms: number) => ms * 1000, ['--time-unit', 'us']],
      ['in quotes', 'time_ms', (ms: number) => `"${ms}"`, []],
      ['as dates', 'date', (ms: number) => new Date(ms).toISOString(), []],
      [
        'as dates as Python prints them',
        'date',
        (ms: number) => new Date(ms).toISOString().replace('T', ' ').replace('Z', ''),
        [],
      ],
    ])('goes by the clock with --time %s', async (_, name, spelled, flags) => {
      const stamps = rows.map((_, i) => 1.7e12 + 1000 * i + 37 * (i % 5));
      const timed = rows.map((row, i) => ({ at: stamps[i]!, loss: row.loss }));
      const text = [`${name},loss`, ...timed.map(({ at, loss }) => `${spelled(at)},${loss ?? ''}`)].join('\n');
      const printed = await smooth({ 'r.csv': text }, 'r.csv', '--half-life-ms', '4000', '--time', name, ...flags);
      const expected = await averages(timed, { halfLifeMs: 4000, time: 'at', columns: ['loss'] });
      const losses = parse(printed).map(({ loss }) => ({ loss }));
      expectClose(
        losses,
        expected.map(({ loss }) => ({ loss })),
      );
    });

    it('takes up a column whose first value comes late, and says so', async () => {
      const head = Array.from({ length: 60_000 }, (_, i) => `${i},0.5,`).join('\n');
      const folder = emptyFolder();
      writeFileSync(join(folder, 'run.csv'), `step,loss,val_loss\n${head}\n1,0.5,4\n2,0.5,2\n`);
      const { stdout, stderr } = await rxEma.run(['smooth', 'run.csv', '--decay', '0.5'], folder);
      expect(stdout.trimEnd().split('\n').slice(-2)).toEqual(['1,0.5,4', `2,0.5,${4 + (2 / 3) * (2 - 4)}`]);
      expect(stderr).toBe('rx-ema: smoothing loss (decay 0.5); not step\nrx-ema: smoothing val_loss, too\n');
    });

    it('has a column from the first row on with --append, though its first value comes late', async () => {
      const text = `loss,val_loss\n${'0.5,\n'.repeat(60_000)}0.5,4\n`;
      const printed = (await smooth({ 'r.csv': text }, 'r.csv', '--append', '--decay', '0.5')).split('\n');
      expect([printed[0], printed[1], printed.at(-2)]).toEqual([
        'loss,val_loss,loss_ema,val_loss_ema',
        '0.5,,0.5,',
        '0.5,4,0.5,4',
      ]);
    });

    it('reads several files as one table', async () => {
      const [one, two] = [rows.slice(0, 80), rows.slice(80)];
      const files = { 'a.csv': papaparse.unparse(one), 'b.csv': papaparse.unparse(two) };
      expectClose(
        parse(await smooth(files, 'a.csv', 'b.csv', '--columns', 'loss')),
        await averages(rows, { halfLife: 50, columns: ['loss'] }),
      );
    });

    it('reads and writes gzip', async () => {
      const folder = emptyFolder();
      writeFileSync(join(folder, 'run.csv.gz'), gzipSync(csv));
      expect((await rxEma.run(['smooth', 'run.csv.gz', '-o', 'out.csv.gz'], folder)).code).toBe(0);
      const { stdout } = await rxEma.shell('gunzip -c out.csv.gz', folder);
      expectClose(parse(stdout), await averages(rows, { halfLife: 50, columns: ['loss', 'accuracy'] }));
    });

    it('finds the delimiter, or takes the one that is given', async () => {
      expect(await smooth({ 'r.csv': 'a;b\n1;x,y\n' }, 'r.csv')).toBe('a;b\n1;x,y\n');
      expect(await smooth({ 'r.csv': 'a,b\tc\n1\t2\n' }, 'r.csv', '--delimiter', 'tab')).toBe('a,b\tc\n1\t2\n');
      expect(await smooth({ 'r.csv': 'a:b,c:d\n1:2:3\n' }, 'r.csv', '--delimiter', ':')).toBe('a:b,c:d\n1:2:3\n');
    });

    it('reads a header without rows', async () => {
      expect(await smooth({ 'r.csv': 'step,loss\n' }, 'r.csv', '--columns', 'loss')).toBe('step,loss\n');
    });

    it('leaves out bad rows with --skip-bad-rows, and counts them', async () => {
      const folder = emptyFolder();
      writeFileSync(join(folder, 'run.csv'), 'a,b\n1,x\n2\noops,y\n3,z\n');
      const { code, stdout, stderr } = await rxEma.run(
        ['smooth', 'run.csv', '--alpha', '1', '--skip-bad-rows'],
        folder,
      );
      expect([code, stdout]).toEqual([0, 'a,b\n1,x\n3,z\n']);
      expect(stderr).toContain('rx-ema: left out 2 rows that could not be read\n');
    });
  });

  describe('in a pipe', () => {
    it('reads stdin and writes stdout', async () => {
      const folder = emptyFolder();
      writeFileSync(join(folder, 'x.csv'), 'loss\n4\n2\n');
      const { stdout } = await rxEma.shell('cat x.csv | rx-ema smooth - --from csv --decay 0.5 | tail -n 1', folder);
      expect(stdout).toBe(`${4 + (2 / 3) * (2 - 4)}\n`);
    });

    it('ends quietly with 0 when nobody reads any more', async () => {
      const folder = emptyFolder();
      const lines = Array.from({ length: 300_000 }, (_, i) => `${i},0.5`).join('\n');
      writeFileSync(join(folder, 'x.csv'), `step,loss\n${lines}\n`);
      const script = '{ rx-ema smooth x.csv; echo "code $?" >&2; } | head -n 2';
      const { stdout, stderr } = await rxEma.shell(script, folder);
      expect([stdout, stderr]).toEqual(['step,loss\n0,0.5\n', expect.stringMatching(/not step\ncode 0\n$/)]);
    });
  });

  describe('when something is wrong', () => {
    const files = {
      'run.csv': 'step,loss,note\n1,2,x\n',
      'run.jsonl': '{"loss":1}\n',
      'text.csv': 'step,name\n1,x\n',
      'bad.csv': `loss\n${'1\n'.repeat(15)}x\n`,
    };

    it.each([
      [
        'a file that is not there',
        ['absent.csv'],
        /^rx-ema: 'absent\.csv' must be a file that can be read, got ENOENT.*$/,
      ],
      ['no numbers', ['text.csv'], /there must be a column of numbers that is no axis, got step, name/],
      [
        'text among numbers',
        ['bad.csv'],
        /'bad\.csv' line 17, column 'loss' \(1\): must be a number as in the lines before, got 'x'$/,
      ],
      [
        'a column of text that is named',
        ['run.csv', '--columns', 'note'],
        /'run\.csv' line 2, column 'note' \(3\): must be a number.*got 'x'$/,
      ],
      [
        'a time that is none',
        ['run.csv', '--tau-ms', '1', '--time', 'note'],
        /'run\.csv' line 2, column 'note' \(3\): must be a number or a date, got 'x'$/,
      ],
      [
        'other columns in the second file',
        ['run.csv', 'text.csv'],
        /'text\.csv' must have the columns of the file before it \(step, loss, note\), got step, name$/,
      ],
    ])('ends with 1 and one line for %s', async (_, args, sentence) => {
      const folder = emptyFolder();
      writeFiles(folder, files);
      const { code, stderr } = await rxEma.run(['smooth', ...args, '-o', 'out.csv'], folder);
      const lines = stderr
        .trimEnd()
        .split('\n')
        .filter((line) => !line.startsWith('rx-ema: smoothing'));
      expect([code, lines]).toEqual([1, [expect.stringMatching(sentence)]]);
      expect(readdirSync(folder).sort()).toEqual(Object.keys(files).sort());
    });

    it.each([
      ['two decays', ['run.csv', '--span', '3', '--decay', '0.5'], /at most, got --decay and --span$/],
      ['a decay out of range', ['run.csv', '--decay', '1'], /--decay must be in \[0, 1\), got 1$/],
      ['a decay that is no number', ['run.csv', '--decay', 'high'], /'--decay <d>' argument 'high' is invalid/],
      ['a clock without a time', ['run.csv', '--half-life-ms', '3'], /--half-life-ms must come with --time, got none$/],
      ['a time without a clock', ['run.csv', '--time', 'step'], /--time must come with --half-life-ms or --tau-ms$/],
      [
        'an unknown column, with the nearest',
        ['run.csv', '--columns', 'losss'],
        /--columns must name columns of the table \(step, loss, note\), got 'losss': did you mean 'loss'\?$/,
      ],
      ['an unknown key', ['run.csv', '--by', 'nota'], /--by must name a column .* did you mean 'note'\?$/],
      ['one that is like no other', ['run.csv', '--by', 'x'], /\(step, loss, note\), got 'x'$/],
      ['an unknown time', ['run.csv', '--tau-ms', '1', '--time', 'x'], /--time must name a column .*, got 'x'$/],
      ['an unknown time of JSON lines', ['run.jsonl', '--tau-ms', '1', '--time', 'x'], /--time must name .*, got 'x'$/],
      [
        'a key that is smoothed',
        ['run.csv', '--by', 'loss', '--columns', 'loss'],
        /--columns must not name what --by and --time name, got 'loss'$/,
      ],
      [
        'an unknown extension',
        ['run.csv', '-o', 'out.xlsx'],
        /'out\.xlsx' must have the extension of csv, tsv, jsonl, arrow or parquet, or --to say which it is$/,
      ],
      ['a Feather file, which Arrow as a stream is not', ['run.csv', '-o', 'out.feather'], /say -o out\.arrow$/],
      ['stdin of no known format', ['-'], /stdin must come with --from: say with it what it is, as --from csv$/],
      ['Parquet on stdout', ['run.csv', '--to', 'parquet'], /Parquet must go to a file, got stdout/],
      [
        'a delimiter of two letters',
        ['run.csv', '--delimiter', '::'],
        /--delimiter must be one ASCII character, and no quote, got '::'$/,
      ],
      ['a pattern', ['*.tsv'], /'\*\.tsv' must be a file or a folder, got a pattern: name the folder, or leave quotes/],
      ['no file', [], /^rx-ema: missing required argument 'file'/],
    ])('ends with 2 and one line for %s', async (_, args, sentence) => {
      const folder = emptyFolder();
      writeFiles(folder, files);
      const { code, stdout, stderr } = await rxEma.run(['smooth', ...args], folder);
      expect([code, stdout, stderr.trimEnd()]).toEqual([2, '', expect.stringMatching(sentence)]);
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    });
  });

  it('shows its flags and examples with --help', async () => {
    const { code, stdout } = await rxEma.run(['smooth', '--help'], emptyFolder());
    expect(code).toBe(0);
    for (const word of ['--half-life <steps>', '--skip-bad-rows', 'Examples:', 'Several files'])
      expect(stdout).toContain(word);
  });

  it('smooths the real log of a training', async () => {
    const log = readFileSync(new URL('../../../examples/data/run.csv', import.meta.url), 'utf8');
    const rows = parse(log) as { step: number; loss: number }[];
    const printed = parse(await smooth({ 'run.csv': log }, 'run.csv', '--columns', 'loss', '--span', '20'));
    expectClose(printed, await averages(rows, { span: 20, columns: ['loss'] }));
  });
});
