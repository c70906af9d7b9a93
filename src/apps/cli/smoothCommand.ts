import { Command, Option } from 'commander';

import { numberOption } from './numberOption.js';
import type { SmoothFlags } from './smooth/smoothFlags.js';

const EXAMPLES = `
Several files are read one after the other as one table: the average goes on from one to the next.
Everything that is not smoothed goes out as it came; of CSV, to the letter. Missing values, NaN and infinities are no
steps and stay where they are. Arrow is written as a stream (pyarrow.ipc.open_stream, polars.read_ipc_stream).

Examples:
  rx-ema smooth run.csv -o smooth.csv                  all metrics, half-life 50 steps
  rx-ema smooth run.csv --span 20 --columns loss,acc   two of them, to the terminal
  rx-ema smooth run.jsonl --append -o both.parquet     each beside what it was made of
  rx-ema smooth run.csv --half-life-ms 60000 --time wall_time --by run -o calm.arrow
  zcat run.csv.gz | rx-ema smooth - --from csv | head`;

const FORMATS = ['csv', 'tsv', 'jsonl', 'arrow', 'parquet'];

/** `rx-ema smooth`: a table in, the same table with its metrics smoothed out. */
export function smoothCommand(): Command {
  return new Command('smooth')
    .description('smooths the columns of CSV, JSON lines, Arrow and Parquet files')
    .argument('<file...>', 'files to read, - for stdin')
    .option('--half-life <steps>', 'steps after which a weight has halved (50 if nothing is said)', numberOption)
    .option('--decay <d>', 'weight that the past keeps, in [0, 1)', numberOption)
    .option('--alpha <a>', '1 - decay, in (0, 1]', numberOption)
    .option('--span <steps>', 'as pandas: alpha = 2/(span + 1)', numberOption)
    .option('--com <steps>', 'as pandas: alpha = 1/(1 + com)', numberOption)
    .option('--tau <steps>', 'steps after which a weight has fallen to 1/e', numberOption)
    .option('--half-life-ms <ms>', 'time after which a weight has halved, with --time', numberOption)
    .option('--tau-ms <ms>', 'time after which a weight has fallen to 1/e, with --time', numberOption)
    .option('--time <column>', 'when a row was measured: a number, or a date')
    .addOption(
      new Option('--time-unit <unit>', 'of a time that is a number (s for wall_time, _timestamp, _runtime, else ms)') //
        .choices(['s', 'ms', 'us', 'ns']),
    )
    .option('--by <column>', 'an average of its own for each value of this column')
    .option(
      '--columns <names>',
      'what to smooth, with commas between (every numeric column except step, time and keys; of Arrow and Parquet, floats)',
      names,
    )
    .option('--raw', 'does not correct the bias of the start at zero')
    .option('--append', 'keeps the columns, and puts <column>_ema behind them')
    .addOption(new Option('--from <format>', 'of what is read (by its extension)').choices(FORMATS))
    .addOption(
      new Option('--to <format>', 'of what is written (by its extension, or as what is read)').choices(FORMATS),
    )
    .option('-o, --output <file>', 'file to write, whole or not at all (stdout)')
    .option('--skip-bad-rows', 'leaves out rows that cannot be read, and counts them')
    .option(
      '--delimiter <character>',
      "of CSV, 'tab' for a tab (the most frequent of , ; | and tab in the header's line)",
    )
    .addHelpText('after', EXAMPLES)
    .action(async (files: readonly string[], flags: SmoothFlags) => {
      const { smooth } = await import('./smooth/smooth.js');
      await smooth(files, flags);
    });
}

function names(text: string): string[] {
  return text.split(',').map((name) => name.trim());
}
