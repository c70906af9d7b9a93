import { Command } from 'commander';

import type { WatchFlags } from './watch/watchFlags.js';

const EXAMPLES = `
A folder is taken as TensorBoard takes it: each folder in it that has event files is a run, and so is each table (CSV, TSV,
JSON lines, Arrow, Parquet). What is written later, and new runs, come within a moment. Nothing has to be there yet.

Examples:
  rx-ema watch runs                        all runs in a folder, at http://127.0.0.1:6362/
  rx-ema watch                             runs in the current folder
  rx-ema watch runs/a log.csv --open       two of them, in the browser
  rx-ema watch runs --port 8080            the port is this one, or an error
  ssh -L 6362:127.0.0.1:6362 host          sees a dashboard that runs on another machine`;

/** `rx-ema watch`: runs that are logged into files, on the dashboard, while they go on. */
export function watchCommand(): Command {
  return new Command('watch')
    .description('shows training runs live on a page: TensorBoard event files, CSV, JSON lines, Arrow, Parquet')
    .argument('[path...]', 'folders and files (the current folder)')
    .option('--port <number>', 'port on 127.0.0.1, 0 for any (6362, or one behind it that is free)')
    .option('--open', 'opens the page in the browser')
    .option('--title <text>', 'what the page is called (as what is watched is)')
    .addHelpText('after', EXAMPLES)
    .action(async (paths: readonly string[], flags: WatchFlags) => {
      const { watch } = await import('./watch/watch.js');
      await watch(paths.length === 0 ? ['.'] : paths, flags);
    });
}
