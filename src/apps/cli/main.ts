import { said } from '../../failure.js';
import { run } from './run.js';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever reads may have had enough, as `head` has: that is no failure. A command that listens itself says the rest.
  if (error.code === 'EPIPE' || process.stdout.listenerCount('error') > 1) return;
  process.stderr.write(`rx-ema: stdout must be a file that can be written, got ${said(error)}\n`);
  process.exit(1);
});
process.stderr.on('error', () => {}); // nobody is left to tell

process.exitCode = await run(process.argv.slice(2));
