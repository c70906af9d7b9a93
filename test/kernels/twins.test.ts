import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../support/workspace.js';

/** The text of a function at the top of a file, in double precision throughout. */
function textOf(file: string, name: string): string {
  const source = readFileSync(join(ROOT, 'src/kernels', file), 'utf8');
  const from = source.indexOf(`function ${name}(`);
  expect(from, `${name} in ${file}`).toBeGreaterThan(0);
  return source
    .slice(from, source.indexOf('\n}\n', from))
    .replace(name, 'twin')
    .replaceAll('Float32Array', 'Float64Array');
}

it.each([
  ['blocked.ts', 'scanBlocks', 'scanBlocks32'],
  ['bankRows.ts', 'four64', 'four32'],
])('the loops of %s are the same in single and in double precision', (file, doubles, singles) => {
  expect(textOf(file, singles)).toBe(textOf(file, doubles));
});
