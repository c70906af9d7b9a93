import { defineConfig } from 'vitest/config';
import { ClosingLine } from './test/support/closingLine.js';
import base from './vitest.config.js';

/** The tests with a real Kafka: one file after another, each with brokers of its own. */
export default defineConfig({
  ...base,
  test: {
    include: ['test/kafka/**/*.test.ts'],
    exclude: process.env['RX_EMA_LONG'] === undefined ? ['**/*.long.test.ts'] : [],
    fileParallelism: false,
    reporters: ['default', new ClosingLine()],
    expect: { requireAssertions: true },
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
