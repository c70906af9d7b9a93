import { describe, expect, it } from 'vitest';
import { bareExamples, docBlocks, expectedLines, tableBlock } from './docBlocks.js';

const source = `import { x } from 'y';

/**
 * Doubles.
 *
 * @param x - a number
 * @example
 * \`\`\`ts
 * import { twice } from './twice.js';
 * for (const x of [1, 2]) {
 *   console.log(twice(x));
 * }
 * // => 2
 * // => 4
 * \`\`\`
 * @see nothing
 */
export function twice(x: number): number {
  return 2 * x;
}

/** @example thrice(1) // => 0x3 */
export const thrice = (x: number): number => 3 * x;
`;

describe('docBlocks', () => {
  it('finds the fenced block of a docstring, with its line and what it prints', () => {
    const [block] = docBlocks('/root', 'src/twice.ts', source);
    expect(block?.where).toBe('src/twice.ts:8');
    expect(block?.expected).toEqual(['2', '4']);
    expect(block?.code).toBe(
      "import { twice } from '/root/src/twice.js';\nfor (const x of [1, 2]) {\n  console.log(twice(x));\n}\n// => 2\n// => 4\n",
    );
  });

  it('makes a module of a one-line example', () => {
    const [, block] = docBlocks('/root', 'src/twice.ts', source);
    expect(block?.where).toBe('src/twice.ts:22');
    expect(block?.expected).toEqual(['0x3']);
    expect(block?.code).toBe(
      [
        "import { inspect, isDeepStrictEqual } from 'node:util';",
        "import { thrice } from '/root/src/twice.js';",
        'const got: unknown = thrice(1);',
        'console.log(isDeepStrictEqual(got, 0x3) ? "0x3" : inspect(got));',
        '',
      ].join('\n'),
    );
  });

  it('reads Markdown, and why a block is not run', () => {
    const text =
      '# A\n\n```ts no-run: needs a browser\nalert(1);\n```\n\n```sh\nls\n```\n\n```ts\nconsole.log(1); // => 1\n```\n';
    const blocks = docBlocks('/root', 'README.md', text);
    expect(blocks.map(({ where, noRun, expected }) => [where, noRun, expected])).toEqual([
      ['README.md:3', 'needs a browser', []],
      ['README.md:11', null, ['1']],
    ]);
    expect(blocks[0]?.code).toBe('export {};\nalert(1);\n');
  });

  it('reads no code from outside docstrings', () => {
    expect(
      docBlocks('/root', 'a.ts', "// ```ts\n// console.log(1);\n// ```\nconst a = '@example b() // => 1';"),
    ).toEqual([]);
  });
});

describe('tableBlock', () => {
  const text = [
    '```ts',
    'const s$ = from([1, 2]); // => a',
    '```',
    '| there | here | gives |',
    '|---|---|---|',
    '| `s.mean()` | `mean(), doubled()` | 1 · -2.5 |',
    '| `df.mean()` | `mean<Row>()` | 1 |',
    '| prose | `mean()` | 1 |',
    '| `s.std()` | `std()` | none |',
  ].join('\n');

  it('runs the operators of each row that has both sides and numbers, behind the first block', () => {
    const { code, expected } = tableBlock('/root', 'a.md', text);
    expect(code).toContain('const s$ = from([1, 2]);');
    expect(code.split('\n').slice(-3)).toEqual([
      'await show(s$.pipe(mean(), doubled()));',
      'await show(rows$.pipe(mean<Row>()));',
      '',
    ]);
    expect(expected).toEqual(['a', '1 · -2.5', '1']);
  });
});

describe('bareExamples', () => {
  it('names an example that nothing would run', () => {
    expect(bareExamples('src/twice.ts', source)).toEqual([]);
    expect(bareExamples('a.ts', '\n/**\n * A.\n *\n * @example twice(2)\n * @see b\n */')).toEqual(['a.ts:5']);
    expect(bareExamples('a.ts', '/** @example\n * ```js\n * a\n * ```\n */')).toEqual(['a.ts:1']);
  });
});

describe('expectedLines', () => {
  it('takes what follows the arrow, behind code or alone, an empty line too', () => {
    expect(expectedLines('log(1); // => 1\nlog(); // =>\n  // => a // b\n// not => this')).toEqual(['1', '', 'a // b']);
  });
});
