import { expect, it } from 'vitest';
import { bundle } from './support/bundle.js';
import { ROOT } from './support/workspace.js';

const LIMIT = 18_200;

it(`emaScan alone, bundled and gzipped without rxjs, takes ${LIMIT} bytes at most`, async () => {
  const { gzippedBytes, imports } = await bundle("export { emaScan } from './operators/index.js';", ROOT, ['rxjs']);
  expect([...new Set(imports)]).toEqual(['rxjs']);
  console.log(`emaScan alone: ${gzippedBytes} bytes gzipped, of ${LIMIT}`);
  expect(gzippedBytes, `emaScan alone takes ${gzippedBytes} bytes gzipped`).toBeLessThanOrEqual(LIMIT);
  expect(gzippedBytes).toBeGreaterThan(1_000); // less than that is not the package
});
