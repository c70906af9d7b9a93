import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { emptyFolder } from '../../support/emptyFolder.js';
import { describeWith, registry } from '../../support/need.js';
import { packedCommand, PACKING_MS, type PackedCommand } from '../../support/packedCommand.js';
import { pixelsOf } from '../../support/pixelsOf.js';
import type { Ended } from '../../support/program.js';
import { ROOT } from '../../support/workspace.js';

const DATA = join(ROOT, 'examples/data');
const CSV = join(DATA, 'run.csv');
const EVENTS = join(
  DATA,
  'run',
  readdirSync(join(DATA, 'run')).find((name) => name.includes('tfevents'))!,
);
const LIGHT = '255,255,255';
const DARK = '13,17,23';

describeWith(registry, 'rx-ema plot', () => {
  let rxEma: PackedCommand;
  beforeAll(async () => {
    rxEma = await packedCommand();
  }, PACKING_MS);

  const plot = (args: readonly string[], folder = emptyFolder(), env?: NodeJS.ProcessEnv): Promise<Ended> =>
    rxEma.run(['plot', ...args], folder, env);

  it('draws into the terminal, plain where there is none: no colours, 80 characters', async () => {
    const { code, stdout, stderr } = await plot([CSV, '--columns', 'loss'], undefined, { FORCE_COLOR: '', CI: 'true' });
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.split('\n');
    expect(lines[0]).toBe('run.csv');
    expect(stdout).toMatch(/^loss {2}0\.00\d+$/m);
    expect(stdout).toContain('×');
    expect(stdout).not.toContain('\u001B');
    expect(Math.max(...lines.map((line) => line.length))).toBe(80);
  });

  it('has colours where they are asked for, and none with NO_COLOR', async () => {
    expect((await plot([CSV], undefined, { FORCE_COLOR: '1' })).stdout).toContain('\u001B[2m');
    expect((await plot([CSV], undefined, { FORCE_COLOR: '1', NO_COLOR: '1' })).stdout).not.toContain('\u001B');
  });

  it.each([
    ['a CSV file', CSV],
    ['an Arrow file', join(DATA, 'run.arrow')],
    ['a file of JSON lines', join(DATA, 'run/run.jsonl')],
    ['a file of TensorBoard', EVENTS],
  ])('draws %s as SVG', async (_name, path) => {
    const folder = emptyFolder();
    const { code, stdout, stderr } = await plot([path, '-o', 'curve.svg'], folder);
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toMatch(/^rx-ema: curve\.svg: 3 curves in 3 panels, \d+ bytes\n$/);
    const svg = readFileSync(join(folder, 'curve.svg'), 'utf8');
    expect(svg).toMatch(/^<svg [^>]*viewBox="0 0 900 /);
    for (const metric of ['loss', 'accuracy', 'lr']) expect(svg).toMatch(new RegExp(`>([a-z]+/)?${metric}</text>`));
    expect(svg).not.toContain('step</text><text'); // the x axis is no metric
  });

  it('draws a Parquet file', async () => {
    const folder = emptyFolder();
    await rxEma.run(['smooth', CSV, '-o', 'run.parquet'], folder);
    const { code, stdout, stderr } = await plot(['run.parquet'], folder);
    expect([code, stderr]).toEqual([0, '']);
    for (const metric of ['loss', 'accuracy', 'lr']) expect(stdout).toMatch(new RegExp(`^${metric} {2}\\S+$`, 'm'));
  });

  it('draws a folder of runs as TensorBoard takes it, and what can be read where something cannot', async () => {
    const folder = emptyFolder();
    for (const run of ['a', 'b/c']) {
      mkdirSync(join(folder, 'runs', run), { recursive: true });
      cpSync(EVENTS, join(folder, 'runs', run, basename(EVENTS)));
    }
    const { code, stdout, stderr } = await plot(
      ['runs', 'absent.csv', '--columns', 'train/loss', '-o', 'curve.svg'],
      folder,
    );
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^rx-ema: curve\.svg: 2 curves in 1 panel, \d+ bytes\nrx-ema: .*absent\.csv.*\n$/);
    const svg = readFileSync(join(folder, 'curve.svg'), 'utf8');
    for (const name of ['a', 'b/c', 'train/loss']) expect(svg).toContain(`${name}</text>`);
  });

  it.each([
    ['light', LIGHT],
    ['dark', DARK],
  ])('draws a %s PNG, twice as sharp, with curves and letters in it', async (theme, ground) => {
    const folder = emptyFolder();
    const args = [CSV, '--columns', 'loss', '--width', '400', '--height', '300', '--theme', theme, '-o', 'curve.PNG'];
    expect((await plot(args, folder)).code).toBe(0);
    const picture = pixelsOf(readFileSync(join(folder, 'curve.PNG')));
    expect([picture.width, picture.height]).toEqual([800, 600]);
    expect(picture.at(0, 0)).toBe(ground);
    expect(picture.count((pixel) => pixel === ground)).toBeGreaterThan(0.7 * picture.width * picture.height);
    const stroke = theme === 'light' ? '0,114,178' : '86,180,233';
    expect(picture.count((pixel) => pixel === stroke)).toBeGreaterThan(1000);
    const letters = theme === 'light' ? '31,35,40' : '230,237,243';
    expect(picture.count((pixel) => pixel === letters)).toBeGreaterThan(100);
  });

  it('puts runs into one picture, each in its colour, by metric or by run', async () => {
    const folder = emptyFolder();
    for (const name of ['a', 'b']) cpSync(CSV, join(folder, `${name}.csv`));
    const args = ['a.csv', 'b.csv', '--columns', 'lr,loss'];
    const byMetric = await plot([...args, '-o', 'curve.svg'], folder);
    expect(byMetric.stderr).toContain('4 curves in 2 panels');
    const svg = readFileSync(join(folder, 'curve.svg'), 'utf8');
    expect(svg.indexOf('>lr</text>')).toBeLessThan(svg.indexOf('>loss</text>'));
    expect(svg).toContain('>a.csv, b.csv</text>');
    await plot([...args, '--by-run', '--title', 'mine', '-o', 'curve.svg'], folder);
    const other = readFileSync(join(folder, 'curve.svg'), 'utf8');
    expect(other).toContain('>mine</text>');
    expect(other).not.toContain('a.csv, b.csv');
  });

  it('says how much it smooths, and how many values a logarithmic axis hides', async () => {
    const folder = emptyFolder();
    const rows = Array.from({ length: 50 }, (_, i) => `${i},${i - 5}`);
    writeFileSync(join(folder, 'run.csv'), `step,loss\n${rows.join('\n')}\n`);
    const { stdout, stderr } = await plot(['run.csv', '--span', '9', '--band', '--log-y'], folder);
    expect(stdout).toContain('smoothed: span 9 values, bias-corrected · band: ±2 std');
    expect(stderr).toBe('rx-ema: 6 values <= 0 have no place on a logarithmic axis\n');
  });

  it('keeps a spike among 200,000 rows', async () => {
    const folder = emptyFolder();
    const rows = Array.from({ length: 200_000 }, (_, i) => `${i},${i === 150_000 ? 1000 : 1}`);
    writeFileSync(join(folder, 'run.csv'), `step,loss\n${rows.join('\n')}\n`);
    expect((await plot(['run.csv', '-o', 'curve.svg'], folder)).code).toBe(0);
    const svg = readFileSync(join(folder, 'curve.svg'), 'utf8');
    expect(svg.length).toBeLessThan(100_000);
    const heights = [...svg.matchAll(/[ML][\d.]+,([\d.]+)/g)].map(([, y]) => Number(y));
    expect(Math.max(...heights) - Math.min(...heights)).toBeGreaterThan(300);
  });

  it.each<[string, string[], RegExp]>([
    [
      'an unknown column',
      [CSV, '--columns', 'los'],
      /--columns must name metrics of .*, got 'los': did you mean 'loss'\?/,
    ],
    ['two ways to smooth', [CSV, '--half-life', '3', '--span', '4'], /got --half-life and --span/],
    ['a half-life of nothing', [CSV, '--half-life', '0'], /--half-life must be > 0/],
    ['a picture of another kind', [CSV, '-o', 'curve.pdf'], /-o must end in \.svg or \.png, got 'curve\.pdf'/],
    ['a size without a picture', [CSV, '--width', '500'], /--width must come with -o/],
    [
      'a picture that is too small',
      [CSV, '-o', 'curve.svg', '--width', '5'],
      /--width must be from 100 to 10000 px, got 5/,
    ],
    ['a logarithm of moments', [CSV, '--x', 'wall', '--log-x'], /--log-x must come with --x step or relative/],
    ['an unknown axis', [CSV, '--x', 'epoch'], /Allowed choices are step, relative, wall/],
  ])('refuses %s in one line, as a usage error', async (_name, args, message) => {
    const folder = emptyFolder();
    const { code, stdout, stderr } = await plot(args, folder);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses a file without times where they are to be the axis', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'run.csv'), 'step,loss\n1,2\n2,3\n');
    const { code, stderr } = await plot(['run.csv', '--x', 'relative'], folder);
    expect([code, stderr]).toEqual([2, expect.stringContaining('--x relative must come with files that say the time')]);
  });

  it('leaves out runs without times there, and says which', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'untimed.csv'), 'step,other\n1,2\n2,3\n');
    const { code, stderr } = await plot([CSV, 'untimed.csv', '--x', 'wall', '-o', 'curve.svg'], folder);
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/^rx-ema: left out, as they say no time: untimed\nrx-ema: .* 3 curves in 3 panels,/),
    ]);
  });

  it.each([
    ['that is not there', 'absent.csv', null],
    ['without numbers', 'words.csv', 'step,word\n1,one\n'],
  ])('says in one line what is wrong with a file %s', async (_name, name, content) => {
    const folder = emptyFolder();
    if (content !== null) writeFileSync(join(folder, name), content);
    const { code, stdout, stderr } = await plot([name], folder);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(new RegExp(`^rx-ema: .*${name}.*\\n$`));
  });

  it('leaves the old picture and nothing beside it when the disk is full', async () => {
    const folder = emptyFolder();
    mkdirSync(join(folder, 'pictures'));
    writeFileSync(join(folder, 'pictures/curve.svg'), 'old');
    const { code, stderr } = await rxEma.shell(`ulimit -f 8; rx-ema plot '${CSV}' -o pictures/curve.svg`, folder);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^rx-ema: 'pictures\/curve\.svg' must be a file that can be written.*\n$/),
    ]);
    expect(readdirSync(join(folder, 'pictures'))).toEqual(['curve.svg']);
    expect(readFileSync(join(folder, 'pictures/curve.svg'), 'utf8')).toBe('old');
  });
});
