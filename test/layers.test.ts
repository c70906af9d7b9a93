import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importsOf, valueImportsOf } from './support/imports.js';
import { ROOT, sourceFiles } from './support/workspace.js';

/**
 * Who may import whom: a file imports its own layer and the ones below. The first pattern that matches says the layer.
 * `arrow`, `sources` and `sinks` stand aside: they import engines and below, and only apps import them.
 */
const LAYERS: readonly (readonly [RegExp, number])[] = [
  [/^src\/(errors|failure|types)\.ts$/, 0],
  [/^src\/(recurrence|decay|kernels)\//, 1],
  [/^src\/((options|modelOptions|ewmOptions|bankOptions)\.ts$|values\/|averages\/|state\/)/, 2],
  [/^src\/((ema|emaEngine|resumableEngine|ewmEngine|ewmState|bankEngine|modelEma)\.ts$|models\/)/, 3],
  [/^operators\//, 4],
  [/^src\/apps\//, 5],
];
const ASIDE = /^src\/(arrow|sources|sinks)\//;
const WITH_RXJS = /^(operators|src\/(arrow|sources|sinks|apps))\//;
const ENGINES = 3;

type Sources = Readonly<Record<string, string>>;

/** Every import that breaks the rule, as a sentence. */
function violations(sources: Sources): string[] {
  return Object.entries(sources).flatMap(([file, source]) =>
    importsOf(source).flatMap((specifier) => {
      const why = objection(file, specifier);
      return why === null ? [] : [`${file} imports ${specifier}: ${why}`];
    }),
  );
}

function objection(file: string, specifier: string): string | null {
  if (specifier === 'rxjs' || specifier.startsWith('rxjs/'))
    return WITH_RXJS.test(file) ? null : 'rxjs is not for this layer';
  if (!specifier.startsWith('.')) return null;
  const target = targetOf(file, specifier);
  const aside = ASIDE.exec(target)?.[1];
  if (aside !== undefined) {
    const own = ASIDE.exec(file)?.[1] === aside;
    return own || layerOf(file) === 5 ? null : `only apps import ${aside}`;
  }
  const to = layerOf(target);
  if (to === null) return 'it belongs to no layer';
  const from = ASIDE.test(file) ? ENGINES : layerOf(file);
  if (from === null) return 'the importing file belongs to no layer';
  return to <= from ? null : 'it is a layer above';
}

function layerOf(file: string): number | null {
  return LAYERS.find(([pattern]) => pattern.test(file))?.[1] ?? null;
}

function targetOf(file: string, specifier: string): string {
  return posix.join(posix.dirname(file), specifier).replace(/\.js$/, '.ts');
}

/** The packages that a file, and all that it imports, import: their types too, which end up in its .d.ts, unless `found` leaves them out. */
function packagesBehind(entry: string, sources: Sources, found = importsOf): string[] {
  const packages = new Set<string>();
  const files = [entry];
  for (const file of files) {
    const source = sources[file];
    if (source === undefined) throw new Error(`${file} is imported and does not exist`);
    for (const specifier of found(source)) {
      if (!specifier.startsWith('.')) packages.add(specifier);
      else if (!files.includes(targetOf(file, specifier))) files.push(targetOf(file, specifier));
    }
  }
  return [...packages].sort();
}

const ours: Sources = Object.fromEntries(
  sourceFiles('operators', 'src').map((file) => [file, readFileSync(`${ROOT}/${file}`, 'utf8')]),
);

describe('the layers', () => {
  it('are kept by every import in operators/ and src/', () => {
    expect(Object.keys(ours).length).toBeGreaterThan(20);
    expect(violations(ours)).toEqual([]);
  });

  it('hold every file', () => {
    expect(Object.keys(ours).filter((file) => layerOf(file) === null && !ASIDE.test(file))).toEqual([]);
  });

  it('leave the root entry with rxjs alone', () => {
    expect(packagesBehind('operators/index.ts', ours)).toEqual(['rxjs']);
  });

  it('keep tfjs out of every entry, and apache-arrow out of all but its own', () => {
    const inSources = packagesBehind('src/sources/index.ts', ours, valueImportsOf);
    expect(inSources).toEqual(['rxjs']); // what else they need is loaded where it is called for
    expect(packagesBehind('src/sinks/index.ts', ours).filter((name) => !name.startsWith('node:'))).toEqual([]);
    expect(packagesBehind('src/arrow/index.ts', ours).filter((name) => name.startsWith('@tensorflow'))).toEqual([]);
  });
});

describe('the check of the layers', () => {
  it.each([
    ['src/recurrence/weight.ts', '../options.js', 'it is a layer above'],
    ['src/values/number.ts', '../ema.js', 'it is a layer above'],
    ['src/ema.ts', '../operators/emaScan.js', 'it is a layer above'],
    ['src/arrow/read.ts', '../../operators/emaScan.js', 'it is a layer above'],
    ['src/sources/fromFit.ts', '../arrow/index.js', 'only apps import arrow'],
    ['operators/emaScan.ts', '../src/sources/index.js', 'only apps import sources'],
    ['src/sources/fromSafetensors.ts', '../sinks/index.js', 'only apps import sinks'],
    ['operators/emaScan.ts', '../src/apps/cli.js', 'it is a layer above'],
    ['operators/emaScan.ts', '../src/helpers/index.js', 'it belongs to no layer'],
    ['src/values/number.ts', 'rxjs', 'rxjs is not for this layer'],
    ['src/ema.ts', 'rxjs/operators', 'rxjs is not for this layer'],
  ])('refuses in %s an import of %s', (file, specifier, why) => {
    const found = [`${file} imports ${specifier}: ${why}`];
    expect(violations({ [file]: `import { x } from '${specifier}';` })).toEqual(found);
    expect(violations({ [file]: `import type {\n  X,\n} from "${specifier}";` })).toEqual(found);
    expect(violations({ [file]: `export * from '${specifier}';` })).toEqual(found);
    expect(violations({ [file]: `import '${specifier}';` })).toEqual(found);
    expect(violations({ [file]: `const x = await import('${specifier}');` })).toEqual(found);
  });

  it.each([
    ['operators/emaScan.ts', '../src/ema.js'],
    ['operators/emaScan.ts', 'rxjs'],
    ['src/ema.ts', './options.js'],
    ['src/values/number.ts', '../recurrence/lerp.js'],
    ['src/arrow/index.ts', './read.js'],
    ['src/arrow/read.ts', '../ema.js'],
    ['src/apps/cli/main.ts', '../../sources/index.js'],
    ['src/apps/cli/main.ts', '../../../operators/index.js'],
  ])('allows in %s an import of %s', (file, specifier) => {
    expect(violations({ [file]: `import { x } from '${specifier}';` })).toEqual([]);
  });

  it('reads no import out of a comment', () => {
    expect(importsOf("/** import { of } from 'rxjs'; */\n// import 'rxjs';\nexport const from = 'rxjs';")).toEqual([]);
  });

  it('knows what is imported for its types alone', () => {
    const types =
      "import type {\n  A,\n} from 'a';\nexport type { B } from 'b';\ntype C = typeof import('c');\nexport type D = import('d').D;";
    expect(valueImportsOf(types)).toEqual([]);
    expect(importsOf(types).sort()).toEqual(['a', 'b', 'c', 'd']);
    expect(valueImportsOf("import { type E, f } from 'e';\nconst g = await import('g');")).toEqual(['e', 'g']);
  });

  it('follows imports through several files', () => {
    const sources = {
      'operators/index.ts': "export { a } from './a.js';",
      'operators/a.ts': "import type { B } from '../src/b.js';",
      'src/b.ts': "import { Tensor } from '@tensorflow/tfjs-core';",
    };
    expect(packagesBehind('operators/index.ts', sources)).toEqual(['@tensorflow/tfjs-core']);
  });
});
