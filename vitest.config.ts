import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { ClosingLine } from './test/support/closingLine.js';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^rx-ema$/, replacement: here('operators/index.ts') },
      { find: /^rx-ema\/dashboard$/, replacement: here('src/apps/dashboard/index.ts') },
      { find: /^rx-ema\/kafka$/, replacement: here('src/apps/scale/index.ts') },
      { find: /^rx-ema\/(arrow|sinks|sources)$/, replacement: here('src/$1/index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/kafka/**'],
    globalSetup: ['test/support/packedFolder.ts'],
    reporters: ['default', new ClosingLine()],
    expect: { requireAssertions: true, poll: { timeout: 10_000 } }, // pages on a busy machine take their time
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
