import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle } from './support/bundle.js';
import { describeWith, registry } from './support/need.js';
import { lines, packedPackage, userFolder } from './support/packedPackage.js';
import { ROOT, writeFiles } from './support/workspace.js';

const MINUTES = 60_000;
const PEERS = ['@tensorflow/tfjs@4.22.0', 'apache-arrow@21.2.0'];

const ALONE = [
  'numbers 2 3 3.5 · 4 4 4',
  'records [{"loss":2,"phase":"warm"},{"loss":3.333333333333333,"phase":"main"}]',
  'vectors 0.5,1',
  'weights 1 1.5 2.25',
  'engine 2.3333 0',
  'error DECAY_RANGE',
];
const DASHBOARD = ['200 200 200 200', 'true'];
const FILES = ['1 2 10', 'shadow 2 5.75', 'PACKAGE_MISSING'];
const ARROW = ['price price_ema 2 3 3.5', 'price 4 4 4', 'function 1', 'read 3 price', 'followed 3'];
const TENSORS = ["[ 2 ] [ '2.3333', '3.3333' ]", 'line/kernel line/bias', '3 3'];

/** Everything happens outside the repository, where nothing of ours can be found by accident. */
const work = mkdtempSync(join(tmpdir(), 'rx-ema-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const tool = (name: string, args: readonly string[], cwd: string): string[] =>
  lines(join(ROOT, 'node_modules/.bin', name), args, cwd);

/** Where Node finds a package for a file in `folder`, or null. */
function found(name: string, folder: string): string | null {
  try {
    return createRequire(join(folder, 'main.js')).resolve(name);
  } catch {
    return null;
  }
}

/** Compiles one program strictly; libraries' own declarations are checked too unless `skipLibCheck`. */
function compile(folder: string, program: string, options: readonly string[]): void {
  cpSync(join(ROOT, 'test/package', `${program}.ts`), join(folder, `${program}.ts`));
  const strict = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--target', 'es2022'];
  const lib = ['--lib', 'es2022,dom', '--types', ''];
  tool('tsc', [`${program}.ts`, ...strict, ...lib, '--skipLibCheck', 'false', '--pretty', 'false', ...options], folder);
}

const AS_NODE = ['--module', 'nodenext'];
const AS_BUNDLER = ['--module', 'esnext', '--moduleResolution', 'bundler', '--noEmit'];

describeWith(registry, 'the packed package', () => {
  let tarball = '';
  let alone = '';
  let full = '';

  beforeAll(() => {
    tarball = packedPackage(work);
    alone = userFolder(work, 'alone', [tarball, 'rxjs@7.8.2']);
    full = userFolder(work, 'full', [tarball, 'rxjs@7.8.2', ...PEERS]);
  }, 10 * MINUTES);

  it('holds the build and its papers, nothing else', () => {
    const paths = lines('tar', ['-tzf', tarball], work).map((path) => path.replace('package/', ''));
    const papers = paths.filter((path) => !path.startsWith('dist/')).sort();
    expect(papers).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']);
    const others = paths.filter((path) => path.startsWith('dist/') && !/\.(js|d\.ts)$/.test(path));
    const drawing = ['dist/cli/DejaVuSans.ttf', 'dist/cli/LICENSES.txt', 'dist/cli/resvg.wasm'];
    expect(others.sort()).toEqual([...drawing, 'dist/page/index.html', 'dist/page/page.css']);
  });

  it('says whose code it passes on, with the licence of each', () => {
    const text = lines('tar', ['-xOzf', tarball, 'package/dist/cli/LICENSES.txt'], work).join('\n');
    for (const name of [
      '@resvg/resvg-wasm',
      'commander',
      'd3-scale',
      'dejavu-fonts-ttf',
      'picocolors',
      'prom-client',
    ]) {
      expect(text).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+\nLicence: \\S+`, 'm'));
    }
    expect(text).not.toContain('undefined');
  });

  it('is clean to publint, suggestions included', () => {
    const printed = tool('publint', ['run', tarball, '--strict', '--level', 'suggestion'], work).join('\n');
    expect(printed).toContain('All good!');
  });

  it('has types that attw finds right for ESM', () => {
    const printed = tool('attw', [tarball, '--profile', 'esm-only', '--no-emoji', '--format', 'ascii'], work);
    const names = [
      'rx-ema',
      'rx-ema/arrow',
      'rx-ema/dashboard',
      'rx-ema/kafka',
      'rx-ema/sinks',
      'rx-ema/sources',
      'rx-ema/package.json',
    ];
    const entries = printed.filter((line) => line.startsWith('"rx-ema'));
    expect(entries).toEqual(names.map((name) => `"${name}"`));
    const verdicts = printed.filter((line) => /^(node16 \(from ESM\)|bundler): OK/.test(line));
    expect(verdicts).toHaveLength(2 * entries.length);
  });

  describe('with rxjs alone', () => {
    it('brings neither tfjs nor apache-arrow along', () => {
      expect(existsSync(join(alone, 'node_modules/rx-ema/dist'))).toBe(true);
      // none in a folder above either: what follows would prove nothing
      expect(found('@tensorflow/tfjs-core', alone)).toBeNull();
      expect(found('apache-arrow', alone)).toBeNull();
      expect(found('apache-arrow', full)).not.toBeNull();
    });

    it('type-checks for Node and for a bundler, declarations of libraries included', () => {
      compile(alone, 'alone', AS_BUNDLER);
      compile(alone, 'alone', AS_NODE);
      expect(existsSync(join(alone, 'alone.js'))).toBe(true);
    });

    it('smooths numbers, records, vectors and weights in Node', () => {
      compile(alone, 'alone', AS_NODE);
      expect(lines(process.execPath, ['alone.js'], alone)).toEqual(ALONE);
    });

    it('writes and reads files in Node, with types that need none of Node', () => {
      compile(alone, 'files', AS_BUNDLER);
      compile(alone, 'files', AS_NODE);
      expect(lines(process.execPath, ['files.js'], alone)).toEqual(FILES);
    });

    it('shows a stream on a page in Node, with types that need none of Node, and ends', () => {
      compile(alone, 'dashboard', AS_BUNDLER);
      compile(alone, 'dashboard', AS_NODE);
      expect(lines(process.execPath, ['dashboard.js'], alone)).toEqual(DASHBOARD);
    });

    it('bundles for the browser, and the bundle does the same', async () => {
      const source = readFileSync(join(ROOT, 'test/package/alone.ts'), 'utf8');
      const { code, inputs, imports } = await bundle(source, alone);
      expect(imports).toEqual([]);
      expect(inputs.filter((path) => /tensorflow|apache-arrow/.test(path))).toEqual([]);
      writeFiles(alone, { 'bundle.js': code });
      expect(lines(process.execPath, ['bundle.js'], alone)).toEqual(ALONE);
    });
  });

  describe('with tfjs and apache-arrow beside it', () => {
    beforeAll(() => {
      compile(full, 'alone', AS_NODE);
      compile(full, 'arrow', AS_NODE);
      compile(full, 'tensors', [...AS_NODE, '--skipLibCheck', 'true']); // tfjs's own declarations do not check
    });

    it('still imports neither from the root entry', async () => {
      const { inputs } = await bundle("export * from 'rx-ema';", full);
      expect(inputs.some((path) => path.startsWith('node_modules/rx-ema/'))).toBe(true);
      expect(inputs.filter((path) => /tensorflow|apache-arrow/.test(path))).toEqual([]);
    });

    it('bundles rx-ema/arrow with apache-arrow for the browser', async () => {
      const { inputs, imports } = await bundle("export * from 'rx-ema/arrow';", full);
      expect(inputs.some((path) => path.startsWith('node_modules/apache-arrow/'))).toBe(true);
      expect(imports).toEqual([]);
    });

    it('smooths batches and tensors in Node', () => {
      expect(lines(process.execPath, ['alone.js'], full)).toEqual(ALONE);
      expect(lines(process.execPath, ['arrow.js'], full)).toEqual(ARROW);
      expect(lines(process.execPath, ['tensors.js'], full)).toEqual(TENSORS);
    });

    it.each(['22', '24'])(
      'runs on Node %s',
      (major) => {
        const folder = userFolder(work, `node${major}`, [`node@${major}`]);
        const node = join(folder, 'node_modules/.bin/node');
        expect(lines(node, ['--version'], folder)[0]).toMatch(new RegExp(`^v${major}\\.`));
        expect(lines(node, ['alone.js'], full)).toEqual(ALONE);
        expect(lines(node, ['files.js'], alone)).toEqual(FILES);
        expect(lines(node, ['dashboard.js'], alone)).toEqual(DASHBOARD);
        expect(lines(node, ['arrow.js'], full)).toEqual(ARROW);
        expect(lines(node, ['tensors.js'], full)).toEqual(TENSORS);
      },
      5 * MINUTES,
    );
  });
});
