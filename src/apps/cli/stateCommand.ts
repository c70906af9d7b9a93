import { Command } from 'commander';

import { numberOption } from './numberOption.js';
import type { StateFlags } from './state/stateFlags.js';

const EXAMPLES = `
A state is a file of the bytes that toBytes(ema.snapshot()) makes in JavaScript: of an Ema, an EwmState, a ModelEma, or of a
partition of a worker. It is printed as it is, and not changed.

Of each key: the steps it has taken, the sum of the weights that its average rests on, its newest stamp, its averages.
A statistic is shown as it came out last. Of a ModelEma there is a row for each weight, with its norm.

Examples:
  rx-ema state ema.bin                         what it is, and its first 20 keys
  rx-ema state ema.bin --key sensor-7          one of them
  rx-ema state ema.bin --json                  all of them as JSON lines
  rx-ema state ema.bin --json | jq 'select(.step < 10) | .key'`;

/** `rx-ema state`: what a saved state holds. */
export function stateCommand(): Command {
  return new Command('state')
    .description('prints what a saved state holds: options, keys, averages, newest stamps')
    .argument('<file>', 'bytes of a snapshot')
    .option('--json', 'a line of JSON for each key, and nothing else')
    .option('--key <key>', 'this one alone; of several fields, their values with commas between')
    .option('--limit <n>', 'keys to print at most (20; with --json, all)', numberOption)
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, flags: StateFlags) => {
      const { state } = await import('./state/state.js');
      await state(file, flags);
    });
}
