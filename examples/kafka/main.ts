// A fleet of sensors on a real Kafka: two workers smooth what they report, and a page shows it as it comes out.
// The whole of it, from the first line to the last, is in run.ts.
import { interrupts } from '../train/interrupts.js';
import { UsageError } from '../train/options.js';
import { parseOptions } from './options.js';

try {
  const options = parseOptions(process.argv.slice(2));
  if (options !== null) {
    const interrupt$ = interrupts();
    const { run } = await import('./run.js');
    await run(options, interrupt$);
  }
} catch (error) {
  process.stderr.write(`${error instanceof UsageError ? error.message : String((error as Error).stack)}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
