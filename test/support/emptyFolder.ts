import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A new folder for files of a test; it goes when the test ends. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rx-ema-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
