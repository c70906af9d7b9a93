import { defineConfig } from 'vitest/config';
import { ClosingLine } from './test/support/closingLine.js';
import base from './vitest.config.js';

const isLong = process.env['RX_EMA_LONG'] !== undefined;

/** The tests with a real Kafka, each file with brokers of its own: two at once, as they wait more than they work. */
export default defineConfig({
  ...base,
  test: {
    include: ['test/kafka/**/*.test.ts'],
    exclude: isLong ? [] : ['**/*.long.test.ts'],
    maxWorkers: isLong ? 1 : 2,
    reporters: ['default', new ClosingLine()],
    expect: { requireAssertions: true },
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
