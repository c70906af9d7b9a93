import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** An empty folder outside the repository, one for a whole run of the tests. */
    packedFolder: string;
  }
}

/** A folder in which the first test that runs the packed command installs it for all of them. */
export default function setup({ provide }: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'rx-ema-packed-'));
  provide('packedFolder', folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
