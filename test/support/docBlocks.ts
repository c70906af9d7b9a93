import { dirname, join } from 'node:path';

/** A piece of code in a docstring or a Markdown file. */
export interface DocBlock {
  /** Where it stands: file and line. */
  readonly where: string;
  /** A module of its own; relative imports are made absolute. */
  readonly code: string;
  /** What its `// => ` comments say it prints, line by line. */
  readonly expected: readonly string[];
  /** Why it is only type-checked, from a fence that begins "```ts no-run: ". */
  readonly noRun: string | null;
}

const FENCE = /^```ts(?: no-run: (?<noRun>.+))?\n(?<code>[\s\S]*?)^```$/gm;
const ONE_LINE = /^@example (?<call>.+?) \/\/ => (?<value>.+)$/gm;

/** The ```ts blocks of a Markdown file, or of the docstrings in a TypeScript file with their one-line examples. */
export function docBlocks(root: string, file: string, text: string): DocBlock[] {
  if (file.endsWith('.md')) return fenced(root, file, text, 1);
  return docstrings(text).flatMap(({ doc, line }) => [
    ...fenced(root, file, doc, line),
    ...oneLiners(root, file, text, doc, line),
  ]);
}

/** A table's row: what it is elsewhere, the operators here, what comes out. */
const ROW = /^\| `[^`]+` \| `(?<operators>[^`]+)` \| (?<gives>[-\d.· ]+) \|$/gm;

/** Shows numbers, or the `x` of rows, as the tables do: `·` is missing. */
const SHOW = `
import { lastValueFrom as lastOf, toArray as listOf, type Observable as Shown } from 'rxjs';
const show = async (smooth$: Shown<unknown>): Promise<void> => {
  const shown = (await lastOf(smooth$.pipe(listOf()))).map((value) => {
    const x = typeof value === 'object' && value !== null ? (value as { x: unknown }).x : value;
    return typeof x === 'number' && Number.isFinite(x) ? String(Number(x.toFixed(4))) : '·';
  });
  console.log(shown.join(' '));
};
`;

/** The rows of a Markdown file's tables that have operators and what they give; they run behind its first block. */
export function tableBlock(root: string, file: string, text: string): DocBlock {
  const rows = [...text.matchAll(ROW)].map(({ groups }) => groups as { operators: string; gives: string });
  const calls = rows.map(({ operators }) => {
    return `await show(${operators.includes('<Row>') ? 'rows$' : 's$'}.pipe(${operators}));\n`;
  });
  const [first] = fenced(root, file, text, 1);
  return {
    where: `${file}:tables`,
    code: `${first?.code}${SHOW}${calls.join('')}`,
    expected: [...(first?.expected ?? []), ...rows.map(({ gives }) => gives)],
    noRun: null,
  };
}

/** Where an `@example` has neither a ```ts block nor the form `@example call() // => value`. */
export function bareExamples(file: string, text: string): string[] {
  return docstrings(text).flatMap(({ doc, line }) =>
    [...doc.matchAll(/^@example\b[\s\S]*?(?=^@|$(?![\s\S]))/gm)]
      .filter(([example]) => !example.includes('\n```ts') && example.search(ONE_LINE) < 0)
      .map(({ index }) => `${file}:${lineOf(doc, index) + line - 1}`),
  );
}

/** What the `// => ` comments of a piece of code say. */
export function expectedLines(code: string): string[] {
  return [...code.matchAll(/\/\/ =>(?: (.*))?$/gm)].map(([, said]) => (said ?? '').trimEnd());
}

/** The text of each docstring without its stars, and the line of the file it starts on. */
function docstrings(text: string): { doc: string; line: number }[] {
  return [...text.matchAll(/\/\*\*([\s\S]*?)\*\//g)].map(({ index, 1: inner = '' }) => ({
    doc: inner.replaceAll(/^[ \t]*(?:\*[ \t]?)?/gm, '').replaceAll(/[ \t]+$/gm, ''),
    line: lineOf(text, index),
  }));
}

function fenced(root: string, file: string, text: string, line: number): DocBlock[] {
  return [...text.matchAll(FENCE)].map(({ index, groups }) => {
    const { code = '', noRun } = groups ?? {};
    return {
      where: `${file}:${lineOf(text, index) + line - 1}`,
      code: asModule(root, file, code),
      expected: expectedLines(code),
      noRun: noRun ?? null,
    };
  });
}

/** A one-line example calls what its own file exports. Its value is JavaScript too, and printed as written if it equals. */
function oneLiners(root: string, file: string, text: string, doc: string, line: number): DocBlock[] {
  const exported = [...text.matchAll(/^export (?:async )?(?:function|const|class) (\w+)/gm)].map(([, name]) => name!);
  return [...doc.matchAll(ONE_LINE)].map(({ index, groups }) => {
    const { call = '', value = '' } = groups ?? {};
    const names = exported.filter((name) => new RegExp(`\\b${name}\\b`).test(call));
    const code = [
      "import { inspect, isDeepStrictEqual } from 'node:util';",
      `import { ${names.join(', ')} } from '${join(root, file).replace(/\.ts$/, '.js')}';`,
      `const got: unknown = ${call};`,
      `console.log(isDeepStrictEqual(got, ${value}) ? ${JSON.stringify(value.trimEnd())} : inspect(got));`,
      '',
    ].join('\n');
    return { where: `${file}:${lineOf(doc, index) + line - 1}`, code, expected: [value.trimEnd()], noRun: null };
  });
}

function asModule(root: string, file: string, code: string): string {
  const absolute = code.replaceAll(
    /(\bfrom |\bimport\(|^import )'(\.{1,2}\/[^']+)'/gm,
    (_, before: string, path: string) => `${before}'${join(root, dirname(file), path)}'`,
  );
  return /^(import|export)\b/m.test(code) ? absolute : `export {};\n${absolute}`;
}

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}
