import { existsSync } from 'node:fs';

import { UsageError } from './usageError.js';

/** @throws UsageError for a pattern, which the shell finds the files of if it may */
export function checkPaths(paths: readonly string[]): void {
  const pattern = paths.find((path) => /[*?]/.test(path) && !existsSync(path));
  if (pattern === undefined) return;
  const tip = 'name the folder, or leave quotes out for the shell to find the files';
  throw new UsageError(`'${pattern}' must be a file or a folder, got a pattern: ${tip}`);
}
