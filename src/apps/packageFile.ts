import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const root = dirname(createRequire(import.meta.url).resolve('rx-ema/package.json'));

/** The path of a file of this package, wherever the code that asks was bundled to. */
export function packageFile(path: string): string {
  return join(root, path);
}
