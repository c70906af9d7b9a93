import { Command, Option } from 'commander';

import type { PlotOptions } from '../plot/plot.js';
import { numberOption } from './numberOption.js';

const EXAMPLES = `
Examples:
  rx-ema plot run.csv                                   in the terminal
  rx-ema plot runs --columns train/loss -o loss.svg     all runs of a folder in one picture
  rx-ema plot run.jsonl --half-life 50 --band -o curve.png --theme dark
  rx-ema plot a.csv b.csv --x relative --log-y --title 'Two learning rates' -o both.svg

Raw values are faint, smoothed ones bold. NaN and infinities are marks where they happened: × ▲ ▼.
--alpha 1 smooths nothing.`;

/** `rx-ema plot`: a picture of runs, in a file or in the terminal. */
export function plotCommand(): Command {
  return new Command('plot')
    .description('draws the metrics of files and runs: a picture as SVG or PNG, or a plot in the terminal')
    .argument('<path...>', 'tables (CSV, JSON lines, Arrow, Parquet), TensorBoard event files, folders of runs')
    .option('-o, --output <file>', 'the picture to write, .svg or .png; without it the plot comes in the terminal')
    .option('--columns <names>', 'metrics to draw, with commas between (default: all)', (names) =>
      names.split(',').map((name) => name.trim()),
    )
    .option(
      '--half-life <n>',
      'values after which a weight has halved (default: half the square root of their number)',
      numberOption,
    )
    .option('--decay <d>', 'weight the past keeps over a value, in [0, 1)', numberOption)
    .option('--alpha <a>', '1 - decay', numberOption)
    .option('--span <n>', 'as pandas: alpha = 2/(span + 1)', numberOption)
    .option('--com <n>', 'as pandas: alpha = 1/(1 + com)', numberOption)
    .option('--tau <n>', 'values after which a weight has fallen to 1/e', numberOption)
    .option('--band', 'two standard deviations to either side')
    .option('--by-run', 'a panel for each run, in place of one for each metric')
    .addOption(
      new Option('--x <axis>', 'step, time since the start of each run, or time of day')
        .choices(['step', 'relative', 'wall'])
        .default('step'),
    )
    .option('--log-x', 'a logarithmic x axis')
    .option('--log-y', 'a logarithmic y axis')
    .option('--title <text>', 'above the picture (default: the names of the files)')
    .option('--width <px>', 'of the picture (default: 900)', numberOption)
    .option('--height <px>', 'of the picture (default: 500, more for several rows of panels)', numberOption)
    .addOption(new Option('--theme <theme>', 'of the picture (default: light)').choices(['light', 'dark']))
    .addHelpText('after', EXAMPLES)
    .action(async (paths: readonly string[], options: PlotOptions) => {
      const { plot } = await import('../plot/plot.js');
      await plot(paths, options);
    });
}
