import { statSync } from 'node:fs';

import { UsageError } from '../usageError.js';
import { PIPE, type Input, type Target } from './formats.js';

/**
 * What is smoothed can't be had back from what it came to.
 *
 * @throws UsageError if the output is one of the inputs, by whatever path
 */
export function checkApart(inputs: readonly Input[], { path: output }: Target): void {
  const own = fileAt(output);
  const same = inputs.find(({ path }) => own !== null && fileAt(path) === own);
  if (same === undefined) return;
  throw new UsageError(`the output must not be an input, got '${same.path}' as both: write to another file`);
}

/** What tells a file from all others of the machine; null for what is none. */
function fileAt(path: string): string | null {
  const stat = path === PIPE ? undefined : statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat?.isFile() === true ? `${stat.dev} ${stat.ino}` : null;
}
