/**
 * Runs the tests with a real Kafka, as `npm run test:kafka`; with `-- --long` those in `*.long.test.ts` as well. Other
 * arguments are vitest's.
 */
import { spawnSync } from 'node:child_process';

const args = process.argv.slice(2);
const { status } = spawnSync(
  'vitest',
  ['run', '--config', 'vitest.kafka.config.ts', ...args.filter((arg) => arg !== '--long')],
  {
    stdio: 'inherit',
    env: { ...process.env, ...(args.includes('--long') ? { RX_EMA_LONG: '1' } : {}) },
  },
);
process.exitCode = status ?? 1;
