// Trains a small classifier and shows, live, what an exponential moving average makes of its curves and of its weights.
// The run as observables is in training.ts; the rest shows it (terminal.ts, publish.ts, page/) and keeps it (files.ts).
import { interrupts } from './interrupts.js';
import { parseOptions, UsageError } from './options.js';

try {
  const options = parseOptions(process.argv.slice(2));
  if (options !== null) {
    const interrupt$ = interrupts();
    const { run } = await import('./run.js'); // tfjs takes a second to load: not before the flags are known to be right
    await run(options, interrupt$);
  }
} catch (error) {
  process.stderr.write(`${error instanceof UsageError ? error.message : String((error as Error).stack)}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
