import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { onTestFinished, vi } from 'vitest';

/** Watches that tell nothing, as on a network file system, until the test has ended. */
export function silenceWatches(): void {
  const watch = vi
    .spyOn(fs, 'watch')
    .mockImplementation(() => ({ on: () => {}, close: () => {} }) as unknown as ReturnType<typeof fs.watch>);
  syncBuiltinESMExports();
  onTestFinished(() => {
    watch.mockRestore();
    syncBuiltinESMExports();
  });
}
